// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/alertmanager.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lib/base/text.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class AlertmanagerTest : public testing::Test {
 protected:
  std::unique_ptr<Alertmanager> new_form() {
    return std::make_unique<Alertmanager>(Alertmanager::Options{
        {{"instance", "web1"}, {"job", "sockwatch"}}, "http://web1/", 1min, [this] { return standing_; }});
  }
  static Alert raising(const Listener& listener = netcat()) {
    Alert alert = alert_about(listener, "nc opened a port");
    alert.subject = "the port";
    alert.allow = "[[rule]]\n";
    return alert;
  }
  Alert ending() {
    Alert alert = raising();
    alert.event = Event::ListenerClosed;
    alert.tone = AlertTone::Right;
    alert.time = clock_.now();
    return alert;
  }
  // What is posted; the receiver takes it.
  json post(const std::string& entry) {
    const auto body = form_->body(entry, clock_.now());
    EXPECT_TRUE(body);
    form_->settled(entry, SendOutcome::Sent, clock_.now());
    return body->empty() ? json::array() : json::parse(*body);
  }
  std::string in(Duration later) const { return to_rfc3339(clock_.now().wall + later); }

  FakeClock clock_;
  std::set<std::string> standing_{"the port"};
  std::unique_ptr<Alertmanager> form_ = new_form();
};

