// Every adapter is tried on a library of its generation, which is made for the test: the signature
// is the contract's, what it does stands in kernels/providers/testing/fake_library.
#include "suites/library_implementation.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/base/text.hpp"
#include "probe/library/guard.hpp"
#include "probe/process/subprocess.hpp"
#include "suites/request.hpp"
#include "suites/runner.hpp"
#include "suites/testing/known_library.hpp"

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
  FakeTorch() {
    ::setenv("PYTHONPATH", FUSEGATE_FAKE_TORCH, 1);
    ::setenv("FAKE_TORCH_GPU", "1", 1);
  }
  ~FakeTorch() {
    ::unsetenv("PYTHONPATH");
    ::unsetenv("FAKE_TORCH_GPU");
  }
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
      << "    return norms.call(__name__, '" << symbol << "', dict(locals()), '" << generation.id
      << "')\n";
}

std::vector<std::string> cases_of(const std::string& op) {
  if (op == "dual_rms_norm") {
    return {"dual_rms_norm dtype=bf16 tokens=3 q_hidden=24 kv_hidden=8 q_eps=0.01 kv_eps=1e-06",
            "dual_rms_norm dtype=fp16 tokens=2 q_hidden=16 kv_hidden=16 q_eps=1e-06 kv_eps=0.01"};
  }
  std::vector<std::string> lines{op + " dtype=bf16 tokens=3 hidden=24 eps=0.01",
                                 op + " dtype=fp16 tokens=2 hidden=32 eps=1e-06 x_stride=40"};
  if (op.starts_with("add_")) lines.push_back(lines.front() + " in_place=1");
  return lines;
}

class LibraryImplementation : public ::testing::TestWithParam<Adapted> {
 protected:
  TemporaryFolder folder_;
  FakeTorch torch_;
};

bool is_padded(const std::string& line) {
  return line.find("_stride=") != line.npos;
}

bool takes_padded_rows_of_x(const probe::Generation& generation) {
  if (!generation.limits) return true;
  const auto& contiguous = generation.limits->contiguous;
  return std::ranges::find(contiguous, "x") == contiguous.end() &&
         generation.limits->same_stride.empty();
}

/// One generation, as a library of which it is all.
Implementation implementation_of(const probe::LibraryContract& library,
                                 const probe::EntryContract& contract,
                                 const probe::Generation& generation, const fs::path& root) {
  write_library(root, generation, contract.symbol);
  probe::Identification found;
  found.location.root = root;
  probe::ContractRow row;
  row.contract = contract.name;
  row.op = contract.op;
  row.status = probe::ContractStatus::known;
  row.generation = generation.id;
  row.module = generation.module;
  row.known = &generation;
  found.contracts = {row};
  const probe::LibraryImplementation chosen{
      "toy", "", {"amd"}, {}, {{contract.op, {contract.name}}}};
  return library_implementation(chosen, library, found,
                                {.python = "python3", .cache = root / "cache"});
}

TEST_P(LibraryImplementation, CallsItsGeneration) {
  const auto libraries = probe::known_libraries();
  const auto& library = find_contract(libraries, GetParam().library);
  const auto& contract = contract_named(library, GetParam().contract);
  const auto& generation = contract.generations.at(static_cast<std::size_t>(GetParam().generation));
  Session session(implementation_of(library, contract, generation, folder_.path()), {});
  for (const auto& line : cases_of(contract.op)) {
    const auto result = session.run(parse_case(line));
    const bool is_taken = !is_padded(line) || takes_padded_rows_of_x(generation);
    EXPECT_EQ(result.verdict, is_taken ? Verdict::pass : Verdict::unsupported)
        << line << ": " << result.reason;
  }
}

/// The bytes of a case's tensors, after one run of it.
std::vector<std::byte> bytes_after(const Implementation& implementation, const Case& c) {
  const Image image(c);
  Arena arena;
  const auto memory = arena.reserve(image.bytes()).first(image.bytes());
  image.write(memory, Poison::first);
  WorkerClient worker(implementation, arena.fd(), -1, std::chrono::seconds(20));
  static_cast<void>(worker.run(make_request(c, image), std::chrono::seconds(20)));
  worker.shutdown();
  return {memory.begin(), memory.end()};
}

TEST(DualRmsNorm, GenerationsGiveTheSameBits) {
  const FakeTorch torch;
  const auto libraries = probe::known_libraries();
  const auto& aiter = find_contract(libraries, "aiter");
  const auto c = parse_case(cases_of("dual_rms_norm").front());
  std::vector<std::vector<std::byte>> all;
  for (const char* name : {"fused_qk_rmsnorm", "_fused_qk_rmsnorm", "_fused_qk_rmsnorm_kernel"}) {
    const auto& contract = contract_named(aiter, name);
    for (const auto& generation : contract.generations) {
      const TemporaryFolder folder;
      all.push_back(bytes_after(implementation_of(aiter, contract, generation, folder.path()), c));
    }
  }
  ASSERT_EQ(all.size(), 5u);
  for (const auto& bytes : all) EXPECT_TRUE(bytes == all.front());
}

