// SPDX-License-Identifier: Apache-2.0
// A value or the reason why there is none. Library code returns these; whoever handles the error logs it,
// once.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace sockwatch {

// What went wrong, in words for the person who reads the log. `code` is an errno where a system call said so,
// else 0.
struct Error {
  std::string message;
  int code = 0;

  // "open /etc/x: Permission denied" from the call's name and its errno.
  static Error from_errno(std::string_view what, int errno_value);

  // EACCES or EPERM: we may not, whoever asks how often.
  bool is_refusal() const;

  // The same error with what was being done put in front of it.
  Error within(std::string_view context) const;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Only where ok(): the standard library throws bad_variant_access otherwise.
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const { return error_; }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace sockwatch
