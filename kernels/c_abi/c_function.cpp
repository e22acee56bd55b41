#include "kernels/c_abi/c_function.hpp"

#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "kernels/worker/messages.hpp"

namespace fusegate::kernels {
namespace {

/// Room for an argument of any type.
union Slot {
  std::int32_t int32;
  std::int64_t int64;
  float float32;
  double float64;
};

ffi_type* ffi_type_of(CType type) {
  switch (type) {
    case CType::int32:
      return &ffi_type_sint32;
    case CType::int64:
      return &ffi_type_sint64;
    case CType::uint64:
      return &ffi_type_uint64;
    case CType::float32:
      return &ffi_type_float;
    case CType::float64:
      break;
  }
  return &ffi_type_double;
}

Slot slot_of(const CArgument& parameter, const CValue& value) {
  Slot slot{};
  const auto* integer = std::get_if<std::int64_t>(&value);
  const double real = integer == nullptr ? std::get<double>(value) : static_cast<double>(*integer);
  switch (parameter.type) {
    case CType::float32:
      slot.float32 = static_cast<float>(real);
      return slot;
    case CType::float64:
      slot.float64 = real;
      return slot;
    case CType::int64:
    case CType::uint64:
      slot.int64 = std::get<std::int64_t>(value);
      return slot;
    case CType::int32:
      break;
  }
  using Limits = std::numeric_limits<std::int32_t>;
  const auto wide = std::get<std::int64_t>(value);
  if (wide < Limits::min() || wide > Limits::max()) {
    throw WorkerError(
        ErrorKind::unsupported,
        fmt::format("{} would be {}, but it is an int of 32 bits", parameter.name, wide));
  }
  slot.int32 = static_cast<std::int32_t>(wide);
  return slot;
}

}  // namespace

CFunction::CFunction(void* address, std::span<const CArgument> parameters, bool returns_status)
    : address_(address), parameters_(parameters.begin(), parameters.end()) {
  for (const auto& parameter : parameters_) types_.push_back(ffi_type_of(parameter.type));
  const auto status =
      ffi_prep_cif(&call_, FFI_DEFAULT_ABI, static_cast<unsigned>(types_.size()),
                   returns_status ? &ffi_type_sint32 : &ffi_type_void, types_.data());
  if (status != FFI_OK) throw std::logic_error("libffi does not know such a call");
}

int CFunction::operator()(std::span<const CValue> values) const {
  std::vector<Slot> slots;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    slots.push_back(slot_of(parameters_[i], values[i]));
  }
  std::vector<void*> pointers;
  for (auto& slot : slots) pointers.push_back(&slot);
  ffi_arg result = 0;  // libffi widens what is narrower than a register
  ffi_call(&call_, reinterpret_cast<void (*)()>(address_), &result, pointers.data());
  return static_cast<int>(result);
}

}  // namespace fusegate::kernels
