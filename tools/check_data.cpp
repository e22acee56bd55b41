// Holds the data files that travel inside the program against their JSON Schema, when they are
// built in: `check_data SCHEMA FILE...` names what does not fit, and ends with 1.

#include <cstdio>
#include <exception>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "reports/validator.hpp"

namespace {

nlohmann::json read(const char* file) {
  const auto text = fusegate::read_text(file);
  if (!text) throw fusegate::cannot_read(file);
  try {
    return nlohmann::json::parse(*text);
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  int status = 0;
  try {
    if (argc < 3) throw std::runtime_error("give a schema and files");
    const fusegate::reports::Validator validator(read(argv[1]));
    for (int i = 2; i < argc; ++i) {
      for (const auto& problem : validator.problems(read(argv[i]))) {
        fmt::print(stderr, "{}: {}\n", argv[i], problem);
        status = 1;
      }
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "check_data: {}\n", error.what());
    status = 1;
  }
  return status;
}
