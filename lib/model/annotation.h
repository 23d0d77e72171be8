// SPDX-License-Identifier: Apache-2.0
// What sockwatch adds to what the kernel said: what the port is usually for, how far the address reaches,
// whose the socket is. Hints and facts about one listener; none of it is part of the listener's key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/words.h"

namespace sockwatch {

// RFC 6335 section 6.
enum class Category : std::uint8_t { WellKnown, Registered, Dynamic };
template <>
struct Words<Category> {
  static constexpr std::array<std::string_view, 3> values = {"well-known", "registered", "dynamic"};
};

// What the bind address reaches.
enum class Scope : std::uint8_t { Loopback, LinkLocal, Private, Public, Multicast, Any };
template <>
struct Words<Scope> {
  static constexpr std::array<std::string_view, 6> values = {"loopback", "link-local", "private",
                                                             "public",   "multicast",  "any"};
};

// 0 is what everyone reaches, the last what only this machine does or what has to be joined.
constexpr std::size_t exposure_rank(Scope scope) {
  constexpr std::array<std::size_t, 6> kRanks{4, 3, 2, 1, 5, 0};
  return kRanks[static_cast<std::size_t>(scope)];
}

enum class Encryption : std::uint8_t { Unknown, No, StartTls, Yes };
template <>
struct Words<Encryption> {
  static constexpr std::array<std::string_view, 4> values = {"unknown", "no", "starttls", "yes"};
};

// Where a service's name comes from, the strongest first.
enum class ServiceSource : std::uint8_t { Override, Common, Overlay, Iana };
template <>
struct Words<ServiceSource> {
  static constexpr std::array<std::string_view, 4> values = {"override", "common", "overlay", "iana"};
};

struct Service {
  std::string name;      // short, lower case: "ssh"
  std::string title;     // for people; may be empty
  std::string title_ja;  // the same in Japanese; may be empty
  std::string safer;     // what to use instead of a plaintext protocol; may be empty
  Encryption encryption = Encryption::Unknown;
  ServiceSource source = ServiceSource::Iana;

  friend bool operator==(const Service&, const Service&) = default;
};

// Why an owner is known or not. Only Unexplained is suspicious.
enum class OwnerState : std::uint8_t {
  Known,
  Kernel,
  Exited,
  InFlight,
  OtherPidNamespace,
  NoPermission,
  Budget,
  Unexplained,
};
template <>
struct Words<OwnerState> {
  static constexpr std::array<std::string_view, 8> values = {
      "known",         "kernel", "exited",     "in-flight", "other-pid-namespace",
      "no-permission", "budget", "unexplained"};
};

// A pid alone is recycled; with the start time (clock ticks since boot, proc_pid_stat(5) field 22) it is one
// process.
struct ProcessId {
  std::int32_t pid = 0;
  std::uint64_t start_ticks = 0;

  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

// A process that holds a descriptor of the socket. Its texts are foreign: show them with printable().
struct Holder {
  ProcessId id;
  std::string comm;  // at most 15 bytes, chosen by the process itself
  std::string exe;   // normalised path; empty where it could not be read
  std::uint32_t uid = 0;
  std::string user = {};  // name of the uid, the number where it has none; empty until somebody looked it up

  friend bool operator==(const Holder&, const Holder&) = default;
};

// Further holders, which are counted only.
struct HoldersLeftOut {
  std::uint32_t count = 0;
  bool unlike = false;  // among them is a program or a user that none of the others is

  friend bool operator==(const HoldersLeftOut&, const HoldersLeftOut&) = default;
};

// Three facts: the creator (who called socket(2): his cgroup and uid), the opener (who called listen(2) or
// bind(2)) and the holders. They differ with socket activation, inheritance, passed descriptors, and for
// whoever borrows a name: a process may open a socket and then become another program or user.
struct Owner {
  static constexpr std::size_t kMostOthers = 16;

  OwnerState state = OwnerState::Budget;
  std::string cgroup;       // path in the cgroup tree; empty where unknown
  std::string unit;         // systemd unit, "ssh.service"; empty where there is none
  std::string holder_unit;  // of the first holder where that is another: who serves a socket unit's socket
  std::string container;    // "docker:0123456789ab"; empty where there is none
  // Processes that were seen to hold it. The first stands for the owner: of those that still hold it, who
  // held it first; systemd last, as it holds the sockets of socket units for those who serve them.
  std::vector<Holder> holders;
  HoldersLeftOut left_out = {};
  std::string user;  // of the first holder, else of the creator; the number where it has no name
  // Of member sockets whose creator's uid, unit, container or program is another than the first member's.
  // Empty unless several share a port.
  std::vector<Owner> others = {};
  // Nothing where the kernel does not tell, as of a socket that no file refers to.
  std::optional<std::uint32_t> creator_uid = {};
  std::string creator_user = {};  // name of that uid, or the number
  // As an event saw him at that moment; nothing where none did. He need not hold the socket any more. His exe
  // may be only the last part of the path.
  std::optional<Holder> opener = {};
  std::uint32_t more_others = 0;  // further ones, which are counted only

  friend bool operator==(const Owner&, const Owner&) = default;
};

// What the network namespace that sockwatch itself is in is called.
inline constexpr std::string_view kHostNamespace = "host";

struct Annotation {
  std::string name_space;  // "host", a name in /run/netns, a container's, or "net:[inode]"
  Category category = Category::WellKnown;
  Scope scope = Scope::Any;
  std::optional<Service> service;
  Owner owner;
};

}  // namespace sockwatch
