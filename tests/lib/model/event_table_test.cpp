// SPDX-License-Identifier: Apache-2.0
#include "lib/model/event_table.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace sockwatch {
namespace {

TEST(EventTable, words_are_unique_and_plain) {
  std::set<std::string_view> words;
  for (const EventRow& row : kEventTable) {
    EXPECT_TRUE(std::regex_match(std::string(row.word), std::regex("[a-z]+(-[a-z]+)*"))) << row.word;
    EXPECT_TRUE(words.insert(row.word).second) << row.word;
  }
}

TEST(EventTable, a_message_id_is_one_of_journald_s) {
  for (const EventRow& row : kEventTable)
    EXPECT_TRUE(std::regex_match(std::string(row.message_id), std::regex("([0-9a-f]{32})?"))) << row.word;
}

TEST(EventTable, each_event_says_what_it_means) {
  for (const EventRow& row : kEventTable) {
    EXPECT_GT(row.meaning.size(), 20U) << row.word;
    EXPECT_EQ(row.meaning.find_first_of("<>&\"\n"), std::string_view::npos) << row.word;
  }
}

TEST(EventTable, each_event_finds_its_own_row) {
  for (const Event event : all_of<Event>()) EXPECT_EQ(row_of(event).word, word(event));
  EXPECT_EQ(word(Event::ListenerOpened), "listener-opened");
  EXPECT_EQ(row_of(Event::ListenerHidden).about, EventAbout::Port);
  EXPECT_EQ(row_of(Event::SecondOwner).round, EventRound::WhenWrong);
}

}  // namespace
}  // namespace sockwatch
