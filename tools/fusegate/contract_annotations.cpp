#include "tools/fusegate/contract_annotations.hpp"

#include <fmt/format.h>

#include "probe/sources/git.hpp"
#include "tools/fusegate/github_annotation.hpp"

namespace fusegate::tools {

std::string checkout_prefix(const std::filesystem::path& root) {
  const auto top = probe::checkout_around(root);
  if (!top || *top == root) return "";
  return root.lexically_relative(*top).generic_string() + "/";
}

void print_annotations(const Console& console, const ContractOutcome& outcome,
                       const std::filesystem::path& root) {
  const auto prefix = checkout_prefix(root);
  for (const auto& judged : outcome.check.uses) {
    const auto finding = finding_of(judged);
    const bool is_error = outcome.counts(finding);
    const bool may_break =
        judged.consequence == probe::Consequence::conditional && outcome.is_new(finding);
    if (!is_error && !may_break) continue;
    const auto& symbol = judged.use.symbol;
    console.insist(github_annotation(
        is_error ? "error" : "warning", prefix + judged.use.module->source.name, judged.use.line,
        fmt::format("{} {}", name_of(judged.consequence), symbol),
        fmt::format("{} [{}]", judged.detail.empty() ? symbol : judged.detail, judged.id)));
  }
  for (const auto& gap : outcome.check.attributes.gaps) {
    if (!outcome.counts(finding_of(gap))) continue;
    const auto title = fmt::format("missing {}.{}", gap.class_name, gap.alternatives.front());
    console.insist(github_annotation("error", prefix + gap.file, gap.line, title,
                                     fmt::format("{} [{}]", gap.detail, finding_of(gap).id)));
  }
}

}  // namespace fusegate::tools
