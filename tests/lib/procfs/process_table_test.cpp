// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/process_table.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

TEST(ProcessStat, reads_the_fields_behind_any_name) {
  for (const std::string comm :
       {"sshd", "", "a b", ")", "a) R 1 (b", "((", "two\nlines", "\x1b[31mred", "\xff\xfe", "a\\b"}) {
    const auto stat = parse_process_stat(stat_line(77, comm, 123456));
    ASSERT_TRUE(stat.has_value()) << comm;
    EXPECT_EQ(stat->comm, comm);
    EXPECT_EQ(stat->parent, 1);
    EXPECT_EQ(stat->cpu_ticks, 200U);
    EXPECT_EQ(stat->start_ticks, 123456U);
    EXPECT_EQ(stat->resident_pages, 3433U);
  }
}

TEST(ProcessStat, refuses_what_is_no_stat_line) {
  for (const std::string_view text : {
           "",
           "77",
           "77 (sshd",
           "77 (sshd)",
           "77 (sshd) ",
           ")(",
           "77 )sshd( S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 5 0 3 0",
           "77 (sshd)S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 5 0 3 0",
           "77 (sshd) S x 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 5 0 3 0",
           "77 (sshd) S 1 1 1 0 -1 0 0 0 0 0 -1 1 0 0 20 0 1 0 5 0 3 0",
           "77 (sshd) S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 99999999999999999999 0 3 0",
           "77 (sshd) S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0  5 0 3 0",
           "77 (sshd) S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 5 0",
       }) {
    EXPECT_FALSE(parse_process_stat(text).has_value()) << text;
  }
}

TEST(ProcessStat, refuses_every_text_cut_before_the_last_field_used) {
  const std::string whole = stat_line(77, "sshd", 123456);
  const std::size_t end_of_resident = whole.find(" 3433 ") + 2;
  for (std::size_t length = 0; length < end_of_resident; ++length) {
    EXPECT_FALSE(parse_process_stat(whole.substr(0, length)).has_value()) << length;
  }
}

TEST(ProcessTable, lists_numbered_directories_in_ascending_order) {
  const FileTree proc("300/\n 7/\n 1/\n self/\n 12a/\n 0/\n sys/\n -4/");
  const auto pids = list_pids(proc.open());
  ASSERT_TRUE(pids.ok());
  EXPECT_EQ(*pids, (std::vector<std::int32_t>{1, 7, 300}));
}

TEST(ProcessTable, describes_a_process) {
  FileTree proc;
  add_process(proc, {.pid = 77, .comm = "a) b", .start_ticks = 42, .exe = "/usr/sbin/a (deleted)"});
  const auto holder = read_holder(open_process(proc.open(), 77).value(), 77);
  ASSERT_TRUE(holder.ok()) << holder.error().message;
  EXPECT_EQ(*holder, (Holder{{77, 42}, "a) b", "/usr/sbin/a", ::geteuid()}));
}

TEST(ProcessTable, a_program_that_is_called_deleted_keeps_its_name_while_its_file_is_there) {
  FileTree proc;
  proc.write("bin/x (deleted)", "");
  const std::string path = proc.at("bin/x (deleted)").string();
  add_process(proc, {.pid = 77, .exe = path});
  proc.link("77/root", "/");
  EXPECT_EQ(read_holder(open_process(proc.open(), 77).value(), 77).value().exe, path);
  proc.remove("bin/x (deleted)");
  EXPECT_EQ(read_holder(open_process(proc.open(), 77).value(), 77).value().exe, proc.at("bin/x").string());
}

TEST(ProcessTable, a_zombie_is_nobody_and_one_whose_other_threads_run_is_somebody) {
  FileTree proc;
  add_process(proc, {.pid = 77, .comm = "main"});
  proc.remove("77/exe");
  std::string line = stat_line(77, "main", 9);
  line[line.rfind(") S ") + 2] = 'Z';
  proc.write("77/stat", line);
  EXPECT_FALSE(read_holder(open_process(proc.open(), 77).value(), 77).ok());
  line.replace(line.rfind(" 20 0 1 0 "), 10, " 20 0 2 0 ");
  proc.write("77/stat", line);
  proc.add("77/task/77/");
  proc.add("77/task/79/");
  proc.link("77/task/79/exe", "/usr/bin/served");
  const auto holder = read_holder(open_process(proc.open(), 77).value(), 77);
  ASSERT_TRUE(holder.ok()) << holder.error().message;
  EXPECT_EQ(holder->exe, "/usr/bin/served");
}

TEST(ProcessTable, an_unreadable_exe_leaves_the_rest_known) {
  const FileTree proc("5/stat = 5 (kworker/0:0) S 2 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0 0");
  const auto holder = read_holder(open_process(proc.open(), 5).value(), 5);
  ASSERT_TRUE(holder.ok()) << holder.error().message;
  EXPECT_EQ(holder->comm, "kworker/0:0");
  EXPECT_EQ(holder->exe, "");
}

TEST(ProcessTable, a_process_that_ended_is_an_error) {
  FileTree proc;
  add_process(proc, {.pid = 77});
  const auto process = open_process(proc.open(), 77);
  ASSERT_TRUE(process.ok());
  proc.remove("77");
  add_process(proc, {.pid = 77, .comm = "successor"});
  EXPECT_FALSE(read_holder(*process, 77).ok());
  EXPECT_FALSE(open_process(proc.open(), 78).ok());
}

TEST(Exe, loses_only_what_changes_with_every_build) {
  constexpr std::pair<std::string_view, std::string_view> kTable[] = {
      {"/usr/sbin/sshd", "/usr/sbin/sshd"},
      {"/usr/sbin/sshd (deleted)", "/usr/sbin/sshd"},
      {"/memfd:x (deleted)", "/memfd:x"},
      {"/nix/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y-openssh-9.6p1/bin/sshd",
       "/nix/store/openssh-9.6p1/bin/sshd"},
      {"/nix/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y-nginx/bin/nginx (deleted)", "/nix/store/nginx/bin/nginx"},
      {"/gnu/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y-guile-3.0/bin/guile", "/gnu/store/guile-3.0/bin/guile"},
      {"/nix/store/short-openssh/bin/sshd", "/nix/store/short-openssh/bin/sshd"},
      {"/nix/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y", "/nix/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y"},
      {"/nix/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y-", "/nix/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y-"},
      {"/nix/store/0c0hrq1b9aygc/8m0m5dbhm7qgl5lv7y-x/y", "/nix/store/0c0hrq1b9aygc/8m0m5dbhm7qgl5lv7y-x/y"},
      {"/nix/store/", "/nix/store/"},
      {"/opt/nix/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y-a/b",
       "/opt/nix/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y-a/b"},
      {" (deleted)", ""},
      {"", ""},
  };
  for (const auto& [path, expected] : kTable)
    EXPECT_EQ(normalise_exe(std::string(path), StoreHash::LeftOut), expected);
}

TEST(NormaliseExe, where_others_may_write_to_the_store_the_hash_stays) {
  const std::string exe = "/nix/store/0c0hrq1b9aygcs8m0m5dbhm7qgl5lv7y-openssh-9.6p1/bin/sshd";
  EXPECT_EQ(normalise_exe(exe, StoreHash::Kept), exe);
  EXPECT_EQ(normalise_exe(exe + " (deleted)", StoreHash::Kept), exe);
}

}  // namespace
}  // namespace sockwatch
