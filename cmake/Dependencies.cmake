# Everything the project is built from, found on the machine: nothing is downloaded.
# tools/packages.txt names the distribution packages that hold these.

find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(CLI11 2.1 REQUIRED)
find_path(VALIJSON_INCLUDE_DIR valijson/validator.hpp REQUIRED)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
find_path(ROCM_SMI_INCLUDE_DIR rocm_smi/rocm_smi.h HINTS /opt/rocm/include)
if(FUSEGATE_PORTABLE)
  set(Boost_USE_STATIC_LIBS ON)
endif()
find_package(Boost 1.74 REQUIRED COMPONENTS context)

if(FUSEGATE_PORTABLE)
  # Debian's libfmt-dev has no static library; header-only needs none.
  add_library(fusegate_fmt ALIAS fmt::fmt-header-only)
else()
  add_library(fusegate_fmt ALIAS fmt::fmt)
endif()

# elfutils' libelf has no CMake package. Its static library needs zlib's, and zstd's since 0.189.
add_library(fusegate_libelf INTERFACE)
find_path(LIBELF_INCLUDE_DIR gelf.h REQUIRED)
target_include_directories(fusegate_libelf SYSTEM INTERFACE ${LIBELF_INCLUDE_DIR})
if(FUSEGATE_PORTABLE)
  find_library(LIBELF_STATIC_LIBRARY libelf.a REQUIRED)
  find_library(ZLIB_STATIC_LIBRARY libz.a REQUIRED)
  find_library(ZSTD_STATIC_LIBRARY libzstd.a)
  target_link_libraries(fusegate_libelf INTERFACE ${LIBELF_STATIC_LIBRARY} ${ZLIB_STATIC_LIBRARY})
  if(ZSTD_STATIC_LIBRARY)
    target_link_libraries(fusegate_libelf INTERFACE ${ZSTD_STATIC_LIBRARY})
  endif()
else()
  find_library(LIBELF_LIBRARY elf REQUIRED)
  target_link_libraries(fusegate_libelf INTERFACE ${LIBELF_LIBRARY})
endif()

# libffi has no CMake package either.
add_library(fusegate_libffi INTERFACE)
find_path(LIBFFI_INCLUDE_DIR ffi.h REQUIRED)
target_include_directories(fusegate_libffi SYSTEM INTERFACE ${LIBFFI_INCLUDE_DIR})
if(FUSEGATE_PORTABLE)
  # Programs are position-independent; Debian has two static libraries, Ubuntu's one is.
  find_library(LIBFFI_STATIC_LIBRARY NAMES libffi_pic.a libffi.a REQUIRED)
  target_link_libraries(fusegate_libffi INTERFACE ${LIBFFI_STATIC_LIBRARY})
else()
  find_library(LIBFFI_LIBRARY ffi REQUIRED)
  target_link_libraries(fusegate_libffi INTERFACE ${LIBFFI_LIBRARY})
endif()
