// fusegate-worker-mutants --mutant=NAME: a worker whose rms_norm has a planted defect.
#include <cstdio>
#include <string_view>
#include <vector>

#include "kernels/worker/worker_main.hpp"
#include "suites/mutants/mutants.hpp"

int main(int argc, char** argv) {
  constexpr std::string_view option = "--mutant=";
  std::string_view wanted;
  std::vector<char*> others;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(option)) {
      wanted = argument.substr(option.size());
    } else {
      others.push_back(argv[i]);
    }
  }
  for (const auto& mutant : fusegate::suites::all_mutants()) {
    if (mutant.name != wanted) continue;
    return fusegate::kernels::worker_main(static_cast<int>(others.size()), others.data(),
                                          {{"rms_norm", mutant.launch}});
  }
  std::fprintf(stderr, "%s: --mutant=NAME is missing or unknown; there are:\n", argv[0]);
  for (const auto& mutant : fusegate::suites::all_mutants()) {
    std::fprintf(stderr, "  %-20s %s\n", mutant.name.data(), mutant.defect.data());
  }
  return 2;
}
