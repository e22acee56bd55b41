#include "probe/library/contract.hpp"

#include <set>
#include <span>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/test_support.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> library_contracts();
}  // namespace fusegate::embedded

namespace fusegate::probe {
namespace {

/// What the schema has against a document; empty: nothing.
std::string complaints(const nlohmann::json& document) {
  const auto* file = find_embedded(embedded::library_contracts(), "library.schema.json");
  const auto text = nlohmann::json::parse(file->content);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  valijson::ValidationResults results;
  valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(document),
                                 &results);
  std::string all;
  for (const auto& result : results) {
    for (const auto& part : result.context) all += part;
    all += ": " + result.description + "\n";
  }
  return all;
}

TEST(Contract, FilesFollowTheSchema) {
  for (const auto& file : embedded::library_contracts()) {
    if (!file.name.ends_with("/library.json")) continue;
    EXPECT_EQ(complaints(nlohmann::json::parse(file.content)), "") << file.name;
  }
}

TEST(Contract, SchemaRefusesAPathThatLeavesTheLibrary) {
  auto document = nlohmann::json::parse(
      find_embedded(embedded::library_contracts(), "aiter/library.json")->content);
  document["ignored"] = {"../elsewhere"};
  EXPECT_NE(complaints(document), "");
}

TEST(Contract, FoldersAreCalledAsTheLibrary) {
  for (const auto& contract : known_libraries()) {
    EXPECT_NE(find_embedded(embedded::library_contracts(), contract.name + "/library.json"),
              nullptr);
  }
}

TEST(Contract, NoEntryPointIsTrackedTwice) {
  for (const auto& contract : known_libraries()) {
    std::set<std::string> names;
    for (const auto& tracked : contract.entry_points) {
      EXPECT_TRUE(names.insert(tracked.name).second) << contract.name << ": " << tracked.name;
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
