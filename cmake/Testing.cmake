# fusegate_test(NAME SOURCES file... DEPENDS target...): one GoogleTest program, one ctest entry a test.

find_package(GTest 1.12 REQUIRED)
include(GoogleTest)

function(fusegate_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  fusegate_program(${name} SOURCES ${arg_SOURCES} DEPENDS ${arg_DEPENDS} GTest::gtest_main)
  target_precompile_headers(${name} PRIVATE <gtest/gtest.h> ${FUSEGATE_PRECOMPILED})
  # Assertions expand to much code, none of it hot; and where it is inlined, GCC 12 warns of what is not so.
  target_compile_options(${name} PRIVATE -O0)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
                       PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
