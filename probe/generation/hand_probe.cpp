#include "probe/generation/hand_probe.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/generation/defects.hpp"

namespace fusegate::probe {
namespace {

using json = nlohmann::ordered_json;
using Answer = ProbeAnswer::Answer;
using Misled = ProbeAnswer::Misled;

constexpr std::array kinds{"hasattr", "import", "find_spec", "signature", "getattr", "text"};

HandProbe hand_probe_of(const json& object) {
  HandProbe probe;
  probe.engine = object.at("engine");
  probe.where = object.at("where");
  probe.text = object.at("text");
  const std::string kind = object.at("kind");
  const auto it = std::find(kinds.begin(), kinds.end(), kind);
  probe.kind = static_cast<HandProbe::Kind>(it - kinds.begin());
  probe.symbol = object.value("symbol", "");
  probe.parameter = object.value("parameter", "");
  probe.member = object.value("member", "");
  probe.feature.files = object.value("file", std::vector<std::string>{});
  probe.feature.has = object.value("has", "");
  probe.then = object.value("then", "");
  if (const auto means = object.find("means"); means != object.end()) {
    probe.contract = means->at("contract");
    probe.generations = means->at("generations").get<std::vector<std::string>>();
  }
  return probe;
}

/// Answers one probe.
class Respondent {
 public:
  Respondent(const HandProbe& probe, const std::vector<ContractRow>& rows, const Subject& subject)
      : probe_(probe), rows_(rows), subject_(subject) {
    answer_.probe = &probe;
  }

  ProbeAnswer run() {
    switch (probe_.kind) {
      case HandProbe::Kind::hasattr:
      case HandProbe::Kind::import:
      case HandProbe::Kind::find_spec:
        look_for(probe_.symbol);
        break;
      case HandProbe::Kind::getattr:
        look_for_member();
        break;
      case HandProbe::Kind::signature:
        look_at_signature();
        break;
      case HandProbe::Kind::text:
        search();
        break;
    }
    compare_with_meaning();
    return std::move(answer_);
  }

 private:
  Surface& surface() { return subject_.loaded.surface; }

  void look_for(const std::string& symbol) {
    const auto meanings = surface().lookup(symbol);
    const auto found = std::find_if(meanings.begin(), meanings.end(), [](const Meaning& meaning) {
      return meaning.kind != Meaning::Kind::missing && meaning.kind != Meaning::Kind::computed;
    });
    if (found != meanings.end()) {
      answer_.answer = Answer::yes;
      answer_.where = place_of(*found);
      weigh_conditions(*found);
      if (found->kind == Meaning::Kind::attribute) {
        answer_.misled = Misled::may_be;
        answer_.reason = found->reason + "; an instance that did not come so far has none";
      }
      return;
    }
    answer_.answer = Answer::no;
    if (meanings.empty()) return;
    const auto& meaning = meanings.front();
    answer_.reason = meaning.reason;
    answer_.where = place_of(meaning);
    if (meaning.kind == Meaning::Kind::computed) {
      answer_.answer = meaning.statement == nullptr ? Answer::yes : Answer::unknown;
    }
  }

  /// An import that is allowed to fail makes the name vanish for a reason that has nothing to do
  /// with the question.
  void weigh_conditions(const Meaning& meaning) {
    if (meaning.conditions.empty()) return;
    const auto text = condition_text(meaning.conditions);
    const bool is_swallowed =
        std::any_of(meaning.conditions.begin(), meaning.conditions.end(),
                    [](const Condition& condition) { return condition.kind == "try"; });
    if (!is_swallowed) {
      answer_.reason = "under: " + text;
      return;
    }
    answer_.misled = Misled::may_be;
    answer_.reason = fmt::format(
        "under: {}; an import that fails there is swallowed, and the answer is no whatever the "
        "library has",
        text);
  }

  void look_for_member() {
    look_for(probe_.symbol);
    if (answer_.answer != Answer::yes) return;
    for (const auto& symbol : symbols_named(subject_.loaded, probe_.symbol)) {
      const auto members = members_of(symbol, subject_.loaded);
      const bool is_member = std::any_of(members.begin(), members.end(), [&](const auto& member) {
        return member.first == probe_.member;
      });
      if (is_member) return;
    }
    answer_.where.clear();
    look_for(probe_.symbol + "." + probe_.member);
  }

