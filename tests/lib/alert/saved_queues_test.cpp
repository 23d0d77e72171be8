// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/saved_queues.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

using namespace std::string_literals;

std::vector<SavedQueue> example() {
  return {{"journal", 3, {"first\n", "", "with\0nul\xff"s}}, {"stderr", 0, {}}};
}

TEST(SavedQueues, what_was_saved_comes_back) {
  const auto decoded = decode(encode(example()));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(*decoded, example());
}

TEST(SavedQueues, nothing_waiting_is_valid_too) {
  const auto decoded = decode(encode({}));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->empty());
}

TEST(SavedQueues, the_form_is_this_byte_for_byte) {
  EXPECT_EQ(encode(std::vector<SavedQueue>{{"j", 258, {"ab"}}}),
            "sockwatch alerts 1\n"
            "\x01\0\0\0\0\0\0\0j"
            "\x02\x01\0\0\0\0\0\0"
            "\x01\0\0\0\0\0\0\0"
            "\x02\0\0\0\0\0\0\0"
            "ab"s);
}

TEST(SavedQueues, other_files_and_versions_are_refused) {
  for (const std::string& bytes : {""s, "sockwatch alerts 2\n"s, "sockwatch alerts 1"s, "\0\0\0\0"s, "{}"s}) {
    EXPECT_FALSE(decode(bytes)) << bytes;
  }
}

TEST(SavedQueues, a_file_cut_anywhere_is_an_error_or_ends_between_two_queues) {
  const std::string whole = encode(example());
  const std::size_t header = "sockwatch alerts 1\n"s.size();
  const std::size_t first_queue = encode(std::vector<SavedQueue>{example()[0]}).size();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const bool between = length == header || length == first_queue;
    EXPECT_EQ(decode(std::string_view(whole).substr(0, length)).ok(), between) << length;
  }
}

TEST(SavedQueues, lengths_and_counts_that_lie_are_refused) {
  const std::string header = "sockwatch alerts 1\n";
  const std::string huge(8, '\xff');
  const std::string none(8, '\0');
  for (const std::string& body : {huge, huge + "text", none + none + huge,
                                  none + none + "\x01\0\0\0\0\0\0\0"s + huge, none + none + none + "x"}) {
    EXPECT_FALSE(decode(header + body));
  }
}

TEST(SavedQueues, a_flipped_bit_never_does_worse_than_an_error) {
  const std::string whole = encode(example());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const auto decoded = decode(damaged);
      EXPECT_TRUE(!decoded || *decoded != example());
    }
  }
}

}  // namespace
}  // namespace sockwatch
