#pragma once

#include <vector>

#include "probe/engine/activity.hpp"
#include "probe/engine/judged_use.hpp"

namespace fusegate::probe {

/// Says what the uses of an engine come to. Not for several threads at once.
class Judge {
 public:
  /// Both must outlive it.
  Judge(UseResolver& resolver, Activity& activity) : resolver_(resolver), activity_(activity) {}

  /// Every use of all modules: what one of them comes to may depend on others. The activity refers
  /// to the result afterwards.
  [[nodiscard]] std::vector<JudgedUse> judge(std::vector<Use> uses);

 private:
  void judge_one(JudgedUse& judged);
  [[nodiscard]] bool is_behind_failure(const JudgedUse& judged);
  void drop_dead(std::vector<JudgedUse>& judged);
  void mark_misled(std::vector<JudgedUse>& judged);

  UseResolver& resolver_;
  Activity& activity_;
};

}  // namespace fusegate::probe
