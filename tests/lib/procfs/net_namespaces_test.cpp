// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/net_namespaces.h"

#include <gtest/gtest.h>

#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

using Paths = std::vector<std::string>;

TEST(NetNamespaces, are_links_of_one_form) {
  EXPECT_EQ(parse_net_namespace("net:[4026531840]"), 4026531840U);
  EXPECT_EQ(net_namespace_link(4026531840U), "net:[4026531840]");
  for (const std::string_view text :
       {"", "net:[]", "net:[x]", "net:[-1]", "net:[1", "net:1]", "mnt:[4026531840]",
        "net:[18446744073709551616]", "net:[1] ", " net:[1]"}) {
    EXPECT_FALSE(parse_net_namespace(text).has_value()) << text;
  }
}

TEST(NetNamespaces, of_processes_are_found_once_and_without_our_own) {
  const FileTree proc(R"(
    self/ns/net -> net:[1]
    1/ns/net -> net:[1]
    20/ns/net -> net:[5]
    21/ns/net -> net:[5]
    30/ns/net -> net:[3]
    31/stat = gone before its namespace was read
    uptime = no process
  )");
  const auto found = find_net_namespaces(proc.open());
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->own, 1U);
  EXPECT_TRUE(found->hidden.empty());
  ASSERT_EQ(found->others.size(), 2U);
  EXPECT_EQ(found->others[0].inode, 3U);
  EXPECT_EQ(found->others[0].name, "net:[3]");
  EXPECT_EQ(found->others[0].paths, Paths{proc.path() + "/./30/ns/net"});
  EXPECT_EQ(found->others[1].paths, (Paths{proc.path() + "/./20/ns/net", proc.path() + "/./21/ns/net"}));
}

TEST(NetNamespaces, are_named_by_their_mount_before_their_container) {
  FileTree proc(R"(
    self/ns/net -> net:[1]
    20/ns/net -> net:[5]
    30/ns/net -> net:[6]
    40/ns/net -> net:[7]
  )");
  const std::string container(64, 'a');
  for (const char* pid : {"20", "30"}) {
    proc.write(std::string(pid) + "/cgroup", "0::/system.slice/docker-" + container + ".scope\n");
  }
  proc.write("40/cgroup", "0::/user.slice\n");
  proc.write("self/mountinfo",
             "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
             "90 22 0:4 net:[5] /run/netns/blue rw shared:5 - nsfs nsfs rw\n"
             "91 22 0:4 net:[8] /run/netns/empty\\040one rw shared:5 - nsfs nsfs rw\n"
             "92 22 0:4 net:[6] /run/docker/netns/1f3a rw shared:5 - nsfs nsfs rw\n"
             "93 22 0:4 net:[1] /run/netns/ours rw shared:5 - nsfs nsfs rw\n");
  const auto found = find_net_namespaces(proc.open());
  ASSERT_TRUE(found.ok());
  std::vector<std::string> names;
  for (const NetNamespace& space : found->others) names.push_back(space.name);
  EXPECT_EQ(names, (std::vector<std::string>{"blue", "docker:aaaaaaaaaaaa", "net:[7]", "empty one"}));
  EXPECT_EQ(found->others[3].paths, Paths{"/run/netns/empty one"});
  // A mount stays when processes end.
  EXPECT_EQ(found->others[0].paths.front(), "/run/netns/blue");
}

TEST(NetNamespaces, in_damaged_mounts_are_skipped) {
  for (const std::string_view line :
       {"", "net:[5]", "1 2 3 net:[5]", "1 2 3 net:[x] /a rw", "1 2 3 / net:[5] rw"}) {
    EXPECT_TRUE(parse_namespace_mounts(line).empty()) << line;
  }
  const auto cut = parse_namespace_mounts("1 2 3 net:[5] /run/netns/a\\04");
  ASSERT_EQ(cut.size(), 1U);
  EXPECT_EQ(cut[0].path, "/run/netns/a\\04");
}

TEST(NetNamespaces, of_who_refused_before_are_not_asked_for) {
  const FileTree proc("20/ns/net -> net:[5]\n30/ns/net -> net:[6]");
  const std::vector<std::int32_t> refused{20, 25};
  const auto found = find_net_namespaces(proc.open(), refused);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->hidden, std::vector<std::int32_t>{20}) << "25 is gone";
  ASSERT_EQ(found->others.size(), 1U);
  EXPECT_EQ(found->others[0].inode, 6U);
}

TEST(NetNamespaces, of_one_process_is_read_alone) {
  const FileTree proc("20/ns/net -> net:[5]");
  EXPECT_EQ(net_namespace_of(proc.open(), 20), 5U);
  EXPECT_FALSE(net_namespace_of(proc.open(), 21).has_value());
  EXPECT_EQ(net_namespace_by(proc.open(), 20, 5).value().name, "net:[5]");
  EXPECT_FALSE(net_namespace_by(proc.open(), 20, 6));
}

TEST(NetNamespaces, of_threads_are_found_where_they_are_not_their_processs) {
  FileTree proc("self/ns/net -> net:[5]\n20/ns/net -> net:[5]");
  for (const char* thread : {"20", "21", "22"})
    proc.link(std::string("20/task/") + thread + "/ns/net",
              thread == std::string("21") ? "net:[6]" : "net:[5]");
  const auto found = find_net_namespaces(proc.open());
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->others.size(), 1U);
  EXPECT_EQ(found->others[0].inode, 6U);
  const std::string way = proc.open().path() + "/20/task/21/ns/net";
  EXPECT_EQ(found->others[0].paths, std::vector<std::string>{way});
  EXPECT_EQ(net_namespace_by(proc.open(), 20, 6).value().paths, std::vector<std::string>{way});
}

TEST(NetNamespaces, are_none_where_no_process_is) {
  const FileTree tree("file = x");
  const Dir dir = tree.open();
  EXPECT_TRUE(find_net_namespaces(dir)->others.empty());
}

}  // namespace
}  // namespace sockwatch
