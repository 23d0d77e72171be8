// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/owner.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/fakes/sockets.h"
#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

SocketRecord tcp_socket(std::uint32_t inode, std::uint64_t cgroup_id = 0) {
  SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", 8080, inode);
  record.inode = inode;
  record.uid = 33;
  record.cgroup_id = cgroup_id;
  return record;
}

class OwnerResolverTest : public testing::Test {
 protected:
  OwnerResolverTest() {
    cgroups.add("cgroup.controllers = cpu");
    etc.write("passwd", "root:x:0:0::/:\nwww-data:x:33:33::/:\n");
    add_process(proc, {.pid = 1, .comm = "systemd"});
  }

  // A cgroup with these processes; returns its id.
  std::uint64_t add_cgroup(const std::string& path, const std::string& pids) {
    cgroups.write(path + "/cgroup.procs", pids);
    struct stat facts {};
    EXPECT_EQ(::stat(cgroups.at(path).c_str(), &facts), 0);
    return facts.st_ino;
  }

  OwnerResolver resolver(std::size_t steps = OwnerResolver::kStepsPerCall) const {
    return {proc.open(), std::move(CgroupTree::open(cgroups.path()).value()), UserNames(etc.open()), steps};
  }

  static Owner ask(OwnerResolver& resolver, const std::vector<SocketRecord>& members) {
    const OwnerQuery query{members};
    return resolver.resolve(std::span(&query, 1)).at(0);
  }
  Owner ask(const SocketRecord& socket) const {
    OwnerResolver fresh = resolver();
    return ask(fresh, {socket});
  }

  FileTree proc;
  FileTree cgroups;
  FileTree etc;
};

std::vector<std::int32_t> pids(const Owner& owner) {
  std::vector<std::int32_t> all;
  for (const Holder& holder : owner.holders) all.push_back(holder.id.pid);
  return all;
}
using Pids = std::vector<std::int32_t>;

TEST_F(OwnerResolverTest, finds_the_holder_among_the_processes_of_the_sockets_cgroup) {
  add_process(
      proc, {.pid = 77, .comm = "ngi) x\x1b", .sockets = {500}, .start_ticks = 9, .exe = "/usr/sbin/nginx"});
  const auto cgroup = add_cgroup("system.slice/nginx.service", "77\n");
  const Owner owner = ask(tcp_socket(500, cgroup));
  EXPECT_EQ(owner.state, OwnerState::Known);
  EXPECT_EQ(owner.cgroup, "/system.slice/nginx.service");
  EXPECT_EQ(owner.unit, "nginx.service");
  EXPECT_EQ(owner.container, "");
  const auto uid = proc.open("77").identity().value().uid;
  EXPECT_EQ(owner.holders,
            (std::vector<Holder>{{{77, 9}, "ngi) x\x1b", "/usr/sbin/nginx", uid, owner.user}}));
  EXPECT_EQ(owner.creator_uid, 33U);
  EXPECT_EQ(owner.creator_user, "www-data");
}

TEST_F(OwnerResolverTest, creators_are_told_by_the_cgroup_without_a_look_at_processes) {
  add_process(proc,
              {.pid = 77, .comm = "nginx", .sockets = {500}, .start_ticks = 9, .exe = "/usr/sbin/nginx"});
  const auto cgroup = add_cgroup("system.slice/nginx.service", "77\n");
  const std::vector<SocketRecord> sockets{tcp_socket(500, cgroup), tcp_socket(0, 0)};
  const std::vector<Owner> owners = resolver().creators_of(sockets);
  ASSERT_EQ(owners.size(), 2U);
  EXPECT_EQ(owners[0].unit, "nginx.service");
  EXPECT_EQ(owners[0].state, OwnerState::Budget);
  EXPECT_TRUE(owners[0].holders.empty());
  EXPECT_EQ(owners[1].unit, "");
}

TEST_F(OwnerResolverTest, a_holder_in_the_cgroup_spares_the_walk_over_all_processes) {
  add_process(proc, {.pid = 77, .sockets = {500}});
  add_process(proc, {.pid = 78, .sockets = {500}});  // the walk would find this one too
  const Owner owner = ask(tcp_socket(500, add_cgroup("system.slice/a.service", "77\n")));
  EXPECT_EQ(pids(owner), Pids{77});
}

