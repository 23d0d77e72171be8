// SPDX-License-Identifier: Apache-2.0
// A folder built from text that stands in for /proc, the cgroup tree or /etc. Removes itself.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "lib/base/dir.h"
#include "lib/base/text.h"

namespace sockwatch {

class FileTree {
 public:
  // One entry a line: "path = content" (a newline is added), "path -> target" (a symbolic link), "path/" (a
  // directory). Directories above an entry are made as needed.
  explicit FileTree(std::string_view text = {}) : root_(make_root()) { add(text); }
  ~FileTree() {
    std::error_code ignored;  // a leftover in the temporary folder fails no test
    std::filesystem::remove_all(root_, ignored);
  }
  FileTree(const FileTree&) = delete;  // two would remove the folder twice
  FileTree& operator=(const FileTree&) = delete;

  void add(std::string_view text) {
    for (const std::string_view line : split(text, '\n')) add_line(trim(line));
  }
  // Exactly these bytes.
  void write(std::string_view path, std::string_view content) {
    std::ofstream(above(path), std::ios::binary) << content;
  }
  void link(std::string_view path, std::string_view target) {
    std::filesystem::create_symlink(target, above(path));
  }
  void remove(std::string_view path) { std::filesystem::remove_all(at(path)); }

  std::string path() const { return root_.string(); }
  std::filesystem::path at(std::string_view path) const { return root_ / path; }
  // The folder, or one in it.
  Dir open(const std::string& path = ".") const { return Dir::open(root_ / path).value(); }

 private:
  static std::filesystem::path make_root() {
    std::string name = std::filesystem::temp_directory_path() / "sockwatch-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    // Readable for all, so that a test may look at it without privileges.
    std::filesystem::permissions(name, std::filesystem::perms(0755));
    return name;
  }
  std::filesystem::path above(std::string_view path) const {
    std::filesystem::create_directories(at(path).parent_path());
    return at(path);
  }
  void add_line(std::string_view line) {
    if (line.empty()) return;
    const std::size_t arrow = line.find(" -> ");
    const std::size_t equals = line.find(" = ");
    if (arrow != std::string_view::npos) {
      link(trim(line.substr(0, arrow)), line.substr(arrow + 4));
    } else if (equals != std::string_view::npos) {
      write(trim(line.substr(0, equals)), std::string(line.substr(equals + 3)) + "\n");
    } else if (line.ends_with('/')) {
      std::filesystem::create_directories(at(line));
    } else {
      throw std::invalid_argument("not an entry: " + std::string(line));
    }
  }

  std::filesystem::path root_;
};

}  // namespace sockwatch
