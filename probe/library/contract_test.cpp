#include "probe/library/contract.hpp"

#include <algorithm>
#include <set>
#include <span>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/schema_test_support.hpp"
#include "probe/base/test_support.hpp"
#include "probe/surface/parse_signature.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> library_contracts();
}  // namespace fusegate::embedded

namespace fusegate::probe {
namespace {

std::string complaints(const nlohmann::json& document) {
  return schema_complaints(
      find_embedded(embedded::library_contracts(), "library.schema.json")->content, document);
}

TEST(Contract, FilesFollowTheSchema) {
  for (const auto& file : embedded::library_contracts()) {
    if (!file.name.ends_with("/library.json")) continue;
    EXPECT_EQ(complaints(nlohmann::json::parse(file.content)), "") << file.name;
  }
}

/// The contract of a library, changed.
template <class Change>
std::string complaints_after(const Change& change) {
  auto document = nlohmann::json::parse(
      find_embedded(embedded::library_contracts(), "aiter/library.json")->content);
  change(document);
  return complaints(document);
}

TEST(Contract, SchemaRefusesAPathThatLeavesTheLibrary) {
  EXPECT_NE(complaints_after([](auto& document) { document["ignored"] = {"../elsewhere"}; }), "");
  EXPECT_NE(complaints_after([](auto& document) {
              document["native_enums"][0]["files"] = {"csrc/../../elsewhere.h"};
            }),
            "");
}

TEST(Contract, SchemaRefusesRulesThatLackAPart) {
  for (const auto& [list, part] :
       {std::pair("bindings", "decorator"), std::pair("bindings", "ffi_default"),
        std::pair("import_hooks", "package"), std::pair("import_hooks", "variable"),
        std::pair("native_enums", "name"), std::pair("native_enums", "type"),
        std::pair("native_enums", "files")}) {
    EXPECT_NE(complaints_after([&, list = list, part = part](auto& document) {
                document.at(list).at(0).erase(part);
              }),
              "")
        << list << " without " << part;
  }
}

TEST(Contract, HasTheRulesOfTheSurface) {
  const auto contract = parse_library_contract(R"({
    "name": "toy", "import_name": "toylib", "distributions": [], "package_markers": [],
    "version_sources": [], "ignored": ["_version.py"],
    "bindings": [{"decorator": "bind", "symbol_keyword": "symbol", "ffi_keyword": "ffi",
                  "ffi_default": "pybind", "develop_keyword": "develop"},
                 {"decorator": "plain", "ffi_default": "tvm"}],
    "import_hooks": [{"package": "toylib.old", "variable": "_MOVED"}],
    "native_enums": [{"name": "toylib.Kind", "type": "Kind", "files": ["a.h", "b.h"]}]})");
  const auto& rules = contract.surface;
  EXPECT_EQ(rules.package, "toylib");
  EXPECT_EQ(rules.ignored, std::vector<std::string>{"_version.py"});
  ASSERT_EQ(rules.bindings.size(), 2u);
  EXPECT_EQ(rules.bindings[0].symbol_keyword, "symbol");
  EXPECT_EQ(rules.bindings[0].ffi_keyword, "ffi");
  EXPECT_EQ(rules.bindings[0].develop_keyword, "develop");
  EXPECT_EQ(rules.bindings[1].ffi_default, "tvm");
  EXPECT_EQ(rules.bindings[1].ffi_keyword, "");
  EXPECT_EQ(rules.import_hooks.at(0).variable, "_MOVED");
  EXPECT_EQ(rules.native_enums.at(0).files, (std::vector<std::string>{"a.h", "b.h"}));
}

TEST(Contract, FoldersAreCalledAsTheLibrary) {
  for (const auto& contract : known_libraries()) {
    EXPECT_NE(find_embedded(embedded::library_contracts(), contract.name + "/library.json"),
              nullptr);
  }
}

TEST(Contract, NoEntryPointIsTrackedTwice) {
  for (const auto& library : known_libraries()) {
    std::set<std::string> names;
    for (const auto& contract : library.contracts) {
      EXPECT_TRUE(names.insert(contract.name).second) << library.name << ": " << contract.name;
    }
  }
}

/// What of a call of a C function does not fit the function's signature in Python.
std::string misfits(const Generation& generation) {
  const auto signature = parse_signature(generation.signature);
  if (!signature) return "the signature cannot be read";
  const auto& parameters = signature->parameters;
  const auto& arguments = generation.c_call->arguments;
  if (parameters.size() != arguments.size()) return "another number of arguments";
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& argument = arguments[i];
    if (argument.name != parameters[i].name) return argument.name + " is not at its place";
    const bool is_real = argument.type == "float" || argument.type == "double";
    if (is_real != (parameters[i].annotation == "float"))
      return argument.name + " is of no such type";
  }
  return "";
}

TEST(Contract, CallsOfCFunctionsFitTheirSignatures) {
  for (const auto& library : known_libraries()) {
    for (const auto& contract : library.contracts) {
      for (const auto& generation : contract.generations) {
        if (!generation.c_call) continue;
        EXPECT_EQ(generation.binding, "ctypes") << contract.name;
        EXPECT_EQ(misfits(generation), "") << library.name << ": " << contract.name;
      }
    }
  }
}

TEST(Contract, ImplementationsNameWhatIsTracked) {
  for (const auto& library : known_libraries()) {
    for (const auto& implementation : library.implementations) {
      for (const auto& [op, names] : implementation.entries) {
        for (const auto& name : names) {
          const bool is_tracked =
              std::any_of(library.contracts.begin(), library.contracts.end(),
                          [&](const auto& contract) { return contract.name == name; });
          EXPECT_TRUE(is_tracked) << implementation.name << ": " << name;
        }
      }
    }
  }
}

TEST(Contract, KeepsTheOrderOfTrust) {
  const auto contracts = known_libraries();
  const auto& sources = find_contract(contracts, "aiter").version_sources;
  ASSERT_GE(sources.size(), 2u);
  EXPECT_EQ(sources[0].from, VersionSource::From::distribution);
  EXPECT_EQ(sources[1].from, VersionSource::From::git);
  EXPECT_EQ(sources[1].tag_prefix, "v");
}

TEST(FindContract, NamesTheNearest) {
  const auto contracts = known_libraries();
  expect_contains(
      message_of<UsageError>([&] { std::ignore = find_contract(contracts, "flashinfr"); }),
      "did you mean 'flashinfer'?");
}

}  // namespace
}  // namespace fusegate::probe