TEST_F(OwnerResolverTest, walks_over_all_processes_where_the_cgroup_has_no_holder) {
  add_process(proc, {.pid = 77});
  add_process(proc, {.pid = 300, .comm = "heir", .sockets = {500}});
  add_process(proc, {.pid = 200, .comm = "heir", .sockets = {500}});
  const Owner owner = ask(tcp_socket(500, add_cgroup("system.slice/a.service", "77\n")));
  EXPECT_EQ(owner.state, OwnerState::Known);
  EXPECT_EQ(owner.unit, "a.service");
  EXPECT_EQ(pids(owner), (Pids{200, 300}));
}

TEST_F(OwnerResolverTest, of_several_holders_the_eldest_process_comes_first) {
  add_process(proc, {.pid = 100, .comm = "worker", .sockets = {500}, .start_ticks = 3000});
  add_process(proc, {.pid = 200, .comm = "server", .sockets = {500}, .start_ticks = 2000});
  EXPECT_EQ(pids(ask(tcp_socket(500))), (Pids{200, 100})) << "pids begin anew, start times do not";
}

TEST_F(OwnerResolverTest, who_was_known_to_hold_it_stays_the_first) {
  add_process(proc, {.pid = 300, .comm = "server", .sockets = {500}, .start_ticks = 3000});
  add_process(proc, {.pid = 100, .comm = "elder", .sockets = {500}, .start_ticks = 1000});
  Owner before;
  before.holders = {{{300, 3000}, "server", "/usr/bin/server", 0}};
  const std::vector<SocketRecord> members{tcp_socket(500)};
  const OwnerQuery query{members, nullptr, &before};
  OwnerResolver fresh = resolver();
  EXPECT_EQ(pids(fresh.resolve(std::span(&query, 1)).at(0)), (Pids{300, 100}));
}

TEST_F(OwnerResolverTest, names_the_server_before_the_systemd_that_opened_its_socket) {
  proc.link("1/fd/9", "socket:[500]");
  add_process(proc, {.pid = 900, .comm = "sshd", .sockets = {500}});
  proc.write("900/cgroup", "0::/system.slice/ssh.service\n");
  const Owner owner = ask(tcp_socket(500, add_cgroup("system.slice/ssh.socket", "")));
  EXPECT_EQ(owner.unit, "ssh.socket");
  EXPECT_EQ(owner.holder_unit, "ssh.service");
  EXPECT_EQ(pids(owner), (Pids{900, 1}));
}

TEST_F(OwnerResolverTest, joins_the_holders_of_all_members) {
  add_process(proc, {.pid = 77, .sockets = {500, 501}});
  add_process(proc, {.pid = 78, .sockets = {502}});
  const auto cgroup = add_cgroup("system.slice/a.service", "77\n");
  OwnerResolver fresh = resolver();
  const Owner owner = ask(fresh, {tcp_socket(500, cgroup), tcp_socket(501, cgroup), tcp_socket(502, cgroup)});
  EXPECT_EQ(owner.state, OwnerState::Known);
  EXPECT_EQ(pids(owner), (Pids{77, 78}));
}

TEST_F(OwnerResolverTest, answers_each_query_in_its_place) {
  add_process(proc, {.pid = 77, .sockets = {500}});
  add_process(proc, {.pid = 78, .sockets = {501}});
  const std::vector<SocketRecord> first{tcp_socket(501)};
  const std::vector<SocketRecord> second{tcp_socket(502)};
  const std::vector<SocketRecord> third{tcp_socket(500)};
  const OwnerQuery queries[] = {{first}, {second}, {third}};
  OwnerResolver fresh = resolver();
  const auto owners = fresh.resolve(queries);
  ASSERT_EQ(owners.size(), 3U);
  EXPECT_EQ(pids(owners[0]), Pids{78});
  EXPECT_EQ(owners[1].state, OwnerState::Unexplained);
  EXPECT_EQ(pids(owners[2]), Pids{77});
}

