#include "probe/surface/change.hpp"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"

namespace fusegate::probe {

const char* name_of(ChangeKind kind) {
  constexpr std::array names{"removed",
                             "moved",
                             "renamed",
                             "added",
                             "kind_changed",
                             "parameter_added_required",
                             "parameter_added_optional",
                             "parameter_removed",
                             "parameter_renamed",
                             "parameter_moved",
                             "parameter_kind_changed",
                             "parameter_default_changed",
                             "parameter_made_required",
                             "parameter_type_changed",
                             "return_changed",
                             "value_changed",
                             "base_removed",
                             "binding_changed",
                             "condition_changed",
                             "positional_meaning_shifted",
                             "same_name_different_function"};
  return names[static_cast<std::size_t>(kind)];
}

Change change_of(ChangeKind kind, std::string before, std::string after,
                 std::vector<std::string> breaks, std::string reason) {
  Change change;
  change.kind = kind;
  change.before = std::move(before);
  change.after = std::move(after);
  change.breaks = std::move(breaks);
  change.reason = std::move(reason);
  return change;
}

nlohmann::ordered_json to_json(const Change& change) {
  return {{"symbol", change.symbol},
          {"kind", name_of(change.kind)},
          {"before", text_or_null(change.before)},
          {"after", text_or_null(change.after)},
          {"breaking", !change.breaks.empty()},
          {"breaks", change.breaks},
          {"reason", change.reason},
          {"where",
           {{"before", text_or_null(change.where_before)},
            {"after", text_or_null(change.where_after)}}},
          {"also", change.also}};
}

}  // namespace fusegate::probe
