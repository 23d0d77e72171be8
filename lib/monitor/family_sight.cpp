// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/family_sight.h"

#include <sys/utsname.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "lib/base/dir.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

struct Known {
  Protocol protocol;
  std::string_view name;    // in /proc/net/protocols
  std::string_view module;  // that answers sock_diag for it
  bool has_table;           // in /proc/net
};
constexpr std::array kKnown = {
    Known{Protocol::Mptcp, "MPTCP", "mptcp_diag", false},
    Known{Protocol::Udplite, "UDP-Lite", "udp_diag", true},
    Known{Protocol::Sctp, "SCTP", "sctp_diag", false},
    Known{Protocol::Raw, "RAW", "raw_diag", true},
    Known{Protocol::Packet, "PACKET", "af_packet_diag", true},
    Known{Protocol::Unix, "UNIX", "unix_diag", true},
    Known{Protocol::Vsock, "AF_VSOCK", "vsock_diag", false},
};

const Known* known_as(Protocol protocol) {
  const auto* found =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) { return k.protocol == protocol; });
  return found == kKnown.end() ? nullptr : &*found;
}

std::optional<std::string> read(const std::string& directory, const char* name) {
  constexpr std::size_t kLargest = 4 << 20;
  const auto opened = Dir::open(directory);
  if (!opened.ok()) return std::nullopt;
  auto text = opened->read_file(name, kLargest);
  return text.ok() ? std::optional(*std::move(text)) : std::nullopt;
}

bool begins_a_line(std::string_view text, std::string_view word) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.substr(0, line.find(' ')) == word) return true;
  }
  return false;
}

std::string kernel_release() {
  utsname name{};
  return ::uname(&name) == 0 ? name.release : "";
}

// Which questions load nothing.
class Modules {
 public:
  Modules(const std::string& proc_root, const std::string& module_root)
      : loaded_(read(proc_root, "modules")),
        built_in_(read(module_root + "/" + kernel_release(), "modules.builtin").value_or("")),
        disabled_(trim(read(proc_root + "/sys/kernel", "modules_disabled").value_or("0")) == "1") {}

  bool may_be_asked(std::string_view module) const {
    if (!loaded_ || disabled_) return true;  // there is nothing to load from
    const std::string file = "/" + std::string(module) + ".ko";
    return begins_a_line(*loaded_, module) || built_in_.find(file) != std::string::npos;
  }

 private:
  std::optional<std::string> loaded_;  // nothing: the kernel knows no modules
  std::string built_in_;
  bool disabled_;
};

void cannot_see(FamilySight& sight, Protocol protocol, std::string why) {
  sight.how[static_cast<std::size_t>(protocol)] = Sight::Unreadable;
  Unseen part{std::string(word(protocol)) + " sockets", std::move(why)};
  if (protocol == Protocol::Mptcp) {
    sight.untold.emplace_back(protocol, std::move(part));  // each is a TCP socket, too, and seen as that
  } else {
    sight.unreadable.push_back(std::move(part));
  }
}

// Without sock_diag, for this reason.
void see_otherwise(FamilySight& sight, const Known& known, std::string why) {
  if (!known.has_table) return cannot_see(sight, known.protocol, std::move(why));
  sight.how[static_cast<std::size_t>(known.protocol)] = Sight::ProcNet;
  // The table of packet sockets does not tell the one thing that matters most.
  if (known.protocol == Protocol::Packet)
    sight.untold.emplace_back(known.protocol, Unseen{"promiscuous packet sockets", std::move(why)});
}

}  // namespace

void FamilySight::has_no_sock_diag(Protocol protocol) {
  const Known* known = known_as(protocol);
  if (known != nullptr)
    see_otherwise(*this, *known, "this kernel was built without " + std::string(known->module));
}

std::vector<Unseen> FamilySight::gaps(const std::function<bool(Protocol)>& has_any) const {
  std::vector<Unseen> all = unreadable;
  for (const auto& [protocol, part] : untold) {
    if (has_any(protocol)) all.push_back(part);
  }
  return all;
}

FamilySight look_at_families(const std::vector<Protocol>& wanted, const std::string& proc_root,
                             const std::string& module_root) {
  FamilySight sight;
  const Modules modules(proc_root, module_root);
  const auto protocols = read(proc_root + "/net", "protocols");
  for (const Protocol protocol : wanted) {
    Sight& how = sight.how[static_cast<std::size_t>(protocol)];
    how = Sight::SockDiag;
    const Known* known = known_as(protocol);
    if (known == nullptr) continue;
    if (!protocols) {
      cannot_see(sight, protocol, "/proc/net/protocols does not tell whether this kernel has them");
    } else if (!begins_a_line(*protocols, known->name)) {
      how = Sight::Absent;
    } else if (!modules.may_be_asked(known->module)) {
      see_otherwise(sight, *known,
                    "the module " + std::string(known->module) +
                        " is not loaded, and sockwatch loads none: modprobe " + std::string(known->module));
    }
  }
  return sight;
}

}  // namespace sockwatch