TEST_F(OwnerResolverTest, names_the_container) {
  const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  add_process(proc, {.pid = 77, .sockets = {500}});
  const Owner owner = ask(tcp_socket(500, add_cgroup("docker/" + id, "77\n")));
  EXPECT_EQ(owner.container, "docker:0123456789ab");
  EXPECT_EQ(owner.unit, "");
}

TEST_F(OwnerResolverTest, puts_off_what_its_budget_does_not_reach_and_goes_on_next_time) {
  for (std::int32_t pid = 100; pid < 150; ++pid) add_process(proc, {.pid = pid, .sockets = {1, 2, 3}});
  add_process(proc, {.pid = 150, .sockets = {500}});
  OwnerResolver slow = resolver(20);
  int calls = 1;
  Owner owner = ask(slow, {tcp_socket(500)});
  while (owner.state == OwnerState::Budget) {
    EXPECT_EQ(owner.user, "www-data");
    owner = ask(slow, {tcp_socket(500)});
    ASSERT_LT(++calls, 100);
  }
  EXPECT_GT(calls, 5);
  EXPECT_EQ(owner.state, OwnerState::Known);
  EXPECT_EQ(pids(owner), Pids{150});
}

TEST_F(OwnerResolverTest, a_walk_that_is_put_off_goes_on_between_two_calls) {
  for (std::int32_t pid = 100; pid < 150; ++pid) add_process(proc, {.pid = pid, .sockets = {1, 2, 3}});
  add_process(proc, {.pid = 150, .sockets = {500}});
  OwnerResolver slow = resolver(20);
  EXPECT_FALSE(slow.go_on(1000)) << "nobody is sought";
  ASSERT_EQ(ask(slow, {tcp_socket(500)}).state, OwnerState::Budget);
  int parts = 1;
  while (slow.go_on(20)) ASSERT_LT(++parts, 100);
  EXPECT_GT(parts, 5);
  EXPECT_EQ(pids(ask(slow, {tcp_socket(500)})), Pids{150});
}

TEST_F(OwnerResolverTest, a_newcomer_does_not_delay_a_walk_in_progress) {
  for (std::int32_t pid = 100; pid < 150; ++pid) add_process(proc, {.pid = pid, .sockets = {1, 2, 3}});
  add_process(proc, {.pid = 150, .sockets = {500, 501}});
  const std::vector<SocketRecord> old{tcp_socket(500)};
  const std::vector<SocketRecord> newcomer{tcp_socket(501)};
  int calls_alone = 1;
  OwnerResolver alone = resolver(100);
  while (ask(alone, old).state == OwnerState::Budget) ASSERT_LT(++calls_alone, 100);

  OwnerResolver slow = resolver(100);
  int calls_together = 1;
  ASSERT_EQ(ask(slow, old).state, OwnerState::Budget);
  const OwnerQuery queries[] = {{newcomer}, {old}};
  std::vector<Owner> owners;
  do {
    owners = slow.resolve(queries);
    ASSERT_LE(++calls_together, calls_alone);
  } while (owners[1].state == OwnerState::Budget);
  EXPECT_EQ(owners[0].state, OwnerState::Budget);

  while (owners[0].state == OwnerState::Budget) owners = slow.resolve(std::span(queries, 1));
  EXPECT_EQ(pids(owners[0]), Pids{150});
}

TEST_F(OwnerResolverTest, drops_a_walk_nobody_waits_for) {
  for (std::int32_t pid = 100; pid < 150; ++pid) add_process(proc, {.pid = pid, .sockets = {1, 2, 3}});
  OwnerResolver slow = resolver(100);
  int calls_alone = 1;
  while (ask(slow, {tcp_socket(500)}).state == OwnerState::Budget) ASSERT_LT(++calls_alone, 100);

  ASSERT_EQ(ask(slow, {tcp_socket(501)}).state, OwnerState::Budget);
  int calls = 1;
  while (ask(slow, {tcp_socket(502)}).state == OwnerState::Budget) ++calls;
  EXPECT_EQ(calls, calls_alone);
}

