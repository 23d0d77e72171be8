// SPDX-License-Identifier: Apache-2.0
#include "lib/model/lasting_name.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

namespace sockwatch {
namespace {

bool matches(const LastingName& name, const std::string& text) {
  return ::fnmatch(name.glob.c_str(), text.c_str(), 0) == 0;
}

TEST(LastingUnit, is_one_that_the_next_start_has_again) {
  for (const char* unit : {"ssh.service", "ssh.socket", "postgresql@15-main.service", "getty@tty1.service",
                           "openvpn@10-2.service", "user@1000.service/foo.service",
                           "user@1000.service/app-gnome-x@autostart.service", "app-x.service",
                           "wg-quick@wg0.service", "nginx@0.service", "web@www.example.org-443.service"})
    EXPECT_EQ(lasting_unit(unit), unit);
}

TEST(LastingUnit, is_none_where_the_name_is_made_up_for_one_start) {
  for (const char* unit :
       {"", "session-3.scope", "init.scope", "docker-0123456789ab.scope", "run-u12.service",
        "run-r0123456789abcdef.scope", "run-p12-i34.service", "user@1000.service", "user.slice",
        "user@1000.service/app-firefox@0123456789abcdef0123456789abcdef.service",
        "user@1000.service/app-org.kde.konsole-4711.scope",
        "user@1000.service/dbus-:1.2-org.kde.kded6@0.service", "app-x@4711.service",
        "vsftpd@3-10.0.0.1:21-10.0.0.9:5001.service", "sshd@0-fe80::1:22-fe80::2:4711.service",
        "systemd-coredump@7-4711-1000.service", "worker@0123456789abcdef0123456789abcdef.service"})
    EXPECT_EQ(lasting_unit(unit), "") << unit;
}

struct Case {
  const char* name;
  const char* text;
  const char* next;    // another start of it
  const char* others;  // something else
};

TEST(LastingContainer, loses_the_number_that_an_engine_gave_it) {
  for (const Case& each : {
           Case{"docker:0123456789ab", "docker:*", "docker:ba9876543210", "podman:ba9876543210"},
           Case{"user@1.service/app-foo:1.service/podman:0123456789ab",
                "user@1.service/app-foo:1.service/podman:*",
                "user@1.service/app-foo:1.service/podman:ba9876543210", "user@2.service/podman:ba9876543210"},
           Case{"machine:qemu\\x2d3\\x2dweb", "machine:qemu\\x2d*\\x2dweb", "machine:qemu\\x2d12\\x2dweb",
                "machine:qemu\\x2d3\\x2dmail"},
           Case{"lxc:web", "lxc:web", "lxc:web", "lxc:web2"},
           Case{"lxc:[a]*", "lxc:[a]*", "lxc:[a]*", "lxc:ab"},
           Case{"nspawn:qemu-3-web", "nspawn:qemu-3-web", "nspawn:qemu-3-web", "nspawn:qemu-4-web"},
           Case{"docker:0123456789abc", "docker:0123456789abc", "docker:0123456789abc",
                "docker:0123456789abd"},
       }) {
    const LastingName name = lasting_container(each.name);
    EXPECT_EQ(name.text, each.text);
    EXPECT_TRUE(matches(name, each.name)) << name.glob;
    EXPECT_TRUE(matches(name, each.next)) << name.glob;
    EXPECT_FALSE(matches(name, each.others)) << name.glob;
    EXPECT_EQ(lasting_container(each.next).text, each.text);
  }
  EXPECT_TRUE(is_numbered("a:b/docker:0123456789ab"));
  for (const char* named : {"docker:0123456789aX", "docker:0123456789ab/x", "0123456789ab", "lxc:web", ""})
    EXPECT_FALSE(is_numbered(named)) << named;
}

TEST(LastingNamespace, loses_an_inode_and_what_an_engine_made_up) {
  for (const Case& each : {
           Case{"net:[4026532246]", "net:*", "net:[4026532999]", "host"},
           Case{"cni-2e8a2f0a-9d0c-4c4e-8f0e-0123456789ab", "cni-*",
                "cni-aaaaaaaa-9d0c-4c4e-8f0e-0123456789ab", "blue"},
           Case{"netns-2e8a2f0a-9d0c-4c4e-8f0e-0123456789ab", "netns-*",
                "netns-aaaaaaaa-9d0c-4c4e-8f0e-0123456789ab", "cni-1"},
           Case{"2e8a2f0a-9d0c-4c4e-8f0e-0123456789ab",
                "\?\?\?\?\?\?\?\?-\?\?\?\?-\?\?\?\?-\?\?\?\?-\?\?\?\?\?\?\?\?\?\?\?\?",
                "aaaaaaaa-9d0c-4c4e-8f0e-0123456789ab", "host"},
           Case{"containerd:0123456789ab", "containerd:*", "containerd:ba9876543210", "docker:ba9876543210"},
           Case{"qrouter-2e8a2f0a-9d0c-4c4e-8f0e-0123456789ab",
                "qrouter-2e8a2f0a-9d0c-4c4e-8f0e-0123456789ab",
                "qrouter-2e8a2f0a-9d0c-4c4e-8f0e-0123456789ab",
                "qrouter-aaaaaaaa-9d0c-4c4e-8f0e-0123456789ab"},
           Case{"blue", "blue", "blue", "green"},
           Case{"cni-blue", "cni-blue", "cni-blue", "cni-green"},
       }) {
    const LastingName name = lasting_namespace(each.name);
    EXPECT_EQ(name.text, each.text);
    EXPECT_TRUE(matches(name, each.name)) << name.glob;
    EXPECT_TRUE(matches(name, each.next)) << name.glob;
    EXPECT_FALSE(matches(name, each.others)) << name.glob;
    EXPECT_EQ(lasting_namespace(each.next).text, each.text);
  }
  EXPECT_TRUE(is_unnamed_namespace("net:[4026532246]"));
  EXPECT_FALSE(is_unnamed_namespace("net:*"));
}

TEST(LastingProgram, loses_random_directories_and_revisions) {
  for (const Case& each : {
           Case{"/usr/bin/nc", "/usr/bin/nc", "/usr/bin/nc", "/usr/bin/ncat"},
           Case{"nc", "nc", "nc", "ncat"},
           Case{"", "", "", "nc"},
           Case{"/tmp/.mount_SyncthAbC123/usr/bin/syncthing",
                "/tmp/.mount_Syncth\?\?\?\?\?\?/usr/bin/syncthing",
                "/tmp/.mount_SyncthZZZ999/usr/bin/syncthing", "/tmp/.mount_SyncthZZZ999/usr/bin/nc"},
           Case{"/tmp/.mount_SyncthAbC123/usr/bin/syncthing",
                "/tmp/.mount_Syncth\?\?\?\?\?\?/usr/bin/syncthing",
                "/tmp/.mount_SyncthZZZ999/usr/bin/syncthing", "/tmp/.mount_OtherZZZ999/usr/bin/syncthing"},
           Case{"/snap/lxd/24322/bin/lxd", "/snap/lxd/*/bin/lxd", "/snap/lxd/x1/bin/lxd",
                "/snap/lxd/1/bin/lxc"},
           Case{"/var/lib/snapd/snap/a/7/b", "/var/lib/snapd/snap/a/*/b", "/var/lib/snapd/snap/a/8/b",
                "/var/lib/snapd/snap/c/8/b"},
           Case{"/home/max/snap/7/b", "/home/max/snap/7/b", "/home/max/snap/7/b", "/home/max/snap/8/b"},
           Case{"/tmp/go-build123/b001/exe/main", "/tmp/go-build*/b001/exe/main",
                "/tmp/go-build9/b001/exe/main", "/tmp/go-build9/b001/exe/other"},
           Case{"/tmp/tmp.AbCdEfGhIj/srv", "/tmp/tmp.\?\?\?\?\?\?\?\?\?\?/srv", "/tmp/tmp.0123456789/srv",
                "/tmp/tmp.x/srv"},
           Case{"/opt/[a]*/b", "/opt/[a]*/b", "/opt/[a]*/b", "/opt/ab/b"},
       }) {
    const LastingName name = lasting_program(each.name);
    EXPECT_EQ(name.text, each.text);
    EXPECT_TRUE(matches(name, each.name)) << name.glob;
    EXPECT_TRUE(matches(name, each.next)) << name.glob;
    EXPECT_FALSE(matches(name, each.others)) << name.glob;
    EXPECT_EQ(lasting_program(each.next).text, each.text);
  }
}

}  // namespace
}  // namespace sockwatch
