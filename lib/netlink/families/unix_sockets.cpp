// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/unix_sockets.h"

#include <linux/unix_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>

namespace sockwatch::unix_sockets {
namespace {

// A datagram socket becomes ESTABLISHED when somebody connects to it (seen on Linux 6.18). What tells a
// server is that it has a name and no peer of its own.
constexpr std::uint32_t kWaiting =
    bit(SocketState::Listen) | bit(SocketState::Close) | bit(SocketState::Established);

SocketType type_of(std::uint8_t type) {
  if (type == SOCK_STREAM) return SocketType::Stream;
  return type == SOCK_SEQPACKET ? SocketType::Seqpacket : SocketType::Dgram;
}

// A path comes with the NUL at its end; an abstract name begins with one and may hold more.
std::string name_of(Bytes bytes) {
  const std::string_view name(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (name.empty() || name.front() == '\0') return std::string(name);
  return std::string(name.substr(0, name.find('\0')));
}

// unix_autobind(): five hexadecimal digits in the abstract name space.
bool is_assigned(const std::string& name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return name.size() == 6 && name.front() == '\0' && name.find_first_not_of(kDigits, 1) == std::string::npos;
}

// A file on an absolute path is made anew at each start, one on a relative path may be anywhere.
std::uint64_t place_of_file(const unix_diag_vfs& file, const std::string& name) {
  const std::uint64_t device = std::uint64_t{file.udiag_vfs_dev} << 32;
  return name.starts_with('/') ? device : device | file.udiag_vfs_ino;
}

void apply(const Attribute& attribute, SocketRecord& record, bool& has_peer, unix_diag_vfs& file) {
  switch (attribute.type) {
    case UNIX_DIAG_VFS:
      file = read_struct<unix_diag_vfs>(attribute.payload).value_or(unix_diag_vfs{});
      break;
    case UNIX_DIAG_NAME:
      record.local.name = name_of(attribute.payload);
      break;
    case UNIX_DIAG_PEER:
      has_peer = true;
      break;
    case UNIX_DIAG_RQLEN:
      if (const auto lengths = read_struct<unix_diag_rqlen>(attribute.payload)) {
        record.receive_queue = lengths->udiag_rqueue;
        record.send_queue = lengths->udiag_wqueue;
      }
      break;
    case UNIX_DIAG_UID:
      take_uid(attribute.payload, record);
      break;
    default:
      break;
  }
}

}  // namespace

namespace {

std::vector<DumpRequest> of_states(std::uint32_t states) {
  unix_diag_req body{};
  body.sdiag_family = AF_UNIX;
  body.udiag_states = states;
  body.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID;
  DumpRequest made{Protocol::Unix, Bind::Unknown, "unix", {}};
  append(made.body, body);
  return {made};
}

}  // namespace

std::vector<DumpRequest> requests(LookKind kind, const Abilities&) {
  return kind == LookKind::Listeners ? of_states(kWaiting) : std::vector<DumpRequest>();
}

std::vector<DumpRequest> list_requests(LookKind kind, const Abilities&) {
  return kind == LookKind::Connections ? of_states(~std::uint32_t{0}) : std::vector<DumpRequest>();
}

bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record) {
  const auto fixed = read_struct<unix_diag_msg>(payload);
  if (!fixed || fixed->udiag_family != AF_UNIX || fixed->udiag_state >= kWordCount<SocketState>) return false;
  record = {};
  record.id.cookie = std::uint64_t{fixed->udiag_cookie[1]} << 32 | fixed->udiag_cookie[0];
  record.protocol = request.protocol;
  record.state = static_cast<SocketState>(fixed->udiag_state);
  record.type = type_of(fixed->udiag_type);
  record.inode = fixed->udiag_ino;
  record.uid_told = false;
  bool has_peer = false;
  unix_diag_vfs file{};
  AttributeWalk attributes(payload.subspan(sizeof(unix_diag_msg)));
  while (const auto attribute = attributes.next()) apply(*attribute, record, has_peer, file);
  record.local.file = place_of_file(file, record.local.name);
  if (record.type == SocketType::Dgram)
    record.state = has_peer ? SocketState::Established : SocketState::Close;
  record.bind = is_assigned(record.local.name) ? Bind::Assigned : Bind::Explicit;
  return !attributes.malformed();
}

}  // namespace sockwatch::unix_sockets