TEST_F(OwnerResolverTest, a_listener_is_put_off_until_all_its_members_are_settled) {
  for (std::int32_t pid = 100; pid < 150; ++pid) add_process(proc, {.pid = pid, .sockets = {1, 2, 3}});
  add_process(proc, {.pid = 77, .sockets = {500}});
  const std::vector<SocketRecord> members{tcp_socket(500, add_cgroup("system.slice/a.service", "77\n")),
                                          tcp_socket(501)};
  OwnerResolver slow = resolver(100);
  EXPECT_EQ(ask(slow, members).state, OwnerState::Budget);
  Owner owner;
  while (owner.state == OwnerState::Budget) owner = ask(slow, members);
  EXPECT_EQ(owner.state, OwnerState::Known);
  EXPECT_EQ(pids(owner), Pids{77});
}

TEST_F(OwnerResolverTest, cgroups_full_of_others_cannot_starve_the_walk) {
  std::vector<SocketRecord> sockets;
  for (std::int32_t pid = 100; pid < 120; ++pid) {
    add_process(proc, {.pid = pid, .sockets = {1, 2, 3, 4}});
    const auto inode = static_cast<std::uint32_t>(pid + 1000);
    const std::string name = std::to_string(pid);
    sockets.push_back(tcp_socket(inode, add_cgroup("system.slice/a" + name + ".service", name + "\n")));
  }
  OwnerResolver slow = resolver(20);
  int calls = 1;
  while (ask(slow, sockets).state == OwnerState::Budget) ASSERT_LT(++calls, 50);
}

TEST_F(OwnerResolverTest, in_the_root_cgroup_the_holders_place_names_the_unit) {
  add_process(proc, {.pid = 77, .sockets = {500}});
  proc.write("77/cgroup", "1:name=systemd:/system.slice/ssh.service\n0::/\n");
  struct stat root {};
  ASSERT_EQ(::stat(cgroups.path().c_str(), &root), 0);
  const Owner owner = ask(tcp_socket(500, root.st_ino));
  EXPECT_EQ(owner.cgroup, "/");
  EXPECT_EQ(owner.unit, "ssh.service");
}

TEST_F(OwnerResolverTest, without_a_cgroup_the_holders_place_names_the_unit) {
  add_process(proc, {.pid = 77, .sockets = {500}});
  proc.write("77/cgroup", "0::/system.slice/ssh.service\n");
  OwnerResolver v1_only(proc.open(), std::nullopt, UserNames(etc.open()));
  const Owner owner = ask(v1_only, {tcp_socket(500, 7)});
  EXPECT_EQ(owner.cgroup, "");
  EXPECT_EQ(owner.unit, "ssh.service");
}

TEST_F(OwnerResolverTest, nobody_in_the_root_cgroup_has_no_unit) {
  proc.write("1/cgroup", "0::/init.scope\n");
  EXPECT_EQ(ask(tcp_socket(500)).unit, "");
}

TEST_F(OwnerResolverTest, an_unreadable_exe_is_a_known_owner) {
  add_process(proc, {.pid = 77, .comm = "sshd", .sockets = {500}});
  proc.remove("77/exe");
  const Owner owner = ask(tcp_socket(500));
  EXPECT_EQ(owner.state, OwnerState::Known);
  EXPECT_EQ(owner.holders.at(0).exe, "");
  EXPECT_EQ(owner.holders.at(0).comm, "sshd");
}

TEST_F(OwnerResolverTest, without_holder_the_user_is_the_creator) {
  const Owner owner = ask(tcp_socket(500, add_cgroup("system.slice/a.service", "")));
  EXPECT_EQ(owner.state, OwnerState::Unexplained);
  EXPECT_EQ(owner.unit, "a.service");
  EXPECT_EQ(owner.user, "www-data");
}

TEST_F(OwnerResolverTest, a_socket_without_file_has_nobody_left_and_no_user) {
  const Owner owner = ask(tcp_socket(0));
  EXPECT_EQ(owner.state, OwnerState::Exited);
  EXPECT_EQ(owner.user, "");
}