  void look_at_signature() {
    look_for(probe_.symbol);
    if (answer_.answer != Answer::yes) return;
    auto meanings = surface().lookup(probe_.symbol);
    std::erase_if(meanings, [](const Meaning& m) { return m.kind != Meaning::Kind::function; });
    if (meanings.empty()) {
      answer_.answer = Answer::unknown;
      answer_.reason = "it is no function of the library's own";
      return;
    }
    const auto signature = signature_of(meanings.front(), surface());
    const bool has_it =
        signature && std::any_of(signature->parameters.begin(), signature->parameters.end(),
                                 [&](const Parameter& p) { return p.name == probe_.parameter; });
    answer_.answer = has_it ? Answer::yes : Answer::no;
    const auto& function = std::get<Function>(meanings.front().statement->what);
    const auto binding =
        binding_of(function, *meanings.front().module, surface(), subject_.rules.bindings);
    if (has_it && binding && subject_.loaded.erasing_decorators.contains(binding->decorator)) {
      answer_.answer = Answer::no;
      answer_.misled = Misled::yes;
      answer_.reason = fmt::format(
          "the source has {}, but its decorator hides the signature from inspect.signature",
          probe_.parameter);
    }
  }

  void search() {
    const auto is_there = has_feature(probe_.feature, subject_);
    if (!is_there) {
      answer_.reason = "the file that it reads is not here";
      return;
    }
    answer_.answer = *is_there ? Answer::yes : Answer::no;
    if (*is_there) answer_.where = probe_.feature.files.front();
  }

  void compare_with_meaning() {
    if (probe_.contract.empty()) return;
    const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const ContractRow& r) {
      return r.contract == probe_.contract;
    });
    if (row == rows_.end()) return;
    const auto& wanted = probe_.generations;
    const bool is_meant = row->status == ContractStatus::known &&
                          std::find(wanted.begin(), wanted.end(), row->generation) != wanted.end();
    if (answer_.answer == Answer::yes && !is_meant && row->status != ContractStatus::missing) {
      mislead(fmt::format(
          "{} is there, but it is not what the engine takes it for: {}", probe_.contract,
          row->status == ContractStatus::known
              ? fmt::format("generation {}, not {}", row->generation, join(wanted, " or "))
              : "a generation that is not known"));
    } else if (answer_.answer == Answer::no && is_meant) {
      mislead(fmt::format("what the engine looks for is there, as {}", row->names.front()));
    }
  }

  void mislead(const std::string& why) {
    answer_.misled = Misled::yes;
    answer_.reason = why + (answer_.reason.empty() ? "" : "; " + answer_.reason);
  }

  const HandProbe& probe_;
  const std::vector<ContractRow>& rows_;
  const Subject& subject_;
  ProbeAnswer answer_;
};

}  // namespace

std::vector<HandProbe> parse_hand_probes(std::string_view text) {
  const json object = json::parse(text);
  std::vector<HandProbe> probes;
  for (const auto& probe : object.at("probes")) probes.push_back(hand_probe_of(probe));
  return probes;
}

std::vector<ProbeAnswer> answer_hand_probes(const std::vector<HandProbe>& probes,
                                            const std::vector<ContractRow>& rows,
                                            const Subject& subject) {
  std::vector<ProbeAnswer> answers;
  for (const auto& probe : probes) answers.push_back(Respondent(probe, rows, subject).run());
  return answers;
}

const char* name_of(ProbeAnswer::Answer answer) {
  constexpr std::array names{"yes", "no", "unknown"};
  return names[static_cast<std::size_t>(answer)];
}

json to_json(const ProbeAnswer& answer) {
  constexpr std::array misled{"no", "may_be", "yes"};
  const auto& probe = *answer.probe;
  return {{"engine", probe.engine},
          {"where", probe.where},
          {"text", probe.text},
          {"kind", kinds[static_cast<std::size_t>(probe.kind)]},
          {"answer", name_of(answer.answer)},
          {"found", text_or_null(answer.where)},
          {"misled", misled[static_cast<std::size_t>(answer.misled)]},
          {"reason", text_or_null(answer.reason)},
          {"then", text_or_null(probe.then)}};
}

}  // namespace fusegate::probe
