// SPDX-License-Identifier: Apache-2.0
#include "lib/web/view_board.h"

#include <gtest/gtest.h>

#include <thread>

namespace sockwatch {
namespace {

std::shared_ptr<const View> view_number(std::size_t number) {
  auto view = std::make_shared<View>();
  view->namespaces_watched = number;
  return view;
}

TEST(ViewBoard, starts_empty) {
  EXPECT_EQ(ViewBoard().current(), nullptr);
}

TEST(ViewBoard, shows_the_latest) {
  ViewBoard board;
  board.publish(view_number(1));
  board.publish(view_number(2));
  EXPECT_EQ(board.current()->namespaces_watched, 2U);
}

TEST(ViewBoard, a_reader_keeps_what_it_took) {
  ViewBoard board;
  board.publish(view_number(1));
  const auto taken = board.current();
  board.publish(view_number(2));
  EXPECT_EQ(taken->namespaces_watched, 1U);
  EXPECT_EQ(taken.use_count(), 1) << "the board holds only the latest";
}

// For ThreadSanitizer as much as for the assertion.
TEST(ViewBoard, a_reader_never_goes_back_in_time) {
  constexpr std::size_t kLast = 10000;
  ViewBoard board;
  board.publish(view_number(0));
  std::thread writer([&board] {
    for (std::size_t i = 1; i <= kLast; ++i) board.publish(view_number(i));
  });
  std::size_t seen = 0;
  while (seen < kLast) {
    const std::size_t now = board.current()->namespaces_watched;
    ASSERT_GE(now, seen);
    seen = now;
  }
  writer.join();
}

}  // namespace
}  // namespace sockwatch
