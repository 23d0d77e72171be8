// SPDX-License-Identifier: Apache-2.0
// Listeners that the ledger, the view and the pages have in common. To copy the list copies pointers; what it
// holds never changes, so any thread may read it.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "lib/model/listener.h"

namespace sockwatch {

using SharedListener = std::shared_ptr<const Listener>;

class ListenerList {
 public:
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Listener;
    using difference_type = std::ptrdiff_t;
    using pointer = const Listener*;
    using reference = const Listener&;

    const_iterator() = default;
    explicit const_iterator(const SharedListener* at) : at_(at) {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    const_iterator& operator++() {
      ++at_;
      return *this;
    }
    const_iterator operator++(int) { return const_iterator(at_++); }
    friend bool operator==(const const_iterator&, const const_iterator&) = default;

   private:
    const SharedListener* at_ = nullptr;
  };

  ListenerList() = default;
  ListenerList(std::vector<Listener> listeners) {
    for (Listener& each : listeners) push_back(std::move(each));
  }
  ListenerList(std::initializer_list<Listener> listeners) : ListenerList(std::vector(listeners)) {}

  void reserve(std::size_t count) { shared_.reserve(count); }
  void push_back(SharedListener listener) { shared_.push_back(std::move(listener)); }
  void push_back(Listener listener) {
    shared_.push_back(std::make_shared<const Listener>(std::move(listener)));
  }

  std::size_t size() const { return shared_.size(); }
  bool empty() const { return shared_.empty(); }
  const Listener& operator[](std::size_t position) const { return *shared_[position]; }
  const_iterator begin() const { return const_iterator(shared_.data()); }
  const_iterator end() const { return const_iterator(shared_.data() + shared_.size()); }
  const std::vector<SharedListener>& shared() const { return shared_; }

 private:
  std::vector<SharedListener> shared_;
};

}  // namespace sockwatch
