// SPDX-License-Identifier: Apache-2.0
// User names, from the passwd file alone: the name service switch may ask the network, and the loop must not
// wait.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "lib/base/dir.h"

namespace sockwatch {

class UserNames {
 public:
  // `etc` is the directory of passwd, usually /etc.
  explicit UserNames(Dir etc) : etc_(std::move(etc)) {}

  // Reads the file, and again when it was changed. Before the first name, and then as often as names may be
  // new.
  void refresh();
  // The number as text where the uid has no name.
  std::string name_of(std::uint32_t uid) const;
  // The way back.
  std::optional<std::uint32_t> uid_of(const std::string& user) const;

 private:
  bool changed();
  void read();

  Dir etc_;
  struct stat seen_ {};
  std::unordered_map<std::uint32_t, std::string> names_;
};

}  // namespace sockwatch
