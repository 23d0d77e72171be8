// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/origin.h"

#include "lib/base/text.h"

namespace sockwatch {
namespace {

// Behind the slash stands what a user's manager runs, and he may run anything under any name.
std::string as_given_by_the_system(const std::string& name) {
  return printable(name.substr(0, name.find('/')));
}

// The kernel's word on who made the socket comes first; not every family has one.
std::string user_of(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  const SocketRecord& record = listener.members.front();
  const bool held = !owner.holders.empty();
  const std::uint32_t uid = record.uid_told || !held ? record.uid : owner.holders.front().uid;
  const bool named = !owner.user.empty() && (!held || owner.holders.front().uid == uid);
  return "user " + (named ? printable(owner.user) : std::to_string(uid));
}

}  // namespace

std::string origin_of(const Alert& alert) {
  if (!alert.listener) return alert.rule.empty() ? "sockwatch itself" : "rule " + printable(alert.rule);
  const Owner& owner = alert.listener->annotation.owner;
  if (!owner.container.empty()) return as_given_by_the_system(owner.container);
  if (!owner.unit.empty()) return as_given_by_the_system(owner.unit);
  return owner.state == OwnerState::Kernel ? "the kernel" : user_of(*alert.listener);
}

}  // namespace sockwatch
