#include "kernels/worker/messages.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace fusegate::kernels {
namespace {

using Json = nlohmann::ordered_json;

// No operation comes near it.
constexpr std::size_t most_launches = 1000;
constexpr std::size_t most_side_effects = 100;

constexpr std::pair<ErrorKind, const char*> error_kinds[] = {
    {ErrorKind::unsupported, "unsupported"},     {ErrorKind::no_device, "no_device"},
    {ErrorKind::out_of_memory, "out_of_memory"}, {ErrorKind::runtime, "runtime"},
    {ErrorKind::kernel_fault, "kernel_fault"},   {ErrorKind::invalid_request, "invalid_request"},
};

Json scalar_to_json(const Scalar& scalar) {
  return std::visit([](const auto& value) { return Json(value); }, scalar);
}

Scalar scalar_from_json(const Json& json) {
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return json.get<std::string>();
}

/// Throws std::out_of_range: what is no whole number in the range would be read as another.
std::uint32_t whole_number(const Json& json, std::uint32_t largest) {
  if (!json.is_number_integer() || json < 0 || json > largest) {
    throw std::out_of_range("it is no whole number from 0 to " + std::to_string(largest));
  }
  return json.get<std::uint32_t>();
}

std::array<std::uint32_t, 3> extent(const Json& json) {
  std::array<std::uint32_t, 3> sizes{};
  if (!json.is_array() || json.size() != sizes.size()) {
    throw std::out_of_range("a grid or block has not three sizes");
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = whole_number(json[i], std::numeric_limits<std::uint32_t>::max());
  }
  return sizes;
}

int small_number(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? 0 : static_cast<int>(whole_number(*found, 1u << 20));
}

}  // namespace

const char* error_kind_name(ErrorKind kind) {
  const auto* found = std::find_if(std::begin(error_kinds), std::end(error_kinds),
                                   [&](const auto& entry) { return entry.first == kind; });
  return found->second;
}

ErrorKind parse_error_kind(const std::string& name) {
  const auto* found = std::find_if(std::begin(error_kinds), std::end(error_kinds),
                                   [&](const auto& entry) { return entry.second == name; });
  return found == std::end(error_kinds) ? ErrorKind::runtime : found->first;
}

void to_json(Json& json, const TensorArgument& tensor) {
  json = {
      {"name", tensor.name},       {"dtype", tensor.dtype},           {"rows", tensor.rows},
      {"columns", tensor.columns}, {"row_stride", tensor.row_stride}, {"offset", tensor.offset}};
}

void from_json(const Json& json, TensorArgument& tensor) {
  json.at("name").get_to(tensor.name);
  json.at("dtype").get_to(tensor.dtype);
  json.at("rows").get_to(tensor.rows);
  json.at("columns").get_to(tensor.columns);
  json.at("row_stride").get_to(tensor.row_stride);
  json.at("offset").get_to(tensor.offset);
}

void to_json(Json& json, const RunRequest& request) {
  Json parameters = Json::object();
  for (const auto& [name, value] : request.parameters) parameters[name] = scalar_to_json(value);
  json = {{"op", request.op},
          {"parameters", parameters},
          {"tensors", request.tensors},
          {"arena_bytes", request.arena_bytes},
          {"schedule", request.schedule}};
}

void from_json(const Json& json, RunRequest& request) {
  json.at("op").get_to(request.op);
  request.parameters.clear();
  for (const auto& [name, value] : json.at("parameters").items()) {
    request.parameters.emplace(name, scalar_from_json(value));
  }
  json.at("tensors").get_to(request.tensors);
  json.at("arena_bytes").get_to(request.arena_bytes);
  json.at("schedule").get_to(request.schedule);
}

void to_json(Json& json, const LaunchRecord& launch) {
  json = {{"kernel", launch.kernel},
          {"grid", launch.grid},
          {"block", launch.block},
          {"vector", launch.vector},
          {"cached", launch.cached}};
}

void from_json(const Json& json, LaunchRecord& launch) {
  json.at("kernel").get_to(launch.kernel);
  launch.grid = extent(json.at("grid"));
  launch.block = extent(json.at("block"));
  launch.vector = small_number(json, "vector");
  launch.cached = small_number(json, "cached");
}

template <class Result>
static void take_side_effects(const Json& json, Result& result) {
  result.ends = json.value("ends", false);
  const auto told = json.find("side_effects");
  if (told == json.end()) return;
  if (told->size() > most_side_effects) throw std::out_of_range("there are too many side effects");
  told->get_to(result.side_effects);
}

void from_json(const Json& json, PrepareResult& result) {
  json.at("seconds").get_to(result.seconds);
  result.modules = json.value("modules", std::vector<std::string>{});
  take_side_effects(json, result);
}

void to_json(Json& json, const RunResult& result) {
  json = {{"launches", result.launches}, {"device_us", nullptr}};
  if (result.device_us) json["device_us"] = *result.device_us;
  if (!result.side_effects.empty()) json["side_effects"] = result.side_effects;
}

void from_json(const Json& json, RunResult& result) {
  const Json& launches = json.at("launches");
  if (launches.size() > most_launches) throw std::out_of_range("there are too many launches");
  launches.get_to(result.launches);
  result.device_us.reset();
  if (const auto time = json.find("device_us"); time != json.end() && time->is_number()) {
    result.device_us = time->get<double>();
  }
  take_side_effects(json, result);
}

}  // namespace fusegate::kernels