/// What a guard's function returns in an interpreter with a library of `generation`, or with none.
std::string guarded(const fs::path& root) {
  const auto libraries = probe::known_libraries();
  const auto& aiter = find_contract(libraries, "aiter");
  std::ofstream(root / "guard.py")
      << python_guard(aiter, aiter.implementations.front(), "dual_rms_norm");
  std::ofstream(root / "engine.py")
      << "import torch, guard\n"
         "def tensor(*values):\n"
         "    return torch.empty(len(values), dtype=torch.bfloat16).assign(values)\n"
         "def rows(columns):\n"
         "    return torch.empty((2, columns), dtype=torch.bfloat16).assign([0.3, -1.7, 2.9] * "
         "columns)\n"
         "q, kv = guard.dual_rms_norm(rows(4), tensor(1, 2, 3, 4), 0.01, rows(2), tensor(5, 6), "
         "1e-6,\n"
         "                            fallback=lambda *_: (tensor(7), tensor(8)))\n"
         "print(q.values(), kv.values())\n";
  const auto run = run_command(
      {.argv = {"python3", (root / "engine.py").string()}, .inherit = {}, .environment = {}}, "",
      std::chrono::seconds(20));
  EXPECT_TRUE(run.status && run.status->ok()) << run.errors;
  return run.output;
}

TEST(Guard, GivesTheSameWithEveryGeneration) {
  const FakeTorch torch;
  const auto libraries = probe::known_libraries();
  const auto& aiter = find_contract(libraries, "aiter");
  std::set<std::string> given;
  for (const char* name : {"fused_qk_rmsnorm", "_fused_qk_rmsnorm"}) {
    const auto& contract = contract_named(aiter, name);
    for (const auto& generation : contract.generations) {
      const TemporaryFolder folder;
      write_library(folder.path(), generation, contract.symbol);
      given.insert(guarded(folder.path()));
    }
  }
  ASSERT_EQ(given.size(), 1u);
  expect_contains(*given.begin(), "[0.");
}

TEST(Guard, SeesBehindAWrapperThatTakesAnything) {
  const FakeTorch torch;
  const TemporaryFolder plain, wrapped;
  const auto libraries = probe::known_libraries();
  const auto& contract = contract_named(find_contract(libraries, "aiter"), "_fused_qk_rmsnorm");
  for (const auto* folder : {&plain, &wrapped}) {
    write_library(folder->path(), contract.generations.front(), contract.symbol);
  }
  std::ofstream(wrapped.path() / "aiter/ops/fused_qk_norm_rope_cache_quant.py", std::ios::app)
      << "_inner = _fused_qk_rmsnorm\n_fused_qk_rmsnorm = lambda *args, **kwargs: "
         "_inner(*args, **kwargs)\n";
  EXPECT_EQ(guarded(wrapped.path()), guarded(plain.path()));
}

TEST(Guard, TakesTheFallbackWhereALibraryRaises) {
  const FakeTorch torch;
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "aiter");
  std::ofstream(folder.path() / "aiter/__init__.py") << "raise RuntimeError('no rocminfo')\n";
  EXPECT_EQ(guarded(folder.path()), "[7.0] [8.0]\n");
}

TEST(Guard, OfEveryImplementationInPythonTakesAndGivesTheSame) {
  const auto libraries = probe::known_libraries();
  for (const auto& library : libraries) {
    for (const auto& implementation : library.implementations) {
      if (implementation.interface != probe::Interface::python) continue;
      const auto guard = python_guard(library, implementation, "add_rms_norm");
      expect_contains(guard, "def add_rms_norm(x, residual, weight, eps, *, fallback):");
      expect_contains(guard, "Gives out, residual_out.");
    }
  }
}

TEST(Guard, TakesTheFallbackForAnUnknownForm) {
  const FakeTorch torch;
  const TemporaryFolder none, other;
  EXPECT_EQ(guarded(none.path()), "[7.0] [8.0]\n");
  const auto libraries = probe::known_libraries();
  const auto& contract = contract_named(find_contract(libraries, "aiter"), "fused_qk_rmsnorm");
  auto generation = contract.generations.front();
  generation.signature = "(q, q_weight, k, k_weight, eps)";
  write_library(other.path(), generation, contract.symbol);
  EXPECT_EQ(guarded(other.path()), "[7.0] [8.0]\n");
}

TEST(LibraryImplementations, NothingOfAnUnknownGenerationIsCalled) {
  const auto libraries = probe::known_libraries();
  const auto& aiter = find_contract(libraries, "aiter");
  probe::Identification found;
  probe::ContractRow unknown;
  unknown.contract = "rms_norm";
  unknown.status = probe::ContractStatus::unknown;
  unknown.nearest = "dispatching";
  unknown.difference = {"parameter epsilon is eps"};
  found.contracts = {unknown};
  const probe::LibraryImplementation chosen{
      "toy", "", {"amd"}, {}, {{"rms_norm", {"rms_norm", "rmsnorm"}}}};
  const auto implementation = library_implementation(chosen, aiter, found, {.python = "python3"});
  const auto config = nlohmann::json::parse(implementation.command.back());
  EXPECT_TRUE(config.at("entries").empty());
  EXPECT_EQ(config.at("lacking").at("rms_norm"),
            "rms_norm is of no known generation, and is not called blindly; nearest is "
            "dispatching: parameter epsilon is eps; rmsnorm is not tracked");
}

INSTANTIATE_TEST_SUITE_P(Adapter, LibraryImplementation, ::testing::ValuesIn(all_adapted()),
                         test_name);

}  // namespace
}  // namespace fusegate::suites
