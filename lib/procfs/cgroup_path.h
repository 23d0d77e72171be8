// SPDX-License-Identifier: Apache-2.0
// What the path of a cgroup says about whose it is: the systemd unit, the container, the Kubernetes pod.
// Pure text, for the paths of v1, v2 and hybrid machines.
//
// Whoever a subtree was handed to (a user, a service with Delegate=) may name what is below as he likes, also
// ssh.service. So only the machine's managers name things plainly: the first unit below the slices, or the
// first container. What is below a unit carries the unit's name in front, and nothing below a container
// counts.
#pragma once

#include <string>
#include <string_view>

namespace sockwatch {

// Empty is unknown or not there. systemd's escapes ("\x2d") stay as they are.
struct CgroupPlace {
  // "ssh.service", "session-2.scope"; a unit of a user's manager is "user@1000.service/foo.service".
  std::string unit;
  std::string slice;  // the innermost above the unit, of the system manager: "system.slice"
  // runtime:name. The name is the first 12 digits of an OCI id ("docker:", "podman:", "containerd:",
  // "cri-o:"; "oci:" where the path does not tell the runtime), else the name in full ("lxc:", "nspawn:",
  // and "machine:" for others that are registered, such as virtual ones). Below a unit:
  // "user@1000.service/podman:0123456789ab".
  std::string container;
  std::string pod;  // uid of a Kubernetes pod, with dashes
  std::string qos;  // its class: "guaranteed", "burstable", "besteffort"

  friend bool operator==(const CgroupPlace&, const CgroupPlace&) = default;
};

CgroupPlace parse_cgroup_path(std::string_view path);

// The path that says most in a /proc/PID/cgroup: that of the v2 line; where this is missing or the root, that
// of v1's name=systemd line. Empty where there is neither.
std::string pick_cgroup_path(std::string_view proc_pid_cgroup);

}  // namespace sockwatch
