// SPDX-License-Identifier: Apache-2.0
// What the journal's senders talk to, in a folder that lives as long as its test.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>

#include "lib/base/unique_fd.h"

namespace sockwatch {

class SocketFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "sockwatch-journal-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

inline sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

// A socket of that kind, bound to the path; not valid where it could not be.
inline UniqueFd bound_socket(int type, const std::string& path) {
  UniqueFd made(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = address_of(path);
  // The socket calls take every kind of address by this one type.
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return {};
  return made;
}

// Stands in for journald.
class FakeJournald {
 public:
  explicit FakeJournald(const std::string& path) : socket_(bound_socket(SOCK_DGRAM, path)) {}
  bool bound() const { return socket_.valid(); }

  struct Message {
    std::string bytes;
    UniqueFd file;
  };
  std::optional<Message> receive() const {
    std::string bytes(1 << 16, '\0');
    iovec buffer{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &buffer;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size));
    UniqueFd file;
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
      file.reset(fd);
    }
    return Message{std::move(bytes), std::move(file)};
  }

 private:
  UniqueFd socket_;
};

}  // namespace sockwatch
