// The reader of signatures and the one spelling of annotations and values (probe/surface): what is
// written is read back as it was, and what is in one spelling stays so.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "probe/surface/parse_signature.hpp"
#include "probe/surface/spelling.hpp"
#include "tools/fuzz/require.hpp"

using namespace fusegate;
using namespace fusegate::probe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto annotation = normal_annotation(text);
  require(normal_annotation(annotation) == annotation, "an annotation in one spelling stays so");
  const auto value = normal_value(text);
  require(normal_value(value) == value, "a value in one spelling stays so");

  const auto signature = parse_signature(text);
  if (!signature) return 0;
  const auto again = parse_signature(signature->text);
  require(again.has_value(), "a signature that is written can be read");
  require(again->parameters == signature->parameters, "its parameters are read as they were");
  require(again->returns == signature->returns, "what it returns is read as it was");
  require(again->text == signature->text, "it is written as it was");
  (void)normal_signature(signature->parameters, signature->returns);
  return 0;
}
