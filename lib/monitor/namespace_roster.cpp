// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/namespace_roster.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "lib/netlink/namespace_entry.h"
#include "lib/netlink/namespace_number.h"

namespace sockwatch {
namespace {

constexpr Duration kShortestRest = std::chrono::seconds(2);
// A search reads a link of every process, so its cost follows their number: a thousandth of a core is for it.
constexpr int kRestPerCost = 1000;
// About 0.5 ms, in which the loop stands still.
constexpr std::size_t kProcessesPerPart = 256;
// Of one look, so that none in our own namespace waits for thousands that somebody makes.
constexpr std::size_t kMostWanted = 256;
// After that long a process may be another one, or we be allowed more.
constexpr Duration kRefusalsKept = std::chrono::minutes(1);
// Below the shortest interval of looks at the listeners that makes sense with many namespaces.
constexpr Duration kRestBetweenRounds = std::chrono::milliseconds(40);
constexpr std::size_t kNamesKept = 4096;

std::string count_of(std::size_t count, const std::string& singular, const std::string& plural) {
  return std::to_string(count) + " " + (count == 1 ? singular : plural);
}

bool share_a_path(const NetNamespace& one, const NetNamespace& other) {
  return std::any_of(one.paths.begin(), one.paths.end(), [&other](const std::string& path) {
    return std::find(other.paths.begin(), other.paths.end(), path) != other.paths.end();
  });
}

}  // namespace

bool NamespaceRoster::search(Instant now) {
  const Duration before = thread_cpu_time();
  if (!search_) {
    if (next_search_ && now.monotonic < next_search_->monotonic) return false;
    // A hint that comes while it runs has the next one begin at once.
    next_search_ = now;
    search_cost_ = {};
    if (now.monotonic - refused_since_.monotonic > kRefusalsKept) {
      hidden_.clear();
      refused_since_ = now;
    }
    auto begun = NetNamespaceSearch::begin(proc_, hidden_);
    if (begun.ok()) search_.emplace(*std::move(begun));
  }
  const bool more = search_ && search_->step(proc_, kProcessesPerPart);
  if (search_ && !more) take((*std::exchange(search_, std::nullopt)).finish());
  search_cost_ += thread_cpu_time() - before;
  if (!more && next_search_)
    next_search_->monotonic = now.monotonic + std::max(kShortestRest, kRestPerCost * search_cost_);
  return more;
}

void NamespaceRoster::take(NetNamespaces found) {
  std::map<std::uint64_t, Space> spaces;
  for (NetNamespace& facts : found.others) {
    const auto known = spaces_.find(facts.inode);
    Space space = known != spaces_.end() ? std::move(known->second) : Space{};
    // The inode of a namespace that ended is given out again: one that is reached by none of the old ways may
    // be another, which has refused nothing yet and has another number.
    if (!share_a_path(space.facts, facts)) {
      space.refused.clear();
      space.number.reset();
      space.wanted = true;
    }
    space.facts = std::move(facts);
    if (space.id) name(*space.id, space.facts.name);
    spaces.emplace(space.facts.inode, std::move(space));
  }
  spaces_ = std::move(spaces);
  numbers_asked_ = false;
  hidden_ = std::move(found.hidden);
}

std::vector<std::uint64_t> NamespaceRoster::inodes() const {
  std::vector<std::uint64_t> inodes;
  for (const auto& [inode, space] : spaces_) inodes.push_back(inode);
  return inodes;
}

std::vector<std::uint64_t> NamespaceRoster::due(Instant now, std::size_t at_most) {
  std::vector<std::pair<MonotonicTime, std::uint64_t>> wanted;
  std::vector<std::pair<MonotonicTime, std::uint64_t>> others;
  for (const auto& [inode, space] : spaces_) {
    if (space.wanted) {
      wanted.emplace_back(space.visited, inode);
    } else if (space.refused.empty()) {
      others.emplace_back(space.visited, inode);
    }
  }
  std::vector<std::uint64_t> inodes;
  const auto visit = [&](std::vector<std::pair<MonotonicTime, std::uint64_t>>& waiting, std::size_t count) {
    const auto last = waiting.begin() + static_cast<std::ptrdiff_t>(std::min(count, waiting.size()));
    std::partial_sort(waiting.begin(), last, waiting.end());
    for (auto next = waiting.begin(); next != last; ++next) {
      Space& space = spaces_[next->second];
      space.wanted = false;
      space.visited = now.monotonic;
      inodes.push_back(next->second);
    }
  };
  visit(wanted, kMostWanted);
  if (last_round_ && now.monotonic - *last_round_ < kRestBetweenRounds) return inodes;
  last_round_ = now.monotonic;
  visit(others, at_most);
  return inodes;
}

Duration NamespaceRoster::longest_unvisited(Instant now) const {
  Duration longest{};
  for (const auto& [inode, space] : spaces_) {
    if (space.refused.empty() && space.visited != MonotonicTime{})
      longest = std::max(longest, now.monotonic - space.visited);
  }
  return longest;
}

void NamespaceRoster::want(NamespaceId id) {
  for (auto& [inode, space] : spaces_) space.wanted = space.wanted || space.id == id;
}

Result<std::unique_ptr<KernelChannel>> NamespaceRoster::enter(std::uint64_t inode,
                                                              const std::function<void()>& on_arrival) {
  const auto found = spaces_.find(inode);
  if (found == spaces_.end()) return Error{"no such namespace", ENOENT};
  Space& space = found->second;
  if (!space.refused.empty()) return Error{space.refused, EPERM};
  Error last{"no way in", ENOENT};
  for (const std::string& path : space.facts.paths) {
    auto channel = open_channel_in(path, inode, on_arrival);
    if (channel.ok()) {
      space.id = (*channel)->name_space();
      name(*space.id, space.facts.name);
      return channel;
    }
    last = channel.error();
    if (last.is_refusal()) {
      space.refused = last.message;
      return last;
    }
  }
  next_search_.reset();  // the processes by which we knew it have ended; there may be others
  return last;
}

bool NamespaceRoster::place(SocketEvent& event) {
  if (event.namespace_number && !find_by_number(event)) return false;
  const NamespaceId id = event.record.id.name_space;
  if (id == own_) return true;
  Space* space = meet(event);
  if (space != nullptr) space->wanted = true;
  if (space != nullptr && !space->refused.empty()) return false;
  // Where nobody is left there, as far as we can tell, its number is its name.
  if (!names_.contains(id)) name(id, name_of_inode(event.namespace_inode));
  return true;
}

// One that no search has found, or that got its number since: the next search asks again.
bool NamespaceRoster::find_by_number(SocketEvent& event) {
  if (!numbers_asked_) ask_for_numbers();
  if (event.namespace_number == own_number_) return true;
  for (auto& [inode, space] : spaces_) {
    if (space.number != event.namespace_number) continue;
    if (!space.id) (void)enter(inode);
    if (!space.id) return false;
    event.record.id.name_space = *space.id;
    event.namespace_inode = inode;
    return true;
  }
  next_search_.reset();
  return false;
}

void NamespaceRoster::ask_for_numbers() {
  numbers_asked_ = true;
  own_number_ = number_of_namespace("/proc/thread-self/ns/net");
  for (auto& [inode, space] : spaces_) {
    if (!space.number && !space.facts.paths.empty())
      space.number = number_of_namespace(space.facts.paths.front());
  }
}

// The namespace an event is of, found by who caused it where no search has met it yet.
NamespaceRoster::Space* NamespaceRoster::meet(const SocketEvent& event) {
  const auto known = spaces_.find(event.namespace_inode);
  if (known != spaces_.end()) return &known->second;
  next_search_.reset();
  if (!event.caller) return nullptr;
  auto facts = net_namespace_by(proc_, event.caller->id.pid, event.namespace_inode);
  if (!facts) return nullptr;
  Space space;
  space.facts = *std::move(facts);
  const auto met = spaces_.emplace(event.namespace_inode, std::move(space)).first;
  (void)enter(event.namespace_inode);  // learns its id and name; a refusal is noted in it
  return &met->second;
}

void NamespaceRoster::name(NamespaceId id, const std::string& name) {
  if (names_.size() >= kNamesKept && !names_.contains(id)) {
    std::erase_if(names_, [this](const auto& entry) {
      return std::none_of(spaces_.begin(), spaces_.end(),
                          [&entry](const auto& space) { return space.second.id == entry.first; });
    });
  }
  names_[id] = name;
}

std::string NamespaceRoster::name_of(NamespaceId id) const {
  if (id == own_) return std::string(kHostNamespace);
  const auto found = names_.find(id);
  return found == names_.end() ? std::string() : found->second;
}

std::vector<NamespaceId> NamespaceRoster::ids_but(const std::vector<std::uint64_t>& inodes) const {
  const std::set<std::uint64_t> left_out(inodes.begin(), inodes.end());
  std::vector<NamespaceId> ids;
  for (const auto& [inode, space] : spaces_) {
    if (space.id && !left_out.contains(inode)) ids.push_back(*space.id);
  }
  return ids;
}

std::optional<NamespaceId> NamespaceRoster::id_of(std::uint64_t inode) const {
  const auto found = spaces_.find(inode);
  return found == spaces_.end() ? std::nullopt : found->second.id;
}

std::optional<std::uint64_t> NamespaceRoster::inode_of(NamespaceId id) const {
  const auto found =
      std::find_if(spaces_.begin(), spaces_.end(), [id](const auto& space) { return space.second.id == id; });
  return found == spaces_.end() ? std::nullopt : std::optional(found->first);
}

std::string NamespaceRoster::name_of_inode(std::uint64_t inode) const {
  const auto found = spaces_.find(inode);
  return found == spaces_.end() ? net_namespace_link(inode) : found->second.facts.name;
}

std::vector<std::string> NamespaceRoster::names() const {
  std::vector<std::string> names;
  for (const auto& [inode, space] : spaces_) {
    if (space.refused.empty()) names.push_back(space.facts.name);
  }
  return names;
}

std::size_t NamespaceRoster::watched() const {
  return static_cast<std::size_t>(std::count_if(
      spaces_.begin(), spaces_.end(), [](const auto& entry) { return entry.second.refused.empty(); }));
}

std::size_t NamespaceRoster::unreadable() const {
  return spaces_.size() - watched();
}

std::vector<Unseen> NamespaceRoster::out_of_sight() const {
  std::vector<Unseen> parts;
  for (const auto& [inode, space] : spaces_) {
    if (!space.refused.empty()) parts.push_back({"network namespace " + space.facts.name, space.refused});
  }
  if (!hidden_.empty()) {
    parts.push_back({"network namespaces of " + count_of(hidden_.size(), "process", "processes"),
                     "no permission to see which; it takes CAP_SYS_PTRACE"});
  }
  return parts;
}

}  // namespace sockwatch
