#include "kernels/c_abi/c_provider.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fusegate::kernels {
namespace {

std::int64_t address_of(const void* pointer) {
  return static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(pointer));
}

std::int64_t code_of(const CArgument& argument, const TensorArgument& tensor) {
  const auto found = argument.codes.find(tensor.dtype);
  if (found != argument.codes.end()) return found->second;
  throw WorkerError(ErrorKind::unsupported, fmt::format("{} has no code for a tensor {} of {}",
                                                        argument.name, tensor.name, tensor.dtype));
}

CValue value_of(const CArgument& argument, const Call& call) {
  switch (argument.meaning) {
    case CMeaning::address:
      return address_of(call.rows(argument.of).data);
    case CMeaning::rows:
      return call.tensor(argument.of).rows;
    case CMeaning::columns:
      return call.tensor(argument.of).columns;
    case CMeaning::row_stride:
      return call.tensor(argument.of).row_stride;
    case CMeaning::dtype:
      return code_of(argument, call.tensor(argument.of));
    case CMeaning::scalar:
      return static_cast<double>(call.real(argument.of));
    case CMeaning::stream:
      return address_of(call.stream());
    case CMeaning::constant:
      break;
  }
  const bool is_real = argument.type == CType::float32 || argument.type == CType::float64;
  if (is_real) return argument.value;
  return static_cast<std::int64_t>(argument.value);
}

bool is_dense(const TensorArgument& tensor) {
  return tensor.rows <= 1 || tensor.row_stride == tensor.columns;
}

/// A function that is not told how far apart a tensor's rows are takes them for adjacent.
void require_known_strides(const CEntry& entry, const Call& call) {
  for (const auto& argument : entry.arguments) {
    if (argument.meaning != CMeaning::address || is_dense(call.tensor(argument.of))) continue;
    const bool is_told =
        std::any_of(entry.arguments.begin(), entry.arguments.end(), [&](const CArgument& other) {
          return other.meaning == CMeaning::row_stride && other.of == argument.of;
        });
    if (is_told) continue;
    const auto& tensor = call.tensor(argument.of);
    throw WorkerError(
        ErrorKind::unsupported,
        fmt::format("{} takes no row stride of {}, whose rows of {} elements are {} apart",
                    entry.symbol, tensor.name, tensor.columns, tensor.row_stride));
  }
}

/// Copies the rows of one tensor to those of another of its shape, in the call's stream.
hipError_t copy_rows(const Call& call, const TensorArgument& from, const TensorArgument& to) {
  if (from.offset == to.offset || from.rows == 0) return hipSuccess;
  const std::size_t element = call.element_type() == ElementType::fp32 ? 4 : 2;
  const bool at_once = is_dense(from) && is_dense(to);
  const auto columns = static_cast<std::size_t>(from.columns);
  const auto bytes = element * columns * (at_once ? static_cast<std::size_t>(from.rows) : 1);
  const auto* source = static_cast<const std::byte*>(call.const_rows(from.name).data);
  auto* target = static_cast<std::byte*>(call.rows(to.name).data);
  for (std::int64_t row = 0; row < (at_once ? 1 : from.rows); ++row) {
    const auto skip = static_cast<std::ptrdiff_t>(element) * row;
    const auto error =
        hipMemcpyAsync(target + skip * to.row_stride, source + skip * from.row_stride, bytes,
                       hipMemcpyDeviceToDevice, call.stream());
    if (error != hipSuccess) return error;
  }
  return hipSuccess;
}

/// What is put where the function changes it.
hipError_t prepare(const CEntry& entry, const Call& call) {
  static_cast<void>(call.element_type());  // of one type all, and one that the copies know
  require_known_strides(entry, call);
  for (const auto& argument : entry.arguments) {
    if (argument.before.empty()) continue;
    const auto error = copy_rows(call, call.tensor(argument.before), call.tensor(argument.of));
    if (error != hipSuccess) return error;
  }
  return hipSuccess;
}

hipError_t launch(const CModule& module, const CFunction& function, const CEntry& entry,
                  const Call& call, LaunchInfo& info) {
  std::vector<CValue> values;
  for (const auto& argument : entry.arguments) values.push_back(value_of(argument, call));
  static_cast<void>(hipGetLastError());  // what is found there afterwards is the function's
  info.kernel = entry.symbol.c_str();
  const int status = function(values);
  const auto pending = hipGetLastError();
  if (status != 0 && pending == hipSuccess) {
    throw WorkerError(ErrorKind::runtime, fmt::format("{} returned the status {}: {}", entry.symbol,
                                                      status, module.last_error()));
  }
  return pending;
}

std::vector<std::string> dtypes_of(const CEntry& entry) {
  std::vector<std::string> dtypes;
  for (const auto& argument : entry.arguments) {
    if (argument.meaning != CMeaning::dtype) continue;
    for (const auto& [dtype, code] : argument.codes) dtypes.push_back(dtype);
  }
  return dtypes.empty() ? Operation{}.dtypes : dtypes;
}

}  // namespace

CProvider::CProvider(CCallTable table, int device)
    : table_(std::move(table)), hip_(operations(), device) {}

std::vector<Operation> CProvider::operations() {
  std::vector<Operation> all;
  for (std::size_t i = 0; i < table_.entries.size(); ++i) {
    const CEntry& entry = table_.entries[i];
    all.push_back({.op = entry.op,
                   .launch =
                       [this, i](const Call& call, LaunchInfo& info) {
                         const auto& loaded = module();
                         return kernels::launch(loaded, loaded.function(i), table_.entries[i], call,
                                                info);
                       },
                   .prepare =
                       [this, i](const Call& call) {
                         static_cast<void>(module());
                         return kernels::prepare(table_.entries[i], call);
                       },
                   .dtypes = dtypes_of(entry),
                   .entry = entry.entry,
                   .generation = entry.generation});
  }
  return all;
}

const CModule& CProvider::module() {
  if (!module_) module_ = std::make_unique<CModule>(table_);
  return *module_;
}

nlohmann::ordered_json CProvider::describe() {
  auto described = hip_.describe();
  described["versions"]["ctypes_abi"] = std::to_string(module().version());
  return described;
}

nlohmann::ordered_json CProvider::list() {
  return hip_.list();
}

RunResult CProvider::run(const RunRequest& request, std::span<std::byte> arena) {
  const auto lacking = table_.lacking.find(request.op);
  if (lacking != table_.lacking.end()) {
    throw WorkerError(ErrorKind::unsupported, lacking->second);
  }
  return hip_.run(request, arena);
}

}  // namespace fusegate::kernels
