// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sinks/stderr.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>

#include "lib/base/unique_fd.h"
#include "lib/json/json.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

// Blocking, as standard error usually is.
class StderrSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    reader_.reset(ends[0]);
    writer_.reset(ends[1]);
  }
  std::string read(std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t count = ::read(reader_.get(), bytes.data(), bytes.size());
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return bytes;
  }

  UniqueFd reader_;
  UniqueFd writer_;
};

TEST_F(StderrSinkTest, an_alert_is_one_line_of_json) {
  const Alert alert = alert_about(netcat());
  StderrSink sink(writer_.get());
  EXPECT_EQ(sink.render(alert), alert_json(alert) + "\n");
  EXPECT_EQ(sink.send("{}\n"), SendOutcome::Sent);
  EXPECT_EQ(read(100), "{}\n");
}

TEST_F(StderrSinkTest, a_reader_that_is_slow_gets_every_byte_once) {
  StderrSink sink(writer_.get());
  std::string line;
  for (int i = 0; line.size() < 300'000; ++i) line += std::to_string(i) + " ";
  line += '\n';
  std::string received;
  std::size_t waits = 0;
  while (sink.send(line) == SendOutcome::TryAgain) {
    ++waits;
    const std::string piece = read(50'000);
    ASSERT_FALSE(piece.empty());
    received += piece;
  }
  while (received.size() < line.size()) received += read(50'000);
  EXPECT_GT(waits, 0U) << "the line does not fit the pipe";
  EXPECT_TRUE(received == line);
  EXPECT_EQ(sink.send("next\n"), SendOutcome::Sent);
  EXPECT_EQ(read(100), "next\n");
}

TEST_F(StderrSinkTest, a_reader_that_left_takes_nothing_more) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  StderrSink sink(writer_.get());
  reader_.reset();
  EXPECT_EQ(sink.send("{}\n"), SendOutcome::Failed);
  (void)std::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace sockwatch
