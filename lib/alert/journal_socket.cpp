// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/journal_socket.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sockwatch {
namespace {

// A receiver that is away, full or forbidden may be back later; only an entry that is wrong in itself is
// given up, or it would stand in the way of all others.
SendOutcome outcome_of(int error) {
  if (error == 0) return SendOutcome::Sent;
  return error == EINVAL || error == EMSGSIZE ? SendOutcome::Failed : SendOutcome::TryAgain;
}

// Addressed each time rather than connected: a restarted journald is found again without our noticing.
int send_message(int socket, const std::string& path, msghdr message) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  message.msg_name = &address;
  message.msg_namelen = sizeof(address);
  return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

int send_datagram(int socket, const std::string& path, std::string_view entry) {
  iovec bytes{const_cast<char*>(entry.data()), entry.size()};  // sendmsg() only reads
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  return send_message(socket, path, message);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// journald takes a memory file only when nobody can change it any more. Not valid, with errno set, on
// failure.
UniqueFd sealed_copy(std::string_view entry) {
  UniqueFd file(::memfd_create("sockwatch-alert", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid() || !write_all(file.get(), entry)) return {};
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) return {};
  return file;
}

int send_descriptor(int socket, const std::string& path, int fd) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  return send_message(socket, path, message);
}

SendOutcome send_as_file(int socket, const std::string& path, std::string_view entry) {
  const UniqueFd file = sealed_copy(entry);
  if (file.valid()) return outcome_of(send_descriptor(socket, path, file.get()));
  const bool passing = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
  return passing ? SendOutcome::TryAgain : SendOutcome::Failed;
}

}  // namespace

JournalSocket::JournalSocket(std::string path)
    : path_(std::move(path)), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

SendOutcome JournalSocket::send(std::string_view entry) {
  if (path_.size() >= sizeof(sockaddr_un::sun_path)) return SendOutcome::Failed;
  if (!socket_.valid()) socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket_.valid()) return SendOutcome::TryAgain;
  const int error = send_datagram(socket_.get(), path_, entry);
  return error == EMSGSIZE ? send_as_file(socket_.get(), path_, entry) : outcome_of(error);
}

}  // namespace sockwatch