TEST_F(AlertmanagerTest, an_alert_has_bounded_labels_and_the_rest_as_annotations) {
  const json posted = post(form_->render(raising()));
  ASSERT_EQ(posted.size(), 1U);
  EXPECT_EQ(posted[0]["labels"], json({{"alertname", "SockwatchListenerOpened"},
                                       {"severity", "warning"},
                                       {"namespace", "host"},
                                       {"protocol", "tcp"},
                                       {"address", "0.0.0.0"},
                                       {"port", "4444"},
                                       {"scope", "any"},
                                       {"exe", "/usr/bin/nc"},
                                       {"user", "max"},
                                       {"rule", "default"},
                                       {"instance", "web1"},
                                       {"job", "sockwatch"}}))
      << "no session-3.scope, no pid";
  const json& annotations = posted[0]["annotations"];
  EXPECT_EQ(annotations["summary"], "nc opened a port");
  EXPECT_EQ(annotations["allow"], "[[rule]]\n");
  EXPECT_EQ(annotations["unit"], "session-3.scope");
  EXPECT_EQ(annotations["pid"], "4711");
  EXPECT_EQ(annotations["service"], "krb524");
  EXPECT_FALSE(annotations.contains("port")) << "a label says it";
  EXPECT_EQ(posted[0]["startsAt"], "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(posted[0]["endsAt"], in(4min));
  EXPECT_EQ(posted[0]["generatorURL"], "http://web1/");
}

TEST_F(AlertmanagerTest, a_handed_out_port_is_no_label) {
  Listener listener = assigned("tool", 40001);
  const json posted = post(form_->render(raising(listener)));
  EXPECT_EQ(posted[0]["labels"]["port"], "assigned");
  EXPECT_EQ(posted[0]["labels"]["unit"], "tool.service");
  EXPECT_EQ(posted[0]["annotations"]["port"], "40001");
}

TEST_F(AlertmanagerTest, foreign_bytes_stay_in_their_text) {
  Listener listener = netcat();
  own(listener, "a\",\"annotations\":{\xff\n", "x.service");
  const json posted = post(form_->render(raising(listener)));
  EXPECT_EQ(posted[0]["labels"]["alertname"], "SockwatchListenerOpened");
  EXPECT_EQ(posted[0]["annotations"]["comm"], "a\",\"annotations\":{\\xff\\x0a");
}

TEST_F(AlertmanagerTest, an_end_is_told_with_the_labels_of_the_beginning) {
  const json raised = post(form_->render(raising()));
  clock_.advance(10min);
  const std::string end = form_->render(ending());
  clock_.advance(5s);  // in the queue
  const json ended = post(end);
  EXPECT_EQ(ended[0]["labels"], raised[0]["labels"]);
  EXPECT_EQ(ended[0]["startsAt"], raised[0]["startsAt"]);
  EXPECT_EQ(ended[0]["endsAt"], in(-5s));
  EXPECT_EQ(post(end), json::array()) << "told once";
}

TEST_F(AlertmanagerTest, what_was_over_before_anybody_heard_of_it_stays_for_an_interval) {
  const std::string begin = form_->render(raising());
  clock_.advance(10s);
  const std::string end = form_->render(ending());
  clock_.advance(1h);
  (void)post(begin);
  EXPECT_EQ(post(end)[0]["endsAt"], in(1min));
}

TEST_F(AlertmanagerTest, an_end_never_precedes_its_beginning) {
  form_->recall({form_->render(raising())});
  Alert end = ending();
  end.time.wall -= 24h;
  clock_.advance(-24h);
  EXPECT_EQ(post(form_->render(end))[0]["endsAt"], "2026-01-01T00:00:00.000Z");
}

TEST_F(AlertmanagerTest, what_is_over_when_it_is_told_ends_by_itself) {
  Alert once = raising();
  once.subject.clear();
  once.event = Event::BaselineLearned;
  once.tone = AlertTone::Right;
  clock_.advance(1h);
  const json posted = post(form_->render(once));
  EXPECT_EQ(posted[0]["labels"]["severity"], "info");
  EXPECT_EQ(posted[0]["endsAt"], in(4min));
  EXPECT_FALSE(form_->next_repeat());
}

TEST_F(AlertmanagerTest, what_stands_is_repeated_every_interval) {
  (void)post(form_->render(raising()));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(form_->next_repeat(), clock_.now().monotonic + 1min);
    clock_.advance(1min);
    const json repeated = post(form_->repetition());
    ASSERT_EQ(repeated.size(), 1U);
    EXPECT_EQ(repeated[0]["startsAt"], "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(repeated[0]["endsAt"], in(4min));
  }
}

TEST_F(AlertmanagerTest, what_was_cleared_without_a_word_is_no_longer_repeated) {
  (void)post(form_->render(raising()));
  standing_.clear();
  EXPECT_EQ(post(form_->repetition()), json::array());
  EXPECT_TRUE(form_->next_repeat()) << "its end may be in the queue";
  EXPECT_EQ(post(form_->repetition()), json::array());
  EXPECT_FALSE(form_->next_repeat());
}

TEST_F(AlertmanagerTest, an_end_behind_a_repetition_in_the_queue_is_told) {
  (void)post(form_->render(raising()));
  standing_.clear();
  const std::string end = form_->render(ending());
  (void)post(form_->repetition());
  EXPECT_EQ(post(end).size(), 1U);
  EXPECT_FALSE(form_->next_repeat());
}

TEST_F(AlertmanagerTest, a_place_that_is_wrong_in_another_way_ends_what_was_told_before) {
  (void)post(form_->render(raising()));
  Alert other = raising();
  other.event = Event::OwnerChanged;
  clock_.advance(10s);
  const json posted = post(form_->render(other));
  ASSERT_EQ(posted.size(), 2U);
  EXPECT_EQ(posted[0]["labels"]["alertname"], "SockwatchOwnerChanged");
  EXPECT_EQ(posted[1]["labels"]["alertname"], "SockwatchListenerOpened");
  EXPECT_EQ(posted[1]["endsAt"], in(0s));
  EXPECT_EQ(post(form_->repetition()).size(), 1U);
}

TEST_F(AlertmanagerTest, another_run_repeats_at_once_what_it_remembers) {
  (void)post(form_->render(raising()));
  const std::vector<std::string> memory = form_->memory();
  form_ = new_form();
  EXPECT_TRUE(form_->lacks(raising().subject));
  form_->recall(memory);
  EXPECT_FALSE(form_->lacks(raising().subject));
  EXPECT_LE(form_->next_repeat(), clock_.now().monotonic);
  EXPECT_EQ(post(form_->repetition()).size(), 1U);
  clock_.advance(1min);
  EXPECT_EQ(post(form_->render(ending()))[0]["endsAt"], in(0s));
}

TEST_F(AlertmanagerTest, what_the_receiver_refused_is_neither_repeated_nor_ended) {
  const std::string entry = form_->render(raising());
  (void)form_->body(entry, clock_.now());
  form_->settled(entry, SendOutcome::Failed, clock_.now());
  EXPECT_FALSE(form_->next_repeat());
  EXPECT_EQ(post(form_->render(ending())), json::array());
}

TEST_F(AlertmanagerTest, a_refused_repetition_waits_for_the_next) {
  (void)post(form_->render(raising()));
  clock_.advance(1min);
  form_->settled(form_->repetition(), SendOutcome::Failed, clock_.now());
  EXPECT_EQ(form_->next_repeat(), clock_.now().monotonic + 1min);
}

TEST_F(AlertmanagerTest, a_repetition_is_halved_until_the_receiver_takes_it) {
  for (int i = 0; i < 20; ++i) {
    Alert alert = raising();
    alert.subject = std::to_string(i);
    standing_.insert(alert.subject);
    (void)post(form_->render(alert));
  }
  clock_.advance(1min);
  std::vector<std::size_t> sizes;
  std::size_t accepted = 0;
  while (form_->next_repeat() <= clock_.now().monotonic) {
    const std::string entry = form_->repetition();
    const std::size_t size = json::parse(*form_->body(entry, clock_.now())).size();
    sizes.push_back(size);
    const bool fits = size <= 6;
    if (fits) accepted += size;
    form_->settled(entry, fits ? SendOutcome::Sent : SendOutcome::Refused, clock_.now());
    ASSERT_LT(sizes.size(), 20U);
  }
  EXPECT_EQ(accepted, 20U);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{20, 10, 5, 5, 5, 5}));
}

