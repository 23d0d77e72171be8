// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/held_back.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sockwatch {

void HeldBack::add(Alert alert, const std::string& origin) {
  drop(alert.subject);
  if (origins_.size() >= kMost) {
    const auto most = std::max_element(
        waiting_.begin(), waiting_.end(),
        [](const auto& left, const auto& right) { return left.second.size() < right.second.size(); });
    if (most->first == origin) return;  // its newest is this one
    origins_.erase(most->second.back().subject);
    most->second.pop_back();
    if (most->second.empty()) waiting_.erase(most);
  }
  origins_[alert.subject] = origin;
  waiting_[origin].push_back(std::move(alert));
}

void HeldBack::drop(const std::string& subject) {
  const auto origin = origins_.find(subject);
  if (origin == origins_.end()) return;
  const auto queue = waiting_.find(origin->second);
  std::erase_if(queue->second, [&](const Alert& alert) { return alert.subject == subject; });
  if (queue->second.empty()) waiting_.erase(queue);
  origins_.erase(origin);
}

void HeldBack::keep_only(const std::set<std::string>& subjects) {
  std::vector<std::string> over;
  for (const auto& [subject, origin] : origins_) {
    if (!subjects.contains(subject)) over.push_back(subject);
  }
  for (const std::string& subject : over) drop(subject);
}

std::vector<Alert> HeldBack::take(std::size_t most, std::size_t most_of_one) {
  std::vector<Alert> taken;
  for (std::size_t turn = 0; turn < most_of_one; ++turn) {
    for (auto queue = waiting_.begin(); queue != waiting_.end() && taken.size() < most;) {
      taken.push_back(std::move(queue->second.front()));
      origins_.erase(taken.back().subject);
      queue->second.pop_front();
      queue = queue->second.empty() ? waiting_.erase(queue) : std::next(queue);
    }
  }
  return taken;
}

std::vector<Alert> HeldBack::all() const {
  std::vector<Alert> all;
  for (const auto& [origin, queue] : waiting_) all.insert(all.end(), queue.begin(), queue.end());
  return all;
}

}  // namespace sockwatch
