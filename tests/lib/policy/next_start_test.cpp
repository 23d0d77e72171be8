// SPDX-License-Identifier: Apache-2.0
// What is made up anew at each start is no identity: for every such scene, what was learned of the first
// start and the lines that an alert about it offers expect the second start, and nothing else.
#include <gtest/gtest.h>

#include "lib/model/lasting_name.h"
#include "lib/policy/allow.h"
#include "lib/policy/judge.h"
#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

struct Start {
  std::string name_space = "host";
  std::string unit = {};
  std::string container = {};
  std::string exe = {};
};

struct Scene {
  const char* what;
  Start first;
  Start second;
  Start other;  // that shares most of its name
};

const std::string kUuid = "0123456789abcdef0123456789abcdef";
const std::string kOtherUuid = "fedcba9876543210fedcba9876543210";
const std::string kPod = "cni-2e8a2f0a-9d0c-4c4e-8f0e-0123456789ab";
const std::string kOtherPod = "cni-aaaaaaaa-9d0c-4c4e-8f0e-0123456789ab";
const std::string kUsers = "user@1000.service/";

const Scene kScenes[] = {
    {"a login",
     {.unit = "session-1.scope", .exe = "/usr/bin/nc"},
     {.unit = "session-2.scope", .exe = "/usr/bin/nc"},
     {.unit = "session-2.scope", .exe = "/usr/bin/ncat"}},
    {"an application of a desktop",
     {.unit = kUsers + "app-firefox@" + kUuid + ".service", .exe = "/usr/lib/firefox"},
     {.unit = kUsers + "app-firefox@" + kOtherUuid + ".service", .exe = "/usr/lib/firefox"},
     {.unit = kUsers + "app-chromium@" + kOtherUuid + ".service", .exe = "/usr/lib/chromium"}},
    {"an activation by D-Bus",
     {.unit = kUsers + "dbus-:1.2-org.kde.kded6@0.service", .exe = "/usr/bin/kded6"},
     {.unit = kUsers + "dbus-:1.7-org.kde.kded6@3.service", .exe = "/usr/bin/kded6"},
     {.unit = kUsers + "dbus-:1.7-org.kde.kded6@3.service", .exe = "/usr/bin/other"}},
    {"a connection of Accept=yes",
     {.unit = "vsftpd@3-10.0.0.1:21-10.0.0.9:5001.service", .exe = "/usr/sbin/vsftpd"},
     {.unit = "vsftpd@4-10.0.0.1:21-10.0.0.9:5002.service", .exe = "/usr/sbin/vsftpd"},
     {.unit = "telnetd@4-10.0.0.1:21-10.0.0.9:5002.service", .exe = "/usr/sbin/telnetd"}},
    {"an AppImage",
     {.exe = "/tmp/.mount_SyncthAbC123/usr/bin/syncthing"},
     {.exe = "/tmp/.mount_SyncthZZZ999/usr/bin/syncthing"},
     {.exe = "/tmp/.mount_SyncthZZZ999/usr/bin/nc"}},
    {"a snap",
     {.exe = "/snap/lxd/24322/bin/lxd"},
     {.exe = "/snap/lxd/24999/bin/lxd"},
     {.exe = "/snap/lxc/24999/bin/lxd"}},
    {"a container",
     {.container = "docker:0123456789ab", .exe = "/usr/sbin/nginx"},
     {.container = "docker:ba9876543210", .exe = "/usr/sbin/nginx"},
     {.container = "podman:ba9876543210", .exe = "/usr/sbin/nginx"}},
    {"a user's container",
     {.container = kUsers + "app-foo:1.service/podman:0123456789ab", .exe = "/usr/sbin/nginx"},
     {.container = kUsers + "app-foo:1.service/podman:ba9876543210", .exe = "/usr/sbin/nginx"},
     {.container = "podman:ba9876543210", .exe = "/usr/sbin/nginx"}},
    {"a virtual machine of libvirt",
     {.container = "machine:qemu\\x2d3\\x2dweb", .exe = "/usr/bin/qemu"},
     {.container = "machine:qemu\\x2d9\\x2dweb", .exe = "/usr/bin/qemu"},
     {.container = "machine:qemu\\x2d9\\x2dmail", .exe = "/usr/bin/qemu"}},
    {"a Pod",
     {.name_space = kPod, .container = "containerd:0123456789ab", .exe = "/web"},
     {.name_space = kOtherPod, .container = "containerd:ba9876543210", .exe = "/web"},
     {.name_space = kOtherPod, .container = "containerd:ba9876543210", .exe = "/other"}},
    {"a container's own namespace",
     {.name_space = "docker:0123456789ab", .container = "docker:0123456789ab", .exe = "/web"},
     {.name_space = "docker:ba9876543210", .container = "docker:ba9876543210", .exe = "/web"},
     {.name_space = "host", .container = "docker:ba9876543210", .exe = "/web"}},
    {"a service with PrivateNetwork=",
     {.name_space = "net:[4026532246]", .unit = "web.service", .exe = "/web"},
     {.name_space = "net:[4026532999]", .unit = "web.service", .exe = "/web"},
     {.name_space = "net:[4026532999]", .unit = "web2.service", .exe = "/web"}},
    {"a service",
     {.unit = "web@1.service", .exe = "/web"},
     {.unit = "web@1.service", .exe = "/web/2"},
     {.unit = "web@2.service", .exe = "/web"}},
};

