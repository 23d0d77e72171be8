# SPDX-License-Identifier: Apache-2.0
# Warnings, sanitizers and hardening: one place for every target.
add_library(sockwatch_flags INTERFACE)
target_include_directories(sockwatch_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_options(sockwatch_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -fstack-protector-strong)
if(SOCKWATCH_WERROR)
  target_compile_options(sockwatch_flags INTERFACE -Werror)
endif()
if(SOCKWATCH_SANITIZE)
  target_compile_options(sockwatch_flags INTERFACE
    -fsanitize=${SOCKWATCH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sockwatch_flags INTERFACE -fsanitize=${SOCKWATCH_SANITIZE})
  if(SOCKWATCH_SANITIZE MATCHES "address")
    target_compile_definitions(sockwatch_flags INTERFACE SOCKWATCH_LEAK_CHECK)
  endif()
endif()
if(SOCKWATCH_FUZZ)
  target_compile_options(sockwatch_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SOCKWATCH_PCH AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # Else ccache finds each precompiled header a new one.
  target_compile_options(sockwatch_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
elseif(SOCKWATCH_PCH)
  # g++ 12 forgets in a precompiled header which lines are the system's, and then warns about those of std::string.
  target_compile_options(sockwatch_flags INTERFACE -Wno-array-bounds)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  # Else it does not keep what was compiled with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
