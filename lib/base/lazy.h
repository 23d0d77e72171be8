// SPDX-License-Identifier: Apache-2.0
// A value that is computed when somebody first asks for it, on that thread, and once for all copies.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace sockwatch {

template <typename T>
class Lazy {
 public:
  Lazy(T value = T()) : shared_(std::make_shared<Shared>(nullptr, std::move(value))) {}
  // `compute` runs on any thread, at most once; what it has captured lives until then.
  explicit Lazy(std::function<T()> compute) : shared_(std::make_shared<Shared>(std::move(compute), T())) {}

  // Valid as long as a copy lives. From any thread; waits for another that is computing it.
  const T& get() const {
    const std::lock_guard lock(shared_->mutex);
    if (const auto compute = std::exchange(shared_->compute, nullptr)) shared_->value = compute();
    return shared_->value;
  }

 private:
  struct Shared {
    Shared(std::function<T()> how, T known) : compute(std::move(how)), value(std::move(known)) {}
    std::mutex mutex;
    std::function<T()> compute;  // null: computed
    T value;
  };
  std::shared_ptr<Shared> shared_;
};

}  // namespace sockwatch
