# Data files that a program needs at run time are compiled into it, so that a copied binary is whole.
#
# fusegate_embed(TARGET target FUNCTION name DIRECTORY dir FILES file...) gives the target
#   std::span<const fusegate::EmbeddedFile> fusegate::embedded::name();
# (probe/base/embedded.hpp); the files' names are relative to dir.
function(fusegate_embed)
  cmake_parse_arguments(arg "" "TARGET;FUNCTION;DIRECTORY" "FILES" ${ARGN})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${arg_FUNCTION}.embedded.cpp)
  list(TRANSFORM arg_FILES PREPEND ${arg_DIRECTORY}/ OUTPUT_VARIABLE inputs)
  string(REPLACE ";" "," files_argument "${arg_FILES}")
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DFUNCTION=${arg_FUNCTION} -DDIRECTORY=${arg_DIRECTORY}
            -DFILES=${files_argument} -DOUTPUT=${output}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_files_script.cmake
    DEPENDS ${inputs} ${PROJECT_SOURCE_DIR}/cmake/embed_files_script.cmake
    COMMENT "Embedding the data files of ${arg_TARGET}"
    VERBATIM)
  target_sources(${arg_TARGET} PRIVATE ${output})
endfunction()
