// Every adapter is tried on a library of its generation, which is made for the test: the signature
// is the contract's, what it does stands in kernels/providers/testing/fake_library.
#include "suites/library_implementation.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/text.hpp"
#include "suites/runner.hpp"

namespace fusegate::suites {
namespace {

namespace fs = std::filesystem;

/// A generation with an adapter.
struct Adapted {
  std::string library, contract;
  int generation;
};

std::vector<Adapted> all_adapted() {
  std::vector<Adapted> all;
  for (const auto& library : probe::known_libraries()) {
    for (const auto& contract : library.contracts) {
      for (std::size_t i = 0; i < contract.generations.size(); ++i) {
        if (!contract.generations[i].adapter) continue;
        all.push_back({library.name, contract.name, static_cast<int>(i)});
      }
    }
  }
  return all;
}

std::string test_name(const ::testing::TestParamInfo<Adapted>& info) {
  std::string name =
      fmt::format("{}_{}_{}", info.param.library, info.param.contract, info.param.generation);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

/// The interpreter's modules: a torch in plain Python.
class FakeTorch {
 public:
  FakeTorch() { ::setenv("PYTHONPATH", FUSEGATE_FAKE_TORCH, 1); }
  ~FakeTorch() { ::unsetenv("PYTHONPATH"); }
  FakeTorch(const FakeTorch&) = delete;
  FakeTorch& operator=(const FakeTorch&) = delete;
};

/// A package with one function of the signature, in `root`.
void write_library(const fs::path& root, const probe::Generation& generation,
                   const std::string& symbol) {
  const auto parts = split(generation.module, '.');
  fs::path folder = root;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    folder /= parts[i];
    fs::create_directories(folder);
    std::ofstream(folder / "__init__.py").close();
  }
  std::ofstream(folder / (std::string(parts.back()) + ".py"))
      << "from __future__ import annotations\nimport sys\n"
      << "sys.path.append('" << FUSEGATE_FAKE_LIBRARY << "')\nimport norms\n"
      << "class QuantType:\n    No = 0\n\n"
      << "def " << symbol << generation.signature << ":\n"
      << "    return norms.call(__name__, '" << symbol << "', dict(locals()))\n";
}

std::vector<std::string> cases_of(const std::string& op) {
  if (op == "dual_rms_norm") {
    return {"dual_rms_norm dtype=bf16 tokens=3 q_hidden=24 kv_hidden=8 q_eps=0.01 kv_eps=1e-06",
            "dual_rms_norm dtype=fp16 tokens=2 q_hidden=16 kv_hidden=16 q_eps=1e-06 kv_eps=0.01"};
  }
  std::vector<std::string> lines{op + " dtype=bf16 tokens=3 hidden=24 eps=0.01",
                                 op + " dtype=fp16 tokens=2 hidden=32 eps=1e-06 x_stride=40"};
  if (op == "add_rms_norm") lines.push_back(lines.front() + " in_place=1");
  return lines;
}

class LibraryImplementation : public ::testing::TestWithParam<Adapted> {
 protected:
  TemporaryFolder folder_;
  FakeTorch torch_;
};

TEST_P(LibraryImplementation, CallsItsGeneration) {
  const auto libraries = probe::known_libraries();
  const auto& library = find_contract(libraries, GetParam().library);
  const auto contract = std::find_if(library.contracts.begin(), library.contracts.end(),
                                     [](const auto& c) { return c.name == GetParam().contract; });
  const auto& generation =
      contract->generations.at(static_cast<std::size_t>(GetParam().generation));
  write_library(folder_.path(), generation, contract->symbol);

  probe::Identification found;
  found.location.root = folder_.path();
  probe::ContractRow row;
  row.contract = contract->name;
  row.op = contract->op;
  row.status = probe::ContractStatus::known;
  row.generation = generation.id;
  row.module = generation.module;
  row.known = &generation;
  found.contracts = {row};
  const probe::LibraryImplementation chosen{
      "toy", "", {"amd"}, {}, {{contract->op, {contract->name}}}};
  ::setenv("FAKE_TORCH_GPU", "1", 1);
  Session session(library_implementation(chosen, library, found,
                                         {.python = "python3", .cache = folder_.path() / "cache"}),
                  {});
  for (const auto& line : cases_of(contract->op)) {
    const auto result = session.run(parse_case(line));
    EXPECT_EQ(result.verdict, Verdict::pass) << line << ": " << result.reason;
  }
}

INSTANTIATE_TEST_SUITE_P(Adapter, LibraryImplementation, ::testing::ValuesIn(all_adapted()),
                         test_name);

}  // namespace
}  // namespace fusegate::suites
