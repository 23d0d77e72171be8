// SPDX-License-Identifier: Apache-2.0
#include "lib/model/lasting_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kDigitsShown = 12;  // of a container's number, by those who name them after it

bool consists_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

// 128 random bits as systemd and desktops write them.
bool is_random_id(std::string_view text) {
  return text.size() == 32 && consists_of(text, kHexDigits);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36 || !consists_of(text, "0123456789abcdefABCDEF-")) return false;
  return text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' &&
         std::count(text.begin(), text.end(), '-') == 4;
}

// "3-10.0.0.1:21-10.0.0.9:5001", "0-fe80::1:22-fe80::2:4711", "7-1234-1000": the connection's number, then
// both its ends or the pid and uid of its client (systemd: src/core/socket.c, instance_from_socket).
bool is_connection(std::string_view instance) {
  const std::size_t dash = instance.find('-');
  if (dash == std::string_view::npos || !consists_of(instance.substr(0, dash), kDigits)) return false;
  const std::string_view ends = instance.substr(dash + 1);
  return consists_of(ends, "0123456789abcdef.:-_") && ends.find_first_of(":-") != std::string_view::npos;
}

// "app-firefox@UUID.service": an application's instance is a random one, but for those started at login
// (systemd: docs/DESKTOP_ENVIRONMENTS.md).
bool is_made_up_instance(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos) return false;
  const std::string_view instance = name.substr(at + 1, name.rfind('.') - at - 1);
  if (name.starts_with("app-")) return instance != "autostart";
  return name.starts_with("dbus-:") || is_random_id(instance) || is_connection(instance);
}

class Builder {
 public:
  Builder& literal(std::string_view text) {
    name_.text += text;
    name_.glob += exact_glob(text);
    return *this;
  }
  Builder& made_up(std::string_view pattern) {
    name_.text += pattern;
    name_.glob += pattern;
    return *this;
  }
  LastingName take() { return std::move(name_); }

 private:
  LastingName name_;
};

// libvirt: "qemu-3-web", where systemd escapes the dashes. Nothing where it is no such name.
std::string_view number_of_machine(std::string_view container) {
  const std::size_t kind = container.rfind(':');
  if (kind == std::string_view::npos || !container.substr(0, kind).ends_with("machine")) return {};
  std::string_view name = container.substr(kind + 1);
  for (const std::string_view dash : {"\\x2d", "-"}) {
    for (const std::string_view driver : {"qemu", "lxc"}) {
      if (!name.starts_with(driver) || !name.substr(driver.size()).starts_with(dash)) continue;
      const std::string_view rest = name.substr(driver.size() + dash.size());
      const std::string_view number = rest.substr(0, rest.find(dash));
      if (consists_of(number, kDigits) && number.size() < rest.size()) return number;
    }
  }
  return {};
}

// Of one directory in a program's path: how many of its last characters are random.
std::size_t random_end(std::string_view directory) {
  constexpr std::string_view kAppImage = ".mount_";  // and the first letters of its name
  constexpr std::size_t kMkdtemp = 6;
  if (directory.starts_with(kAppImage) && directory.size() >= kAppImage.size() + kMkdtemp) return kMkdtemp;
  constexpr std::string_view kMktemp = "tmp.";
  constexpr std::size_t kMktempRandom = 10;
  return directory.starts_with(kMktemp) && directory.size() == kMktemp.size() + kMktempRandom ? kMktempRandom
                                                                                              : 0;
}

// What comes before a directory that is all number: of a snap its revision, of `go run` the build's.
bool is_numbered_directory(std::string_view above, std::string_view directory) {
  const std::size_t name = above.rfind('/');
  const std::string_view snaps = name == std::string_view::npos ? std::string_view() : above.substr(0, name);
  if (snaps == "/snap" || snaps == "/var/lib/snapd/snap")
    return consists_of(directory, kDigits) ||
           (directory.starts_with('x') && consists_of(directory.substr(1), kDigits));
  return directory.size() == 64 && consists_of(directory, kHexDigits);
}

}  // namespace

std::string exact_glob(std::string_view text) {
  std::string glob;
  for (const char c : is_utf8(text) ? std::string(text) : printable(text)) {
    if (c == '*' || c == '?' || c == '[') {
      glob += '[';
      glob += c;
      glob += ']';
    } else {
      if (c == '\\') glob += '\\';
      glob += c;
    }
  }
  return glob;
}

std::string lasting_unit(std::string_view unit) {
  const std::string_view innermost = unit.substr(unit.rfind('/') + 1);
  if (!innermost.ends_with(".service") && !innermost.ends_with(".socket")) return {};
  const bool once =
      innermost.starts_with("run-") || innermost.starts_with("user@") || is_made_up_instance(innermost);
  return once ? std::string() : std::string(unit);
}

bool is_numbered(std::string_view container) {
  const std::size_t colon = container.rfind(':');
  if (colon == std::string_view::npos || container.size() != colon + 1 + kDigitsShown) return false;
  return consists_of(container.substr(colon + 1), kHexDigits);
}

LastingName lasting_container(std::string_view container) {
  if (is_numbered(container))
    return Builder().literal(container.substr(0, container.size() - kDigitsShown)).made_up("*").take();
  const std::string_view number = number_of_machine(container);
  if (number.empty()) return Builder().literal(container).take();
  const auto at = static_cast<std::size_t>(number.data() - container.data());
  return Builder()
      .literal(container.substr(0, at))
      .made_up("*")
      .literal(container.substr(at + number.size()))
      .take();
}

bool is_unnamed_namespace(std::string_view name) {
  return name.starts_with("net:[");
}

// Kubernetes and its engines name a Pod's "cni-UUID", Podman a container's "netns-UUID", CRI-O "UUID" alone.
// Those of OpenStack ("qrouter-UUID") are called after what lasts.
LastingName lasting_namespace(std::string_view name) {
  if (is_unnamed_namespace(name)) return Builder().literal("net:").made_up("*").take();
  for (const std::string_view prefix : {"cni-", "cnitest-", "netns-"}) {
    if (name.starts_with(prefix) && is_uuid(name.substr(prefix.size())))
      return Builder().literal(prefix).made_up("*").take();
  }
  if (is_uuid(name)) {
    std::string form(name);
    std::replace_if(
        form.begin(), form.end(), [](char c) { return c != '-'; }, '?');
    return Builder().made_up(form).take();
  }
  return lasting_container(name);
}

LastingName lasting_program(std::string_view exe) {
  Builder builder;
  std::size_t begin = 0;
  for (std::size_t end = exe.find('/'); end != std::string_view::npos; end = exe.find('/', begin)) {
    const std::string_view directory = exe.substr(begin, end - begin);
    const std::string_view above = exe.substr(0, begin == 0 ? 0 : begin - 1);
    if (is_numbered_directory(above, directory)) {
      builder.made_up("*");
    } else if (directory.starts_with("go-build") && consists_of(directory.substr(8), kDigits)) {
      builder.literal("go-build").made_up("*");
    } else {
      const std::size_t random = random_end(directory);
      builder.literal(directory.substr(0, directory.size() - random)).made_up(std::string(random, '?'));
    }
    builder.literal("/");
    begin = end + 1;
  }
  return builder.literal(exe.substr(begin)).take();
}

}  // namespace sockwatch
