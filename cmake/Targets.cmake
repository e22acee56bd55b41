# One way to declare a library, a program or an object of the house.

set(FUSEGATE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    -Wcast-qual -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wvla
    # Designated initializers leave fields to their defaults on purpose.
    -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND FUSEGATE_WARNINGS -Wno-restrict)  # false alarms on std::string, GCC bug 105651
endif()

string(REPLACE "," ";" FUSEGATE_SANITIZERS "${FUSEGATE_SANITIZE}")
if(FUSEGATE_FUZZ)
  list(APPEND FUSEGATE_SANITIZERS fuzzer-no-link)  # what leads the search to new code
endif()

# Sanitizer flags are target properties, not global ones: the SIMT runtime must not be instrumented
# by ThreadSanitizer (see kernels/runtime/simt/README.md).
function(fusegate_sanitize target)
  foreach(sanitizer IN LISTS FUSEGATE_SANITIZERS)
    target_compile_options(${target} PRIVATE -fsanitize=${sanitizer} -fno-omit-frame-pointer)
    if(sanitizer STREQUAL undefined)
      target_compile_options(${target} PRIVATE -fno-sanitize-recover=undefined)
    endif()
    target_link_options(${target} PUBLIC -fsanitize=${sanitizer})
  endforeach()
endfunction()

function(fusegate_compile_settings target)
  target_compile_options(${target} PRIVATE ${FUSEGATE_WARNINGS}
                         $<$<BOOL:${FUSEGATE_WERROR}>:-Werror>
                         # Messages name files as the repository does, on any machine.
                         -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# Headers that most files read and that take a second or more of each.
set(FUSEGATE_PRECOMPILED ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp <fmt/format.h> <filesystem>
    <functional> <map> <optional> <string> <vector>)
# What reads and writes documents waits for others most of the time. It takes a third less to compile
# so, and under sanitizers, which are built as RelWithDebInfo, two thirds.
set(FUSEGATE_DOCUMENT_OPTIONS $<$<CONFIG:Release>:-O1> $<$<CONFIG:RelWithDebInfo>:-O0>)
# For single files among them that compute.
set(FUSEGATE_COMPUTE_OPTIONS $<$<CONFIG:Release>:-O2> $<$<CONFIG:RelWithDebInfo>:-O1>)

# fusegate_library(NAME SOURCES file... [DEPENDS target...] [PRIVATE_DEPENDS target...] [JSON])
# makes fusegate_NAME with the alias fusegate::NAME. JSON: its files read <nlohmann/json.hpp> and are
# compiled with FUSEGATE_DOCUMENT_OPTIONS.
function(fusegate_library name)
  cmake_parse_arguments(arg "JSON" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(fusegate_${name} STATIC ${arg_SOURCES})
  add_library(fusegate::${name} ALIAS fusegate_${name})
  target_link_libraries(fusegate_${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
  fusegate_compile_settings(fusegate_${name})
  fusegate_sanitize(fusegate_${name})
  if(arg_JSON)
    target_link_libraries(fusegate_${name} PUBLIC fusegate_precompiled)
    target_compile_options(fusegate_${name} PRIVATE ${FUSEGATE_DOCUMENT_OPTIONS})
    target_precompile_headers(fusegate_${name} REUSE_FROM fusegate_precompiled)
  endif()
endfunction()

# fusegate_program(NAME SOURCES file... DEPENDS target...) leaves NAME in bin/.
function(fusegate_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS})
  fusegate_compile_settings(${name})
  fusegate_sanitize(${name})
  if(FUSEGATE_PORTABLE)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()

# With the one instance of nlohmann::ordered_json that all files use.
add_library(fusegate_precompiled STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
target_link_libraries(fusegate_precompiled PUBLIC fusegate_fmt nlohmann_json::nlohmann_json)
fusegate_compile_settings(fusegate_precompiled)
fusegate_sanitize(fusegate_precompiled)
target_compile_options(fusegate_precompiled PRIVATE ${FUSEGATE_DOCUMENT_OPTIONS})
target_precompile_headers(fusegate_precompiled PRIVATE ${FUSEGATE_PRECOMPILED})
