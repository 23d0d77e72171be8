// SPDX-License-Identifier: Apache-2.0
// A temporary folder of files made from text; gone when the test ends.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sockwatch {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "sockwatch-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  Folder(const Folder&) = delete;  // two owners would remove it twice
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
  }
  void make_directory(const std::string& name) const { std::filesystem::create_directories(path(name)); }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_symlink(target, path(name));
  }
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  // `text` with this folder's own path taken out of it.
  std::string without_path(std::string text) const {
    const std::string prefix = path_ + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

 private:
  std::string path_;
};

}  // namespace sockwatch