TEST_F(OwnerResolverTest, whose_cgroup_is_gone_has_exited) {
  const auto cgroup = add_cgroup("system.slice/a.service", "77\n");
  cgroups.remove("system.slice/a.service");
  EXPECT_EQ(ask(tcp_socket(500, cgroup)).state, OwnerState::Exited);
}

TEST_F(OwnerResolverTest, a_heir_outlives_the_cgroup) {
  add_process(proc, {.pid = 77, .sockets = {500}});
  proc.write("77/cgroup", "0::/system.slice/b.service\n");
  const auto cgroup = add_cgroup("system.slice/a.service", "77\n");
  cgroups.remove("system.slice/a.service");
  const Owner owner = ask(tcp_socket(500, cgroup));
  EXPECT_EQ(owner.state, OwnerState::Known);
  EXPECT_EQ(owner.unit, "b.service");
}

TEST_F(OwnerResolverTest, the_kernel_owns_its_ports_and_only_as_root) {
  SocketRecord socket = listening(Protocol::Udp, "0.0.0.0", 51820, 500);
  socket.uid = 0;
  EXPECT_EQ(ask(socket).state, OwnerState::Kernel);
  socket.uid = 33;
  EXPECT_EQ(ask(socket).state, OwnerState::Unexplained);
  socket.uid = 0;
  socket.local.port = 51821;
  EXPECT_EQ(ask(socket).state, OwnerState::Unexplained);
  socket.protocol = Protocol::Tcp;
  socket.local.port = 4789;
  EXPECT_EQ(ask(socket).state, OwnerState::Unexplained);
  socket.local.port = 2049;
  EXPECT_EQ(ask(socket).state, OwnerState::Kernel);
}

TEST_F(OwnerResolverTest, where_the_kernel_tells_its_own_sockets_the_port_says_nothing) {
  struct Finder final : KernelSocketFinder {
    std::optional<bool> is_kernel_socket(const SocketRecord& socket) override { return socket.inode == 500; }
  };
  OwnerResolver told = resolver();
  told.use(std::make_unique<Finder>());
  SocketRecord tunnel = listening(Protocol::Udp, "0.0.0.0", 9999, 1);
  tunnel.inode = 500;
  EXPECT_EQ(ask(told, {tunnel}).state, OwnerState::Kernel);
  SocketRecord pretender = listening(Protocol::Udp, "0.0.0.0", 51820, 2);
  pretender.uid = 0;
  EXPECT_EQ(ask(told, {pretender}).state, OwnerState::Unexplained);
  pretender.local.port = 2049;  // nfsd takes over what a program has made
  EXPECT_EQ(ask(told, {pretender}).state, OwnerState::Kernel);
}

TEST_F(OwnerResolverTest, a_holder_may_be_in_a_pid_namespace_that_does_not_show) {
  proc.add("self/ns/pid -> pid:[4026532001]");
  EXPECT_EQ(ask(tcp_socket(500)).state, OwnerState::OtherPidNamespace);
  proc.add("1/ns/pid -> pid:[4026531836]");  // the machine's own /proc, seen from a container
  EXPECT_EQ(ask(tcp_socket(500)).state, OwnerState::Unexplained);
}

TEST_F(OwnerResolverTest, a_proc_that_hides_processes_permits_no_conclusion) {
  proc.remove("1");
  EXPECT_EQ(ask(tcp_socket(500)).state, OwnerState::NoPermission);
}

TEST_F(OwnerResolverTest, who_may_not_look_says_so_and_does_not_look_again) {
  add_process(proc, {.pid = 77, .sockets = {500}});
  OwnerResolver one = resolver();
  {
    const ClosedDirectory closed(proc.at("77/fd"));
    const Unprivileged nobody;
    if (!nobody.active()) GTEST_SKIP() << "cannot drop privileges";
    EXPECT_EQ(ask(one, {tcp_socket(500)}).state, OwnerState::NoPermission);
  }
  EXPECT_EQ(ask(one, {tcp_socket(500)}).state, OwnerState::NoPermission);
  EXPECT_EQ(ask(tcp_socket(500)).state, OwnerState::Known);
}

}  // namespace
}  // namespace sockwatch
