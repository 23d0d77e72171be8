// SPDX-License-Identifier: Apache-2.0
// A search over all processes that knows what the test tells it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "lib/model/socket_search.h"

namespace sockwatch {

// Knows holders by inode, and counts how often it is asked.
class FakeSearcher final : public SocketSearcher {
 public:
  struct Knowledge {
    std::vector<HeldSocket> held;
    std::map<std::uint32_t, HoldersLeftOut> left_out;
    std::set<std::uint32_t> asked;
    std::set<std::uint32_t> in_flight;
    bool fails = false;
    bool ends_after_one_search = false;  // the holders do
    std::size_t capacity = 100;
    std::size_t cost = 1;
  };
  explicit FakeSearcher(Knowledge& knowledge) : knowledge_(knowledge) {}

  std::unique_ptr<SocketSearch> search(std::vector<std::uint32_t> inodes) override {
    if (knowledge_.fails) return nullptr;
    if (inodes.size() > knowledge_.capacity) inodes.resize(knowledge_.capacity);
    knowledge_.asked.insert(inodes.begin(), inodes.end());
    auto search = std::make_unique<Search>(std::move(inodes), knowledge_);
    if (knowledge_.ends_after_one_search) knowledge_.held.clear();
    return search;
  }

 private:
  class Search final : public SocketSearch {
   public:
    Search(std::vector<std::uint32_t> inodes, const Knowledge& knowledge)
        : knowledge_(knowledge), inodes_(std::move(inodes)), cost_(knowledge.cost) {
      for (const HeldSocket& one : knowledge.held) {
        if (looks_for(one.inode)) found_.push_back(one);
      }
    }
    std::size_t step(std::size_t budget) override {
      const std::size_t spent = std::min(budget, cost_);
      cost_ -= spent;
      return spent;
    }
    bool done() const override { return cost_ == 0; }
    bool looks_for(std::uint32_t inode) const override {
      return std::find(inodes_.begin(), inodes_.end(), inode) != inodes_.end();
    }
    const std::vector<HeldSocket>& found() const override { return found_; }
    HoldersLeftOut left_out(std::uint32_t inode) const override {
      const auto known = knowledge_.left_out.find(inode);
      return known == knowledge_.left_out.end() ? HoldersLeftOut{} : known->second;
    }
    bool in_flight(std::uint32_t inode) const override { return knowledge_.in_flight.contains(inode); }
    bool incomplete() const override { return false; }

   private:
    const Knowledge& knowledge_;
    std::vector<std::uint32_t> inodes_;
    std::vector<HeldSocket> found_;
    std::size_t cost_;
  };
  Knowledge& knowledge_;
};

}  // namespace sockwatch
