// What the tests of the runtime share.
#pragma once

#include <hip/hip_runtime.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/runtime/simt/simt.hpp"

namespace fusegate::simt {

template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(const std::vector<T>& values) : size_(values.size()) {
    EXPECT_EQ(hipMalloc(reinterpret_cast<void**>(&data_), size_ * sizeof(T)), hipSuccess);
    EXPECT_EQ(hipMemcpy(data_, values.data(), size_ * sizeof(T), hipMemcpyHostToDevice),
              hipSuccess);
  }
  ~DeviceArray() { static_cast<void>(hipFree(data_)); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() { return data_; }
  std::vector<T> values() {
    std::vector<T> result(size_);
    EXPECT_EQ(hipMemcpy(result.data(), data_, size_ * sizeof(T), hipMemcpyDeviceToHost),
              hipSuccess);
    return result;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_;
};

class Simt : public ::testing::Test {
 protected:
  void SetUp() override { configure({}); }
  void TearDown() override {
    reset_after_fault();
    set_schedule_seed(0);
  }
  /// Runs to the end and expects a fault whose text holds all of `parts`.
  static void expect_fault(hipError_t error, const std::vector<std::string>& parts) {
    EXPECT_EQ(hipDeviceSynchronize(), error);
    expect_fault_text(parts);
  }
  static void expect_fault_text(const std::vector<std::string>& parts) {
    for (const auto& part : parts) {
      EXPECT_NE(fault_text().find(part), std::string::npos)
          << "'" << part << "' is missing in: " << fault_text();
    }
  }
  /// A place in the file that calls this, as messages name it.
  static std::string here(int line, const char* file = __builtin_FILE()) {
    return file + (':' + std::to_string(line));
  }
};

}  // namespace fusegate::simt
