// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/live_source.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/fakes/file_tree.h"
#include "tests/lib/monitor/refused_calls.h"
#include "tests/lib/monitor/sinks.h"

namespace sockwatch {
namespace {

const std::vector<Protocol> kTcpAndUdp{Protocol::Tcp, Protocol::Udp};
const std::vector<RefusedCall> kNoSockDiag{{SYS_socket, EPROTONOSUPPORT}};
constexpr const char* kNoSeccomp = "needs seccomp(2) to stand for a kernel without sock_diag";

TEST(LiveSource, without_sock_diag_it_reads_proc_net) {
  FileTree proc;
  proc.write(
      "net/tcp",
      "  sl  local_address\n"
      "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 22 1 0\n");
  proc.write("net/udp", "  sl  local_address\n");
  const bool ran = with_refused(kNoSockDiag, [&] {
    const auto source = LiveSource::open({kTcpAndUdp, proc.path(), ""});
    ASSERT_TRUE(source.ok()) << source.error().message;
    EXPECT_EQ((*source)->kind(), SocketSource::ProcNet);
    const auto records = look_at(**source, LookKind::Listeners);
    EXPECT_EQ(places_of(records), std::vector<std::string>{"tcp 0.0.0.0:22"});
    EXPECT_EQ(records[0].id.name_space, (*source)->name_space());
    EXPECT_EQ((*source)->report().result(), LookResult::Complete);
    EXPECT_TRUE((*source)->recording_status().ok());
  });
  if (!ran) GTEST_SKIP() << kNoSeccomp;
}

TEST(LiveSource, with_neither_it_says_what_is_missing) {
  const FileTree proc;
  const bool ran = with_refused(kNoSockDiag, [&] {
    const auto source = LiveSource::open({kTcpAndUdp, proc.path(), ""});
    ASSERT_FALSE(source.ok());
    const std::string& message = source.error().message;
    EXPECT_TRUE(message.starts_with("sock_diag: ")) << message;
    EXPECT_TRUE(
        message.ends_with(", and no way around it: open " + proc.path() + "/net: No such file or directory"))
        << message;
  });
  if (!ran) GTEST_SKIP() << kNoSeccomp;
}

TEST(LiveSource, a_recording_is_never_made_of_proc_net) {
  const FileTree proc("net/");
  const bool ran = with_refused(kNoSockDiag, [&] {
    const auto source = LiveSource::open({kTcpAndUdp, proc.path(), proc.path() + "/recording"});
    ASSERT_FALSE(source.ok());
    EXPECT_EQ(source.error().code, EPROTONOSUPPORT);
    EXPECT_FALSE(std::filesystem::exists(proc.at("recording")));
  });
  if (!ran) GTEST_SKIP() << kNoSeccomp;
}

}  // namespace
}  // namespace sockwatch
