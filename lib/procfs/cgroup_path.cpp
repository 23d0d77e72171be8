// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/cgroup_path.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kIdLength = 64;  // of an OCI container, hexadecimal
constexpr std::size_t kIdShown = 12;

// What runtimes put before the id. Their monitors ("libpod-conmon-ID", "crio-conmon-ID") fall through, as
// they should: they are processes of the host.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kRuntimes{{
    {"docker-", "docker:"},
    {"libpod-payload-", "podman:"},
    {"libpod-", "podman:"},
    {"cri-containerd-", "containerd:"},
    {"nerdctl-", "containerd:"},
    {"crio-", "cri-o:"},
}};

bool is_id(std::string_view text) {
  return text.size() == kIdLength && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// The part between prefix and suffix; empty where the text has not both around something.
std::string_view between(std::string_view text, std::string_view prefix, std::string_view suffix) {
  if (text.size() <= prefix.size() + suffix.size()) return {};
  if (!text.starts_with(prefix) || !text.ends_with(suffix)) return {};
  return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

bool is_slice(std::string_view name) {
  return !between(name, "", ".slice").empty();
}

bool is_unit(std::string_view name) {
  constexpr std::array<std::string_view, 5> kTypes{".service", ".scope", ".socket", ".mount", ".swap"};
  return std::any_of(kTypes.begin(), kTypes.end(),
                     [&](std::string_view type) { return !between(name, "", type).empty(); });
}

bool is_user_manager(std::string_view unit) {
  const std::string_view uid = between(unit, "user@", ".service");
  return !uid.empty() && uid.find_first_not_of("0123456789") == std::string_view::npos;
}

// systemd puts "_" before a name the kernel could take for a file of its own ("_cpu.service").
std::string_view unescape(std::string_view name) {
  return name.starts_with('_') ? name.substr(1) : name;
}

std::string named(std::string_view kind, std::string_view name) {
  return std::string(kind).append(name);
}

std::string below(std::string_view unit, std::string_view name) {
  return unit.empty() ? std::string(name) : std::string(unit) + "/" + std::string(name);
}

std::string oci_container(std::string_view parent, std::string_view name) {
  if (name.ends_with(".scope")) name.remove_suffix(std::string_view(".scope").size());
  if (is_id(name)) return named(parent == "docker" ? "docker:" : "oci:", name.substr(0, kIdShown));
  for (const auto& [prefix, runtime] : kRuntimes) {
    if (name.starts_with(prefix) && is_id(name.substr(prefix.size()))) {
      return named(runtime, name.substr(prefix.size(), kIdShown));
    }
  }
  // containerd's cgroupfs driver takes the systemd driver's "slice:prefix:id" for a directory's name.
  const auto parts = split(name, ':');
  if (parts.size() != 3 || !is_slice(parts[0])) return {};
  return oci_container({}, std::string(parts[1]) + "-" + std::string(parts[2]));
}

std::string container_of(std::string_view parent, std::string_view name) {
  // "lxc/NAME" and "lxc.payload/NAME" before LXC 4; Proxmox keeps the first.
  if (parent == "lxc" || parent == "lxc.payload") return named("lxc:", name);
  if (const auto lxc = between(name, "lxc.payload.", ""); !lxc.empty()) return named("lxc:", lxc);
  if (const auto nspawn = between(name, "systemd-nspawn@", ".service"); !nspawn.empty()) {
    return named("nspawn:", nspawn);
  }
  if (const auto machine = between(name, "machine-", ".scope"); !machine.empty()) {
    return named("machine:", machine);
  }
  return oci_container(parent, name);
}

// The uid in "pod2d9e8a63-…" (cgroupfs driver, below the class), "kubepods-burstable-pod2d9e8a63_….slice"
// (systemd driver), and the latter with more behind its colon.
std::string_view pod_of(std::string_view parent, std::string_view name) {
  const bool below_class = parent == "kubepods" || parent == "burstable" || parent == "besteffort";
  std::string_view uid;
  if (below_class) {
    uid = between(name, "pod", "");
  } else if (name.find("kubepods-") != std::string_view::npos) {
    const std::string_view slice = name.substr(0, name.find(".slice"));
    const std::size_t at = slice.rfind("-pod");
    if (at != std::string_view::npos) uid = slice.substr(at + 4);
  }
  return uid.find_first_not_of("0123456789abcdef-_") == std::string_view::npos ? uid : std::string_view{};
}

void note_pod(std::string_view parent, std::string_view name, CgroupPlace& place) {
  const std::string_view uid = pod_of(parent, name);
  if (uid.empty()) return;
  place.pod = uid;
  std::replace(place.pod.begin(), place.pod.end(), '_', '-');
  const auto in_class = [&](std::string_view qos) {
    return parent == qos || name.find("kubepods-" + std::string(qos) + "-") != std::string_view::npos;
  };
  place.qos = in_class("burstable") ? "burstable" : in_class("besteffort") ? "besteffort" : "guaranteed";
}

// Walks down with the managers: a unit belongs to one as long as only slices stand above it.
class UnitReader {
 public:
  void read(std::string_view name, CgroupPlace& place) {
    if (manager_ == Manager::None) return;
    if (is_slice(name)) {
      if (manager_ == Manager::System) place.slice = name;
      return;
    }
    const bool unit = is_unit(name);
    if (unit) place.unit = below(place.unit, name);
    const bool hands_on = unit && manager_ == Manager::System && is_user_manager(name);
    manager_ = hands_on ? Manager::User : Manager::None;
  }

 private:
  enum class Manager { System, User, None };
  Manager manager_ = Manager::System;
};

}  // namespace

CgroupPlace parse_cgroup_path(std::string_view path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());

  CgroupPlace place;
  UnitReader units;
  std::string_view parent;
  for (const std::string_view component : split(path, '/')) {
    // ".." leads out of our cgroup namespace, to a path from a root that we do not see.
    if (component.empty() || component == "..") continue;
    const std::string_view name = unescape(component);
    const std::string unit_above = place.unit;
    units.read(name, place);
    if (place.pod.empty()) note_pod(parent, name, place);
    if (const std::string container = container_of(parent, name); !container.empty()) {
      place.container = below(unit_above, container);
      break;
    }
    parent = name;
  }
  return place;
}

std::string pick_cgroup_path(std::string_view proc_pid_cgroup) {
  std::string_view unified;
  std::string_view systemd;
  for (const std::string_view line : split(proc_pid_cgroup, '\n')) {
    // "hierarchy:controllers:path"; the path may hold colons.
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    if (line.substr(0, first) == "0" && controllers.empty()) unified = line.substr(second + 1);
    if (controllers == "name=systemd") systemd = line.substr(second + 1);
  }
  const bool unified_says_more = systemd.empty() || unified.size() > 1;
  return std::string(unified_says_more ? unified : systemd);
}

}  // namespace sockwatch
