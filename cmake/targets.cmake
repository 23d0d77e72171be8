# SPDX-License-Identifier: Apache-2.0

# sockwatch_library(NAME SOURCES a.cpp ... [USES other_room ...] [LINKS third_party ...])
# A room of lib/. Its third-party libraries stay private: they have one door.
function(sockwatch_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LINKS" ${ARGN})
  add_library(sockwatch_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(sockwatch_${name} PUBLIC sockwatch_flags)
  foreach(room ${ARG_USES})
    target_link_libraries(sockwatch_${name} PUBLIC sockwatch_${room})
  endforeach()
  target_link_libraries(sockwatch_${name} PRIVATE ${ARG_LINKS})
endfunction()

# sockwatch_test(NAME LABEL tier SOURCES a_test.cpp ... [USES room ...] [LINKS third_party ...])
# One GoogleTest program, one ctest entry, labelled with its tier.
function(sockwatch_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;USES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_definitions(${name} PRIVATE SOCKWATCH_TESTS_DIR="${PROJECT_SOURCE_DIR}/tests")
  foreach(room ${ARG_USES})
    target_link_libraries(${name} PRIVATE sockwatch_${room})
  endforeach()
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL})
endfunction()
