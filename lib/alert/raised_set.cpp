// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/raised_set.h"

namespace sockwatch {

bool RaisedSet::hold(const ListenerKey& key, const Raised& raised) {
  const auto [at, added] = raised_.try_emplace(key, holding_.end());
  if (!added) return false;
  at->second = holding_.try_emplace(raised, 0).first;
  return ++at->second->second == 1;
}

const Raised* RaisedSet::find(const ListenerKey& key) const {
  const auto raised = raised_.find(key);
  return raised == raised_.end() ? nullptr : &raised->second->first;
}

std::optional<Raised> RaisedSet::let_go(const ListenerKey& key) {
  const auto raised = raised_.extract(key);
  if (!raised || --raised.mapped()->second > 0) return std::nullopt;
  return std::move(holding_.extract(raised.mapped()).key());
}

bool RaisedSet::take_note(const ListenerKey& key, const std::string& subject) {
  const auto notes = notes_.find(key);
  if (notes == notes_.end() || notes->second.erase(subject) == 0) return false;
  if (notes->second.empty()) notes_.erase(notes);
  return true;
}

void RaisedSet::keep_notes(const ListenerKey& key, std::string_view begins,
                           const std::set<std::string>& still) {
  const auto notes = notes_.find(key);
  if (notes == notes_.end()) return;
  std::erase_if(notes->second, [&](const std::string& subject) {
    return subject.starts_with(begins) && !still.contains(subject);
  });
  if (notes->second.empty()) notes_.erase(notes);
}

std::set<std::string> RaisedSet::subjects() const {
  std::set<std::string> subjects;
  for (const auto& [raised, count] : holding_) subjects.insert(raised.subject);
  for (const auto& [key, notes] : notes_) subjects.insert(notes.begin(), notes.end());
  return subjects;
}

}  // namespace sockwatch
