# fusegate_test(NAME SOURCES file... DEPENDS target...): one GoogleTest program, one ctest entry a test.

find_package(GTest 1.12 REQUIRED)
include(GoogleTest)

# Assertions expand to much code, none of it hot; and where it is inlined, GCC 12 warns of what is not so.
set(FUSEGATE_TEST_OPTIONS -O0)

# An executable, because only those are compiled as the tests are, which share its precompiled header.
fusegate_program(fusegate_test_precompiled
  SOURCES ${PROJECT_SOURCE_DIR}/cmake/empty.cpp DEPENDS GTest::gtest_main fusegate_precompiled)
target_compile_options(fusegate_test_precompiled PRIVATE ${FUSEGATE_TEST_OPTIONS})
target_precompile_headers(fusegate_test_precompiled PRIVATE <gtest/gtest.h> ${FUSEGATE_PRECOMPILED})
set_target_properties(fusegate_test_precompiled PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

function(fusegate_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  fusegate_program(${name} SOURCES ${arg_SOURCES} DEPENDS ${arg_DEPENDS} fusegate_precompiled
                   GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM fusegate_test_precompiled)
  target_compile_options(${name} PRIVATE ${FUSEGATE_TEST_OPTIONS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
                       PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
