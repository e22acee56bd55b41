#pragma once

#include <cstdint>
#include <string>

#include "reports/summary.hpp"
#include "suites/result.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/options.hpp"

namespace fusegate::tools {

/// What a person sees of cases while they run, and of all of them at the end.
class CaseLog {
 public:
  /// `every_case`: print passes too. `cases` and `repeat`: what repeating a case alone needs.
  CaseLog(const Console& console, Progress& progress, bool every_case, CaseOptions cases,
          std::string python, int repeat);

  /// A case that is no plain pass, with its reason and the line that repeats it alone.
  void show(const suites::Result& result);

 private:
  [[nodiscard]] std::string repro(const suites::Result& result) const;

  const Console& console_;
  Progress& progress_;
  bool every_case_;
  CaseOptions cases_;
  std::string python_;
  int repeat_;
  std::uint64_t shown_ = 0;
};

/// The table at the end: verdicts and largest errors.
void print_summary(const Console& console, const reports::Summary& summary);

}  // namespace fusegate::tools
