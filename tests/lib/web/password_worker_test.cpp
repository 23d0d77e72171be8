// SPDX-License-Identifier: Apache-2.0
#include "lib/web/password_worker.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>

namespace sockwatch {
namespace {

constexpr const char* kHash = "$2b$04$fQaMtssXYa7FHMfbSHPzkOitDqEqjDS3W2OSlYD5YtjmaQiX5/Shy";  // of "secret"

bool readable(int fd, int milliseconds) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, milliseconds) == 1;
}

TEST(PasswordWorker, answers_come_in_the_order_of_the_questions) {
  const auto worker = std::move(*PasswordWorker::start());
  EXPECT_FALSE(readable(worker->fd(), 0));
  std::array<int, 3> askers{};
  worker->ask({&askers[0], "secret", kHash});
  worker->ask({&askers[1], "wrong", kHash});
  worker->ask({&askers[2], "secret", kHash});
  std::vector<PasswordWorker::Answer> answers;
  while (answers.size() < askers.size()) {
    ASSERT_TRUE(readable(worker->fd(), 30000));
    for (const auto& answer : worker->take()) answers.push_back(answer);
  }
  for (std::size_t i = 0; i < askers.size(); ++i) {
    EXPECT_EQ(answers[i].asker, &askers[i]);
    EXPECT_EQ(answers[i].fits, i != 1);
  }
  EXPECT_FALSE(readable(worker->fd(), 0));
  EXPECT_TRUE(worker->take().empty());
}

TEST(PasswordWorker, stopping_drops_what_is_not_begun) {
  auto worker = std::move(*PasswordWorker::start());
  for (int i = 0; i < 100000; ++i) worker->ask({nullptr, "secret", kHash});
  worker.reset();  // would take minutes
}

}  // namespace
}  // namespace sockwatch