Listener at(const Start& start, std::uint32_t uid = 1000) {
  Owner owner = unit_owner(start.unit, start.exe);
  owner.container = start.container;
  owner.creator_uid = uid;
  owner.creator_user = owner.user = uid == 1000 ? "alice" : "mallory";
  owner.holders.front().uid = uid;
  owner.holders.front().user = owner.user;
  Listener made = owned(scoped(listener(listening(Protocol::Tcp, "0.0.0.0", 8000, 1)), Scope::Any), owner);
  made.annotation.name_space = start.name_space;
  return made;
}

// Whether the lines and what was learned agree, and what they say.
bool expected(const Listener& first, const Listener& now, const char* what) {
  LearnedSet learned;
  learned.insert(identity_of(first));
  const bool by_learning = learned.covers(identity_of(now));
  const bool by_lines =
      judge(now, {rules(allow_lines(first)), {}, Action::Alert}, {}, OwnerEvidence::Final).kind ==
      VerdictKind::Expected;
  EXPECT_EQ(by_learning, by_lines) << what << "\n" << allow_lines(first);
  return by_lines;
}

TEST(NextStart, is_expected_and_nothing_else_is) {
  for (const Scene& scene : kScenes) {
    const Listener first = at(scene.first);
    EXPECT_TRUE(expected(first, first, scene.what)) << scene.what << "\n" << allow_lines(first);
    EXPECT_TRUE(expected(first, at(scene.second), scene.what)) << scene.what << "\n" << allow_lines(first);
    EXPECT_FALSE(expected(first, at(scene.other), scene.what)) << scene.what << "\n" << allow_lines(first);
    Listener elsewhere = at(scene.second);
    elsewhere.key.local.port = 8001;
    EXPECT_FALSE(expected(first, elsewhere, scene.what)) << scene.what;
  }
}

TEST(NextStart, of_a_mere_program_is_the_same_user_s) {
  for (const Scene& scene : kScenes) {
    const bool by_program = lasting_unit(scene.first.unit).empty() && scene.first.container.empty();
    EXPECT_EQ(expected(at(scene.first), at(scene.second, 1001), scene.what), !by_program) << scene.what;
  }
}

TEST(NextStart, of_a_mere_program_in_a_namespace_that_is_made_up_is_another_one) {
  Start first{.name_space = kPod, .unit = "session-1.scope", .exe = "/usr/bin/nc"};
  Start second = first;
  second.name_space = kOtherPod;
  EXPECT_TRUE(expected(at(first), at(first), "the same"));
  EXPECT_FALSE(expected(at(first), at(second), "a Pod that somebody entered"));
}

}  // namespace
}  // namespace sockwatch