TEST_F(AlertmanagerTest, one_alert_that_is_refused_does_not_end_the_others) {
  for (int i = 0; i < 20; ++i) {
    Alert alert = raising();
    alert.subject = std::to_string(i);
    alert.message = "number " + alert.subject + ";";
    standing_.insert(alert.subject);
    (void)post(form_->render(alert));
  }
  clock_.advance(1min);
  std::size_t accepted = 0;
  for (int posts = 0; form_->next_repeat() <= clock_.now().monotonic; ++posts) {
    ASSERT_LT(posts, 60);
    const std::string entry = form_->repetition();
    const std::string body = *form_->body(entry, clock_.now());
    const bool poisoned = body.find("number 13;") != body.npos;
    if (!poisoned) accepted += json::parse(body).size();
    form_->settled(entry, poisoned ? SendOutcome::Refused : SendOutcome::Sent, clock_.now());
  }
  EXPECT_EQ(accepted, 19U);
}

TEST_F(AlertmanagerTest, a_receiver_that_refuses_everything_is_not_asked_about_each) {
  for (int i = 0; i < 500; ++i) {
    Alert alert = raising();
    alert.subject = std::to_string(i);
    standing_.insert(alert.subject);
    (void)post(form_->render(alert));
  }
  clock_.advance(1min);
  int posts = 0;
  for (; form_->next_repeat() <= clock_.now().monotonic; ++posts) {
    ASSERT_LT(posts, 60);
    (void)form_->body(form_->repetition(), clock_.now());
    form_->settled(form_->repetition(), SendOutcome::Refused, clock_.now());
  }
  EXPECT_LE(posts, 20);
}

TEST_F(AlertmanagerTest, a_thousand_are_repeated_and_the_rest_end_by_themselves) {
  for (int i = 0; i < 1100; ++i) {
    Alert alert = raising();
    alert.subject = std::to_string(i);
    standing_.insert(alert.subject);
    (void)post(form_->render(alert));
  }
  EXPECT_EQ(post(form_->repetition()).size(), 1000U);
}

TEST_F(AlertmanagerTest, damaged_entries_are_told_from_ours) {
  for (const std::string_view bad :
       {"", "\n", "raise", "raise  \n", "raise  \n{", "once  x\n", "end  x\n{}"}) {
    EXPECT_FALSE(form_->body(bad, clock_.now())) << bad;
    form_->settled(bad, SendOutcome::Sent, clock_.now());
    form_->recall({std::string(bad)});
  }
  EXPECT_FALSE(form_->next_repeat());
}

}  // namespace
}  // namespace sockwatch
