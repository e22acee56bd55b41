# fusegate_version: a header with the version and, found anew at each build, the commit.

set(FUSEGATE_VERSION_DIR ${PROJECT_BINARY_DIR}/generated)
add_custom_target(fusegate_version_header
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
          -DOUTPUT=${FUSEGATE_VERSION_DIR}/fusegate_version.hpp
          -P ${PROJECT_SOURCE_DIR}/cmake/version_script.cmake
  BYPRODUCTS ${FUSEGATE_VERSION_DIR}/fusegate_version.hpp
  COMMENT "" VERBATIM)
add_library(fusegate_version INTERFACE)
target_include_directories(fusegate_version INTERFACE ${FUSEGATE_VERSION_DIR})
add_dependencies(fusegate_version fusegate_version_header)
