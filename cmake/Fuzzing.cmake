# fusegate_fuzzer(NAME DEPENDS target...): NAME_fuzz.cpp and corpus/NAME of this folder become the test
# NAME_fuzz_test, which reads the corpus once, and with FUSEGATE_FUZZ the program NAME_fuzz, which
# searches for input that breaks it (tools/fuzz/README.md).

if(FUSEGATE_FUZZ)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS -fsanitize=fuzzer)
  check_cxx_source_compiles("
    #include <cstddef>
    extern \"C\" int LLVMFuzzerTestOneInput(const unsigned char*, std::size_t) { return 0; }"
    FUSEGATE_HAS_LIBFUZZER)
  unset(CMAKE_REQUIRED_FLAGS)
  if(NOT FUSEGATE_HAS_LIBFUZZER)
    message(FATAL_ERROR "FUSEGATE_FUZZ=ON, but ${CMAKE_CXX_COMPILER} has no libFuzzer. Install clang and "
                        "its compiler-rt (Debian: clang-19, libclang-rt-19-dev), and configure with "
                        "-DCMAKE_CXX_COMPILER=clang++-19.")
  endif()
endif()

function(fusegate_fuzzer name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  if(FUSEGATE_TESTS)
    fusegate_test(${name}_fuzz_test
      SOURCES ${name}_fuzz.cpp replay_test.cpp
      DEPENDS ${arg_DEPENDS})
    target_compile_definitions(${name}_fuzz_test PRIVATE
      FUSEGATE_FUZZ_CORPUS="${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}")
  endif()
  if(FUSEGATE_FUZZ)
    fusegate_program(${name}_fuzz SOURCES ${name}_fuzz.cpp DEPENDS ${arg_DEPENDS})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
