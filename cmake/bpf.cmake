# SPDX-License-Identifier: Apache-2.0
# BPF programs need clang and bpftool to build and libbpf to load; SOCKWATCH_BPF says whether all three are there.
find_program(BPF_CLANG NAMES clang-14 clang)
find_program(BPFTOOL bpftool PATHS /usr/sbin /sbin)
pkg_check_modules(libbpf IMPORTED_TARGET libbpf)
if(BPF_CLANG AND BPFTOOL AND libbpf_FOUND)
  set(SOCKWATCH_BPF ON)
endif()

# sockwatch_bpf_skeleton(VAR NAME.bpf.c HEADER...): makes NAME.skel.h in the build folder, and its path VAR.
function(sockwatch_bpf_skeleton var source)
  string(REPLACE .bpf.c "" program ${source})
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${program}.bpf.o)
  set(skeleton ${CMAKE_CURRENT_BINARY_DIR}/${program}.skel.h)
  add_custom_command(OUTPUT ${skeleton}
    COMMAND ${BPF_CLANG} -g -O2 -target bpf -D__TARGET_ARCH_x86 -I${PROJECT_SOURCE_DIR}
      -I/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
      -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -fdebug-compilation-dir=.  # the same bytes from every folder
      -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
    COMMAND ${BPFTOOL} gen skeleton ${object} name ${program} > ${skeleton}
    DEPENDS ${source} ${ARGN}
    COMMENT "BPF program ${program}")
  set(${var} ${skeleton} PARENT_SCOPE)
endfunction()
