# SPDX-License-Identifier: Apache-2.0

# A folder of object files that another build has made of the same sources: libraries and programs are then taken
# from there, and only tests are compiled. script/test gives that of the package, so that its very objects are tested.
set(SOCKWATCH_PREBUILT "" CACHE PATH "Build folder to take libraries and programs from; empty: compile them")
set(SOCKWATCH_TEST_FLAGS "" CACHE STRING "Compiler flags for tests alone, e.g. -O0")

# Sources of a target that are compiled as one, a dozen at a time: half the work for a build from nothing.
option(SOCKWATCH_UNITY "Compile a library's sources together: faster, but a missing include goes unnoticed" OFF)

# sockwatch_precompiled(TARGET OF): TARGET begins with the headers precompiled for OF.
function(sockwatch_precompiled target of)
  if(SOCKWATCH_PCH)
    target_precompile_headers(${target} REUSE_FROM ${of})
  endif()
endfunction()

# Headers that hundreds of sources include, compiled once; with the flags of those that use them, or compilers refuse.
set(precompiled <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <utility> <vector>)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/precompiled.cpp CONTENT "")
add_library(precompiled_sources STATIC EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/generated/precompiled.cpp)
target_link_libraries(precompiled_sources PRIVATE sockwatch_flags)
target_precompile_headers(precompiled_sources PRIVATE ${precompiled})

# sockwatch_prebuilt(TARGET FILE): where TARGET is, in the same folder there as here.
function(sockwatch_prebuilt target file)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${SOCKWATCH_PREBUILT}/${folder}/${file} IMPORTED_NO_SYSTEM ON)
endfunction()

# sockwatch_library(NAME SOURCES a.cpp ... [USES other_room ...] [LINKS third_party ...] [INCLUDES folder ...])
# A room of lib/, or a program but for its main(). Its third-party libraries stay private: they have one door.
function(sockwatch_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LINKS;INCLUDES" ${ARGN})
  list(TRANSFORM ARG_USES PREPEND sockwatch_)
  if(SOCKWATCH_PREBUILT)
    add_library(sockwatch_${name} STATIC IMPORTED GLOBAL)
    target_link_libraries(sockwatch_${name} INTERFACE sockwatch_flags ${ARG_USES} ${ARG_LINKS})
    sockwatch_prebuilt(sockwatch_${name} libsockwatch_${name}.a)
    return()
  endif()
  add_library(sockwatch_${name} STATIC ${ARG_SOURCES})
  set_target_properties(sockwatch_${name} PROPERTIES UNITY_BUILD ${SOCKWATCH_UNITY} UNITY_BUILD_BATCH_SIZE 12)
  target_link_libraries(sockwatch_${name} PUBLIC sockwatch_flags ${ARG_USES} PRIVATE ${ARG_LINKS})
  target_include_directories(sockwatch_${name} SYSTEM PRIVATE ${ARG_INCLUDES})
  sockwatch_precompiled(sockwatch_${name} precompiled_sources)
endfunction()

# sockwatch_program(NAME INTO folder USES library): a program, its main.cpp, and where it is installed.
function(sockwatch_program name)
  cmake_parse_arguments(ARG "" "INTO;USES" "" ${ARGN})
  if(SOCKWATCH_PREBUILT)
    add_executable(${name} IMPORTED GLOBAL)
    sockwatch_prebuilt(${name} ${name})
    return()
  endif()
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE sockwatch_${ARG_USES})
  install(TARGETS ${name} RUNTIME DESTINATION ${ARG_INTO})
endfunction()

# sockwatch_test(NAME LABEL tier SOURCES a_test.cpp ... [USES room ...] [LINKS third_party ...] [THREADS])
# One GoogleTest program, one ctest entry, labelled with its tier. THREADS: more than one thread runs in it, so
# ThreadSanitizer has something to say; labelled so, too.
function(sockwatch_test name)
  cmake_parse_arguments(ARG "THREADS" "LABEL" "SOURCES;USES;LINKS" ${ARGN})
  list(TRANSFORM ARG_USES PREPEND sockwatch_)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE sockwatch_test_flags ${ARG_USES} ${ARG_LINKS} GTest::gtest GTest::gtest_main)
  sockwatch_precompiled(${name} precompiled_tests)
  add_test(NAME ${name} COMMAND ${name})
  set(labels ${ARG_LABEL})
  if(ARG_THREADS)
    list(APPEND labels threads)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${labels}")
  foreach(label ${labels})
    sockwatch_tier(${label} ${name})
  endforeach()
endfunction()

# sockwatch_tier(TIER TARGET...): what the tests of a tier need to be built. `cmake --build DIR --target tier_unit`.
function(sockwatch_tier tier)
  if(NOT TARGET tier_${tier})
    add_custom_target(tier_${tier})
  endif()
  if(ARGN)
    add_dependencies(tier_${tier} ${ARGN})
  endif()
endfunction()
