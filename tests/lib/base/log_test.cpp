// SPDX-License-Identifier: Apache-2.0
#include "lib/base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>

#include "lib/base/unique_fd.h"

namespace sockwatch::log {
namespace {

// Standard error goes into a file without a name until the text is taken.
class CapturedStderr {
 public:
  CapturedStderr() : file_(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)), before_(::dup(2)) {
    (void)::dup2(file_.get(), 2);
  }
  ~CapturedStderr() { (void)::dup2(before_.get(), 2); }
  CapturedStderr(const CapturedStderr&) = delete;  // standard error is put back once
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  std::string text() const {
    std::array<char, 4096> buffer;
    const ssize_t length = ::pread(file_.get(), buffer.data(), buffer.size(), 0);
    return length < 0 ? "cannot be read" : std::string(buffer.data(), static_cast<std::size_t>(length));
  }

 private:
  UniqueFd file_;
  UniqueFd before_;
};

TEST(Log, every_level_has_its_journal_priority) {
  const CapturedStderr captured;
  start(LogLevel::Debug, Style::JournalPrefix);
  debug("d");
  info("i");
  warning("w");
  error("e");
  EXPECT_EQ(captured.text(), "<7>d\n<6>i\n<4>w\n<3>e\n");
}

TEST(Log, says_nothing_below_the_least_level) {
  const CapturedStderr captured;
  start(LogLevel::Warning, Style::JournalPrefix);
  debug("d");
  info("i");
  warning("w");
  EXPECT_EQ(captured.text(), "<4>w\n");
}

TEST(Log, plain_lines_carry_time_and_level) {
  const CapturedStderr captured;
  start(LogLevel::Info, Style::Plain);
  warning("disk full");
  const std::string line = captured.text();
  EXPECT_EQ(line.find('<'), std::string::npos);
  EXPECT_EQ(line.substr(line.find(' ')), " warning: disk full\n") << line;
}

TEST(Log, foreign_text_can_neither_start_a_line_nor_pick_a_format) {
  const CapturedStderr captured;
  start(LogLevel::Info, Style::JournalPrefix);
  info("comm {} %s\n<0>panic\x1b[2J");
  EXPECT_EQ(captured.text(), "<6>comm {} %s\\x0a<0>panic\\x1b[2J\n");
}

TEST(Log, levels_have_the_words_of_the_command_line) {
  EXPECT_EQ(list_of_words<LogLevel>(), "debug, info, warning or error");
}

}  // namespace
}  // namespace sockwatch::log
