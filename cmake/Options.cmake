# What a person may choose when configuring, and the defaults.

option(FUSEGATE_TESTS "Build the tests" ON)
option(FUSEGATE_WERROR "Treat compiler warnings as errors" OFF)
option(FUSEGATE_PORTABLE
       "Link C++ dependencies statically, so that the programs can be copied to another machine" OFF)
option(FUSEGATE_FUZZ "Build the fuzz targets of tools/fuzz; needs clang's libFuzzer" OFF)
set(FUSEGATE_SANITIZE "" CACHE STRING
    "Sanitizers to build with: empty, 'address,undefined' or 'thread'")
set(FUSEGATE_CUDA AUTO CACHE STRING "Build fusegate-worker-cuda: AUTO (where nvcc is), ON or OFF")
set(FUSEGATE_AMD AUTO CACHE STRING "Build fusegate-worker-amd: AUTO (where hipcc is), ON or OFF")
set(FUSEGATE_AMD_ARCHS "" CACHE STRING
    "GPU targets of fusegate-worker-amd, e.g. 'gfx90a;gfx942'; empty: what the hipcc found supports")
set_property(CACHE FUSEGATE_CUDA FUSEGATE_AMD PROPERTY STRINGS AUTO ON OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

# -O3 makes these programs larger and slower to build, not faster: kernels ask for it themselves.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(FUSEGATE_CCACHE ccache)
if(FUSEGATE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FUSEGATE_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${FUSEGATE_CCACHE})
endif()
