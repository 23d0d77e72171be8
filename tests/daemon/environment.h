// SPDX-License-Identifier: Apache-2.0
// A variable of the environment for the time of a test.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace sockwatch {

class EnvironmentVariable {
 public:
  EnvironmentVariable(const char* name, const std::optional<std::string>& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~EnvironmentVariable() { set(before_); }
  EnvironmentVariable(const EnvironmentVariable&) = delete;  // the old value is put back once
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

 private:
  void set(const std::optional<std::string>& value) {
    if (value) {
      (void)::setenv(name_, value->c_str(), 1);  // fails only without memory
    } else {
      (void)::unsetenv(name_);
    }
  }

  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace sockwatch
