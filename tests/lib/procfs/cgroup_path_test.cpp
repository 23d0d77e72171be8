// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/cgroup_path.h"

#include <gtest/gtest.h>

#include <vector>

namespace sockwatch {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kUid = "2d9e8a63-1a2b-4c3d-9e8f-0123456789ab";
const std::string kUidEscaped = "2d9e8a63_1a2b_4c3d_9e8f_0123456789ab";
const std::string kUser = "/user.slice/user-1000.slice/user@1000.service";

// A CgroupPlace of which a case names only what it expects.
struct Expected {
  std::string unit = {};
  std::string slice = {};
  std::string container = {};
  std::string pod = {};
  std::string qos = {};
};

struct Case {
  std::string path;
  Expected expected;
};

void check(const std::vector<Case>& table) {
  for (const auto& [path, expected] : table) {
    const CgroupPlace place = parse_cgroup_path(path);
    EXPECT_EQ(place.unit, expected.unit) << path;
    EXPECT_EQ(place.slice, expected.slice) << path;
    EXPECT_EQ(place.container, expected.container) << path;
    EXPECT_EQ(place.pod, expected.pod) << path;
    EXPECT_EQ(place.qos, expected.qos) << path;
  }
}

TEST(CgroupPath, names_the_units_of_the_system) {
  check({
      {"/system.slice/ssh.service", {.unit = "ssh.service", .slice = "system.slice"}},
      {"/system.slice/ssh.socket", {.unit = "ssh.socket", .slice = "system.slice"}},
      {"/init.scope", {.unit = "init.scope"}},
      {"/system.slice/system-getty.slice/getty@tty1.service",
       {.unit = "getty@tty1.service", .slice = "system-getty.slice"}},
      {"/system.slice/system-postgresql.slice/postgresql@15-main.service",
       {.unit = "postgresql@15-main.service", .slice = "system-postgresql.slice"}},
      {R"(/system.slice/system-serial\x2dgetty.slice/serial-getty@ttyS0.service)",
       {.unit = "serial-getty@ttyS0.service", .slice = R"(system-serial\x2dgetty.slice)"}},
      {R"(/system.slice/srv-my\x2ddata.mount)", {.unit = R"(srv-my\x2ddata.mount)", .slice = "system.slice"}},
      {"/system.slice/swapfile.swap", {.unit = "swapfile.swap", .slice = "system.slice"}},
      {"/system.slice/docker.service", {.unit = "docker.service", .slice = "system.slice"}},
      {"/system.slice/snap.lxd.daemon.service", {.unit = "snap.lxd.daemon.service", .slice = "system.slice"}},
      {"/system.slice/_cpu.service", {.unit = "cpu.service", .slice = "system.slice"}},
      {"/system.slice/ssh.service (deleted)", {.unit = "ssh.service", .slice = "system.slice"}},
      {"/azure.slice/walinuxagent.service", {.unit = "walinuxagent.service", .slice = "azure.slice"}},
      {"/user.slice/user-0.slice/session-2.scope", {.unit = "session-2.scope", .slice = "user-0.slice"}},
      {"/user.slice/user-1000.slice/session-c1.scope",
       {.unit = "session-c1.scope", .slice = "user-1000.slice"}},
  });
}

TEST(CgroupPath, puts_the_manager_in_front_of_a_users_unit) {
  const std::string slice = "user-1000.slice";
  check({
      {kUser, {.unit = "user@1000.service", .slice = slice}},
      {kUser + "/init.scope", {.unit = "user@1000.service/init.scope", .slice = slice}},
      {kUser + "/app.slice/foo.service", {.unit = "user@1000.service/foo.service", .slice = slice}},
      {kUser + "/session.slice/pipewire.service",
       {.unit = "user@1000.service/pipewire.service", .slice = slice}},
      {kUser + "/app.slice/app-flatpak-org.mozilla.firefox-4242.scope",
       {.unit = "user@1000.service/app-flatpak-org.mozilla.firefox-4242.scope", .slice = slice}},
      {kUser + "/app.slice/snap.firefox.firefox-1d2c.scope",
       {.unit = "user@1000.service/snap.firefox.firefox-1d2c.scope", .slice = slice}},
      {kUser + R"(/app.slice/app-gnome\x2dterminal.slice/vte-spawn-1.scope)",
       {.unit = "user@1000.service/vte-spawn-1.scope", .slice = slice}},
      {kUser + "/app.slice/dbus.socket", {.unit = "user@1000.service/dbus.socket", .slice = slice}},
  });
}

TEST(CgroupPath, lets_nobody_below_a_unit_pass_for_another) {
  check({
      {kUser + "/system.slice/ssh.service",
       {.unit = "user@1000.service/ssh.service", .slice = "user-1000.slice"}},
      {"/system.slice/web.service/ssh.service", {.unit = "web.service", .slice = "system.slice"}},
      {"/system.slice/web.service/system.slice/ssh.service",
       {.unit = "web.service", .slice = "system.slice"}},
      {"/system.slice/web.service/user@0.service/a.service",
       {.unit = "web.service", .slice = "system.slice"}},
      {kUser + "/user@0.service/a.service",
       {.unit = "user@1000.service/user@0.service", .slice = "user-1000.slice"}},
      {kUser + "/foo.service/bar.service",
       {.unit = "user@1000.service/foo.service", .slice = "user-1000.slice"}},
      {"/lxc.payload.web/system.slice/ssh.service", {.container = "lxc:web"}},
      {"/docker/" + kId + "/docker/" + std::string(64, 'f'), {.container = "docker:0123456789ab"}},
      {kUser + "/user.slice/docker-" + kId + ".scope",
       {.unit = "user@1000.service/docker-" + kId + ".scope",
        .slice = "user-1000.slice",
        .container = "user@1000.service/docker:0123456789ab"}},
      {"/system.slice/web.service/lxc.payload.db",
       {.unit = "web.service", .slice = "system.slice", .container = "web.service/lxc:db"}},
  });
}

TEST(CgroupPath, names_containers_by_runtime_and_id) {
  check({
      {"/docker/" + kId, {.container = "docker:0123456789ab"}},
      {"/docker/buildkit/" + kId, {.container = "oci:0123456789ab"}},
      {"/docker/" + kId + "/init.scope", {.container = "docker:0123456789ab"}},
      {"/actions_job/" + kId, {.container = "oci:0123456789ab"}},
      {"/default/" + kId, {.container = "oci:0123456789ab"}},
      {"/system.slice/docker-" + kId + ".scope",
       {.unit = "docker-" + kId + ".scope", .slice = "system.slice", .container = "docker:0123456789ab"}},
      {"/system.slice/nerdctl-" + kId + ".scope",
       {.unit = "nerdctl-" + kId + ".scope",
        .slice = "system.slice",
        .container = "containerd:0123456789ab"}},
      {"/machine.slice/libpod-" + kId + ".scope/container",
       {.unit = "libpod-" + kId + ".scope", .slice = "machine.slice", .container = "podman:0123456789ab"}},
      {"/machine.slice/machine-libpod_pod_" + kId + ".slice/libpod-" + kId + ".scope",
       {.unit = "libpod-" + kId + ".scope",
        .slice = "machine-libpod_pod_" + kId + ".slice",
        .container = "podman:0123456789ab"}},
      {"/libpod_parent/libpod-" + kId, {.container = "podman:0123456789ab"}},
      {"/machine.slice/libpod-conmon-" + kId + ".scope",
       {.unit = "libpod-conmon-" + kId + ".scope", .slice = "machine.slice"}},
      {"/system.slice/web.service/libpod-payload-" + kId,
       {.unit = "web.service", .slice = "system.slice", .container = "web.service/podman:0123456789ab"}},
      {"/system.slice/web.service/runtime", {.unit = "web.service", .slice = "system.slice"}},
      {kUser + "/user.slice/libpod-" + kId + ".scope/container",
       {.unit = "user@1000.service/libpod-" + kId + ".scope",
        .slice = "user-1000.slice",
        .container = "user@1000.service/podman:0123456789ab"}},
      {kUser + "/app.slice/web.service/libpod-payload-" + kId,
       {.unit = "user@1000.service/web.service",
        .slice = "user-1000.slice",
        .container = "user@1000.service/web.service/podman:0123456789ab"}},
  });
}

TEST(CgroupPath, names_system_containers_and_machines) {
  check({
      {"/lxc.payload.web", {.container = "lxc:web"}},
      {"/lxc.payload.project_web-1/init.scope", {.container = "lxc:project_web-1"}},
      {"/lxc.payload/web", {.container = "lxc:web"}},
      {"/lxc/101/ns/system.slice/ssh.service", {.container = "lxc:101"}},
      {"/lxc.monitor.web", {}},
      {"/lxc.monitor/101", {}},
      {"/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service",
       {.unit = "systemd-nspawn@web.service", .slice = "machine.slice", .container = "nspawn:web"}},
      {"/machine.slice/systemd-nspawn@web.service/supervisor",
       {.unit = "systemd-nspawn@web.service", .slice = "machine.slice", .container = "nspawn:web"}},
      {"/machine.slice/machine-web.scope/payload",
       {.unit = "machine-web.scope", .slice = "machine.slice", .container = "machine:web"}},
      {R"(/machine.slice/machine-qemu\x2d1\x2dvm.scope/libvirt/emulator)",
       {.unit = R"(machine-qemu\x2d1\x2dvm.scope)",
        .slice = "machine.slice",
        .container = R"(machine:qemu\x2d1\x2dvm)"}},
  });
}

TEST(CgroupPath, names_pods_and_their_class) {
  const std::string containerd = "cri-containerd-" + kId + ".scope";
  const std::string crio = "crio-" + kId + ".scope";
  const std::string docker = "docker-" + kId + ".scope";
  const std::string burstable = "kubepods-burstable-pod" + kUidEscaped + ".slice";
  const std::string besteffort = "kubepods-besteffort-pod" + kUidEscaped + ".slice";
  const std::string guaranteed = "kubepods-pod" + kUidEscaped + ".slice";
  const std::string kind = "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-";
  check({
      {"/kubepods.slice/kubepods-burstable.slice/" + burstable + "/" + containerd,
       {containerd, burstable, "containerd:0123456789ab", kUid, "burstable"}},
      {"/kubepods.slice/kubepods-besteffort.slice/" + besteffort + "/" + crio,
       {crio, besteffort, "cri-o:0123456789ab", kUid, "besteffort"}},
      {"/kubepods.slice/" + guaranteed + "/" + docker,
       {docker, guaranteed, "docker:0123456789ab", kUid, "guaranteed"}},
      {"/kubepods.slice/" + guaranteed + "/crio-conmon-" + kId + ".scope",
       {"crio-conmon-" + kId + ".scope", guaranteed, "", kUid, "guaranteed"}},
      {kind + besteffort + "/" + containerd,
       {containerd, "kubelet-" + besteffort, "containerd:0123456789ab", kUid, "besteffort"}},
      {"/kubepods/burstable/pod" + kUid + "/" + kId, {"", "", "oci:0123456789ab", kUid, "burstable"}},
      {"/kubepods/besteffort/pod" + kUid + "/crio-" + kId,
       {"", "", "cri-o:0123456789ab", kUid, "besteffort"}},
      {"/kubepods/pod" + kUid + "/" + kId, {"", "", "oci:0123456789ab", kUid, "guaranteed"}},
      {"/kubepods/pod" + kUid, {"", "", "", kUid, "guaranteed"}},
      {"/kubepods/burstable/poda1b2c3d4e5f60718293a4b5c6d7e8f90/" + kId,
       {"", "", "oci:0123456789ab", "a1b2c3d4e5f60718293a4b5c6d7e8f90", "burstable"}},
      {"/system.slice/containerd.service/" + burstable + ":cri-containerd:" + kId,
       {"containerd.service", "system.slice", "containerd.service/containerd:0123456789ab", kUid,
        "burstable"}},
      {"/kubepods.slice/kubepods-burstable.slice", {"", "kubepods-burstable.slice", "", "", ""}},
  });
}

TEST(CgroupPath, says_nothing_where_the_path_does_not) {
  check({
      {"/", {}},
      {"/openrc/sshd", {}},
      {"/openrc.sshd", {}},
      {"/user.slice", {.slice = "user.slice"}},
      {"/elogind/c1", {}},
      {"/ecs/task", {}},
      {"/libpod_parent", {}},
  });
}

TEST(CgroupPath, takes_weird_input_for_what_it_is) {
  check({
      {"", {}},
      {"//", {}},
      {"/..", {}},
      {"/../../system.slice/ssh.service", {.unit = "ssh.service", .slice = "system.slice"}},
      {"system.slice//ssh.service/", {.unit = "ssh.service", .slice = "system.slice"}},
      {"/.service", {}},
      {"/.slice/.scope", {}},
      {"/service", {}},
      {"/_", {}},
      {"/a.service.d", {}},
      {"/lxc.payload.", {}},
      {"/machine-.scope", {.unit = "machine-.scope"}},
      {"/systemd-nspawn@.service", {.unit = "systemd-nspawn@.service"}},
      {"/user@.service/a.service", {.unit = "user@.service"}},
      {"/user@root.service/a.service", {.unit = "user@root.service"}},
      {"/docker/" + kId.substr(1), {}},
      {"/docker/" + kId + "0", {}},
      {"/docker/" + std::string(64, 'G'), {}},
      {"/docker-" + kId.substr(1) + ".scope", {.unit = "docker-" + kId.substr(1) + ".scope"}},
      {"/kubepods/pod", {}},
      {"/kubepods/podXYZ", {}},
      {"/kubepods-pod.slice", {.slice = "kubepods-pod.slice"}},
      {"/::", {}},
      {"/a.slice:b", {}},
      {"/a\nb\xff.service", {.unit = "a\nb\xff.service"}},
      {std::string(100'000, '/'), {}},
      {" (deleted)", {}},
  });
}

TEST(CgroupOfProcess, prefers_the_v2_line_unless_it_is_the_root) {
  const std::pair<std::string_view, std::string_view> kTable[] = {
      {"0::/system.slice/ssh.service\n", "/system.slice/ssh.service"},
      {"12:pids:/a\n1:name=systemd:/system.slice/b.service\n0::/system.slice/b.service\n",
       "/system.slice/b.service"},
      {"1:name=systemd:/system.slice/b.service\n0::/\n", "/system.slice/b.service"},
      {"9:name=systemd:/docker/x\n8:pids:/docker/y\n", "/docker/x"},
      {"1:name=systemd:/\n0::/user.slice\n", "/user.slice"},
      {"0::/\n", "/"},
      {"4:cpu,cpuacct:/a\n", ""},
      {"0::/system.slice/with:colon.service", "/system.slice/with:colon.service"},
      {"0:cpu:/a\n", ""},
      {"10::/a\n", ""},
      {"", ""},
      {"0", ""},
      {"0:", ""},
      {"::", ""},
      {"\n\n", ""},
  };
  for (const auto& [text, path] : kTable) EXPECT_EQ(pick_cgroup_path(text), path) << text;
}

}  // namespace
}  // namespace sockwatch
