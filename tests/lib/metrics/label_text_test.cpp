// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/label_text.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(LabelText, plain_text_stays) {
  EXPECT_EQ(label_text("sshd: listener"), "sshd: listener");
  EXPECT_EQ(label_text(""), "");
}

TEST(LabelText, control_bytes_and_invalid_utf8_become_visible) {
  EXPECT_EQ(label_text("a\nb\xff"), "a\\x0ab\\xff");
}

TEST(LabelText, long_text_is_cut_at_the_cap) {
  EXPECT_EQ(label_text(std::string(500, 'x')), std::string(kMaxLabelBytes, 'x'));
  EXPECT_EQ(label_text(std::string(kMaxLabelBytes, 'x')), std::string(kMaxLabelBytes, 'x'));
}

TEST(LabelText, a_character_is_never_cut_in_two) {
  const std::string two_bytes = "\xc3\xa9";
  const std::string head(kMaxLabelBytes - 1, 'x');
  EXPECT_EQ(label_text(head + two_bytes), head);
}

}  // namespace
}  // namespace sockwatch
