# Run at build time by fusegate_embed: writes OUTPUT from the FILES of DIRECTORY.
string(REPLACE "," ";" FILES "${FILES}")
set(entries "")
foreach(file IN LISTS FILES)
  # Bytes, not a string literal: no quoting, no length limit, any content.
  file(READ ${DIRECTORY}/${file} hex HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
  string(MAKE_C_IDENTIFIER "${file}" identifier)
  string(APPEND definitions "constexpr char ${identifier}[] = {${bytes}'\\0'};\n")
  string(APPEND entries
         "    {\"${file}\", {${identifier}, sizeof(${identifier}) - 1}},\n")
endforeach()
file(WRITE ${OUTPUT}
"#include \"probe/base/embedded.hpp\"
namespace {
${definitions}
constexpr fusegate::EmbeddedFile files[] = {
${entries}};
}  // namespace
namespace fusegate::embedded {
std::span<const EmbeddedFile> ${FUNCTION}() { return files; }
}  // namespace fusegate::embedded
")
