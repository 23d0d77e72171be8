// SPDX-License-Identifier: Apache-2.0
#include "cli/look.h"

#include <unistd.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "lib/annotate/annotator.h"
#include "lib/base/text.h"
#include "lib/watch/listener_index.h"

namespace sockwatch {
namespace {

auto order_of(const OpenListener& open) {
  const ListenerKey& key = open.listener.key;
  return std::tie(key.protocol, key.local.port, key.local.address, key.local.interface_index, key.local.name);
}

std::size_t count_denied(const Look& look) {
  const auto denied = [](const Annotation& annotation) {
    return annotation.owner.state == OwnerState::NoPermission;
  };
  const auto listeners =
      std::count_if(look.listeners.begin(), look.listeners.end(),
                    [&](const OpenListener& open) { return denied(open.listener.annotation); });
  const auto connections =
      std::count_if(look.connections.begin(), look.connections.end(),
                    [&](const SeenConnection& connection) { return denied(connection.annotation); });
  return static_cast<std::size_t>(listeners + connections);
}

Unseen denied_owners(std::size_t count) {
  const std::string what =
      count == 1 ? "owner of 1 socket" : "owners of " + std::to_string(count) + " sockets";
  const char* remedy =
      ::geteuid() == 0 ? "it takes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH" : "run as root to see them";
  return {what, std::string("no permission to read other users' /proc/PID/fd; ") + remedy};
}

// Without anything learned, that is all that no rule names.
bool judged_by_default(const OpenListener& open) {
  const Verdict& verdict = open.listener.verdict;
  return verdict.kind == VerdictKind::Unexpected && verdict.rule == "default";
}

// Why nobody can tell from where something is reached, without what is said of one listener alone.
std::string undecided_reach(const Look& look) {
  constexpr std::size_t kMostReasons = 3;
  std::vector<std::string> reasons;
  std::size_t count = 0;
  for (const OpenListener& open : look.listeners) {
    if (!open.reach || open.reach->word != firewall::ReachWord::Unknown) continue;
    ++count;
    for (const std::string& reason : open.reach->unknown) {
      if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
    }
  }
  if (count == 0) return {};
  std::string text =
      "reach is unknown for " + std::to_string(count) + (count == 1 ? " listener" : " listeners");
  for (std::size_t i = 0; i < std::min(reasons.size(), kMostReasons); ++i)
    text += (i == 0 ? ": " : "; ") + printable(reasons[i]);
  return text + (reasons.size() > kMostReasons ? "; and more" : "");
}

bool is_mere_line(const SocketRecord& record, const Annotation& annotation) {
  return record.protocol == Protocol::Unix && !record.queue_told && record.inode != 0 &&
         annotation.owner.state == OwnerState::Unexplained;
}

}  // namespace

void drop_mere_lines(Look& look) {
  std::erase_if(look.listeners, [](const OpenListener& open) {
    return is_mere_line(open.listener.members.front(), open.listener.annotation);
  });
  std::erase_if(look.connections, [](const SeenConnection& connection) {
    return is_mere_line(connection.record, connection.annotation);
  });
}

void forget_unknown_first_seen(std::vector<Listener>& listeners, Instant first_look) {
  for (Listener& listener : listeners) {
    if (listener.first_seen == first_look) listener.first_seen = {};
  }
}

Look put_together(std::vector<Listener> listeners, std::optional<std::vector<SocketRecord>> connections,
                  const ServiceTable& services) {
  Look look;
  std::vector<std::uint64_t> held(listeners.size(), 0);
  if (connections) {
    ListenerIndex index;
    index.build(places_of(listeners));
    for (const SocketRecord& record : *connections) {
      // What has no scope is not known by an address that could lead to a listener.
      const auto listener = has_scope(record.protocol) ? index.find(record) : std::nullopt;
      if (listener) ++held[*listener];
      const Direction direction = listener ? Direction::Inbound : Direction::Outbound;
      SeenConnection& connection = look.connections.emplace_back(SeenConnection{record, direction, {}});
      describe_connection(connection, services);
      connection.annotation.name_space = kHostNamespace;
    }
  }
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    look.listeners.push_back({std::move(listeners[i]), connections ? std::optional(held[i]) : std::nullopt});
  }
  std::sort(look.listeners.begin(), look.listeners.end(),
            [](const OpenListener& a, const OpenListener& b) { return order_of(a) < order_of(b); });
  return look;
}

std::vector<Unseen> gaps_of(const Look& look) {
  std::vector<Unseen> gaps = look.unseen;
  // A recording has no owners at all: that is what it is, not a gap in it.
  if (look.source == SocketSource::Replay) return gaps;
  if (const std::size_t denied = count_denied(look); denied > 0) gaps.push_back(denied_owners(denied));
  return gaps;
}

std::vector<std::string> gap_lines(const Look& look) {
  std::vector<std::string> lines;
  for (const Unseen& gap : gaps_of(look)) lines.push_back(printable(gap.what) + ": " + one_line(gap.why));
  return lines;
}

std::vector<std::string> remarks_on(const Look& look) {
  std::vector<std::string> remarks = gap_lines(look);
  if (std::string undecided = undecided_reach(look); !undecided.empty())
    remarks.push_back(std::move(undecided));
  if (look.source == SocketSource::Replay)
    remarks.emplace_back("owners are unknown: a recording does not hold them");
  if (look.source == SocketSource::ProcNet) {
    remarks.emplace_back(
        "sockets come from /proc/net, because this kernel has no sock_diag: it tells neither their cgroups "
        "nor which "
        "ports the kernel chose");
  }
  if (!look.anything_learned &&
      std::any_of(look.listeners.begin(), look.listeners.end(), judged_by_default)) {
    remarks.emplace_back(
        "nothing was learned here, or it may not be read: what no rule names shows as unexpected");
  }
  return remarks;
}

}  // namespace sockwatch
