// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/connection_counting.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

constexpr NamespaceId kHere{1};
constexpr NamespaceId kThere{2};
constexpr CountThresholds kThresholds{1000, 800};

class Nothing final : public SocketCount {
 public:
  bool step(int) override { return false; }
  Result<std::uint64_t> hand_out(NamespaceId, RecordSink&) override { return std::uint64_t{0}; }
};

struct Counter final : SocketCounter {
  explicit Counter(const bool& works) : works_(works) {}
  Result<std::unique_ptr<SocketCount>> begin() override {
    if (!works_) return Error{"not allowed", EPERM};
    return std::unique_ptr<SocketCount>(std::make_unique<Nothing>());
  }
  const bool& works_;
};

class Counting : public testing::Test {
 protected:
  explicit Counting(ConnectionsMode mode = ConnectionsMode::Auto) : counting_(mode, kThresholds) {
    counting_.use(std::make_unique<Counter>(works_));
  }
  // One look there that meets so many. Whether it was by BPF.
  bool visit(NamespaceId id, std::uint64_t connections) {
    LookReport report;
    report.counted = counting_.begin(id) != nullptr;
    report.tcp_connections = connections;
    counting_.ended(id, report);
    return report.counted;
  }
  bool look(std::uint64_t connections) {
    const bool by_bpf = visit(kHere, connections);
    counting_.end_round();
    return by_bpf;
  }

  bool works_ = true;
  ConnectionCounting counting_;
};

TEST_F(Counting, goes_by_how_many_the_last_look_met) {
  const struct {
    std::uint64_t connections;
    bool by_bpf;
  } looks[] = {{5000, false}, {900, true},   {800, true}, {799, true},
               {999, false},  {1000, false}, {0, true},   {0, false}};
  for (const auto& each : looks) EXPECT_EQ(look(each.connections), each.by_bpf) << each.connections;
}

TEST_F(Counting, each_namespace_goes_by_its_own) {
  for (int i = 0; i < 2; ++i) {
    (void)visit(kHere, 10);
    (void)visit(kThere, 10'000);
    counting_.end_round();
  }
  EXPECT_EQ(counting_.sources(), (PerWord<ConnectionSource, bool>{true, true}));
  EXPECT_FALSE(visit(kHere, 10));
  EXPECT_TRUE(visit(kThere, 10'000));
  EXPECT_FALSE(visit(NamespaceId{3}, 10'000)) << "nobody has been there";
}

TEST_F(Counting, tells_by_what_the_last_whole_look_went) {
  EXPECT_EQ(counting_.sources(), (PerWord<ConnectionSource, bool>{}));
  (void)look(5000);
  EXPECT_EQ(counting_.sources(), (PerWord<ConnectionSource, bool>{true, false}));
  (void)visit(kHere, 5000);
  EXPECT_EQ(counting_.sources(), (PerWord<ConnectionSource, bool>{true, false})) << "it is under way";
  counting_.end_round();
  EXPECT_EQ(counting_.sources(), (PerWord<ConnectionSource, bool>{false, true}));
}

TEST_F(Counting, that_cannot_begin_is_given_up_and_says_why) {
  (void)look(5000);
  works_ = false;
  EXPECT_FALSE(look(5000));
  EXPECT_EQ(counting_.trouble(), "not allowed");
  works_ = true;
  EXPECT_FALSE(look(5000));
}

TEST_F(Counting, that_failed_on_the_way_is_given_up) {
  (void)look(5000);
  EXPECT_NE(counting_.begin(kHere), nullptr);
  LookReport report;
  report.why_not_counted = "no room";
  report.tcp_connections = 5000;
  counting_.ended(kHere, report);
  counting_.end_round();
  EXPECT_FALSE(look(5000));
  EXPECT_EQ(counting_.trouble(), "no room");
}

struct CountingByBpf : Counting {
  CountingByBpf() : Counting(ConnectionsMode::Bpf) {}
};
TEST_F(CountingByBpf, counts_whatever_there_is) {
  EXPECT_TRUE(look(0));
  EXPECT_TRUE(visit(NamespaceId{}, 0)) << "also where nobody has been";
}

TEST(CountThresholds, follow_the_buckets_of_the_kernels_table) {
  const CountThresholds usual = count_thresholds(262144);
  EXPECT_LT(usual.few, usual.many);
  EXPECT_NEAR(static_cast<double>(usual.many + usual.few) / 2, 9192, 1);
  EXPECT_GT(count_thresholds(0).few, 900U) << "the first thousand are told in any case";
}

TEST(ConnectionBuckets, are_read_from_the_sysctl_or_the_usual_ones) {
  FileTree proc;
  EXPECT_EQ(connection_buckets(proc.path()), 262144U) << "before Linux 6.1";
  const struct {
    const char* text;
    std::uint64_t buckets;
  } cases[] = {{"524288\n", 524288}, {"-16384\n", 16384}, {"0\n", 262144}, {"many\n", 262144}};
  for (const auto& each : cases) {
    proc.write("sys/net/ipv4/tcp_ehash_entries", each.text);
    EXPECT_EQ(connection_buckets(proc.path()), each.buckets) << each.text;
  }
}

}  // namespace
}  // namespace sockwatch
