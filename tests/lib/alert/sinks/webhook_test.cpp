// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sinks/webhook.h"

#include <gtest/gtest.h>

#include "lib/alert/sink_queue.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

// A receiver in the hands of the test.
struct Line {
  std::vector<std::string> posted;
  std::optional<HttpAnswer> answer;
};

class FakeTransport final : public HttpTransport {
 public:
  explicit FakeTransport(std::shared_ptr<Line> line) : line_(std::move(line)) {}
  void post(std::string body) override { line_->posted.push_back(std::move(body)); }
  std::optional<HttpAnswer> take() override { return std::exchange(line_->answer, std::nullopt); }

 private:
  std::shared_ptr<Line> line_;
};

struct Told {
  std::vector<std::string> settled;
  std::optional<MonotonicTime> next;
};

// Posts "<entry>"; nothing for "skip"; does not know "bad".
class FakeForm final : public WebhookForm {
 public:
  explicit FakeForm(std::shared_ptr<Told> told) : told_(std::move(told)) {}
  std::string render(const Alert& alert) const override { return alert.message; }
  std::optional<std::string> body(std::string_view entry, Instant) override {
    if (entry == "bad") return std::nullopt;
    return entry == "skip" ? "" : "<" + std::string(entry) + ">";
  }
  void settled(std::string_view entry, SendOutcome outcome, Instant) override {
    told_->settled.push_back(std::string(entry) + (outcome == SendOutcome::Sent ? " accepted" : " refused"));
    if (entry == "repeat") told_->next.reset();
  }
  std::optional<MonotonicTime> next_repeat() const override { return told_->next; }
  std::string repetition() const override { return "repeat"; }

 private:
  std::shared_ptr<Told> told_;
};

class WebhookSinkTest : public testing::Test {
 protected:
  std::unique_ptr<WebhookSink> new_sink(std::string url = "http://a/") {
    return std::make_unique<WebhookSink>(std::move(url), std::make_unique<FakeForm>(told_),
                                         std::make_unique<FakeTransport>(line_), clock_);
  }
  SendOutcome answered(WebhookSink& sink, HttpAnswer answer) {
    EXPECT_EQ(sink.send("x"), SendOutcome::UnderWay);
    line_->answer = std::move(answer);
    return sink.send("x");
  }

  FakeClock clock_;
  std::shared_ptr<Line> line_ = std::make_shared<Line>();
  std::shared_ptr<Told> told_ = std::make_shared<Told>();
};

TEST_F(WebhookSinkTest, an_entry_is_posted_once_and_under_way_until_it_is_answered) {
  const auto sink = new_sink();
  EXPECT_EQ(sink->name(), "webhook http://a/");
  EXPECT_EQ(sink->shown_name(), "webhook http://a/");
  EXPECT_EQ(new_sink("http://a/hook?token=secret")->shown_name(), "webhook http://a/hook?…");
  EXPECT_EQ(sink->send("x"), SendOutcome::UnderWay);
  EXPECT_EQ(sink->send("x"), SendOutcome::UnderWay);
  EXPECT_EQ(line_->posted, std::vector<std::string>{"<x>"});
  line_->answer = HttpAnswer{200, ""};
  EXPECT_EQ(sink->send("x"), SendOutcome::Sent);
  EXPECT_EQ(told_->settled, std::vector<std::string>{"x accepted"});
}

TEST_F(WebhookSinkTest, an_answer_decides_whether_the_alert_comes_again) {
  const struct {
    HttpAnswer answer;
    SendOutcome outcome;
    std::string_view trouble;
  } cases[] = {
      {{200, "ok"}, SendOutcome::Sent, ""},
      {{204, ""}, SendOutcome::Sent, ""},
      {{0, "cannot connect\x1b"}, SendOutcome::TryAgain, "cannot connect\\x1b"},
      {{302, ""}, SendOutcome::TryAgain, "answered 302, and redirections are not followed"},
      {{401, "who?"}, SendOutcome::TryAgain, "answered 401: who?"},
      {{403, ""}, SendOutcome::Refused, "answered 403"},
      {{404, ""}, SendOutcome::Refused, "answered 404"},
      {{405, ""}, SendOutcome::Refused, "answered 405"},
      {{408, ""}, SendOutcome::TryAgain, "answered 408"},
      {{429, ""}, SendOutcome::TryAgain, "answered 429"},
      {{500, ""}, SendOutcome::TryAgain, "answered 500"},
      {{503, ""}, SendOutcome::TryAgain, "answered 503"},
      {{400, "no"}, SendOutcome::Refused, "answered 400: no"},
      {{413, ""}, SendOutcome::Refused, "answered 413"},
      {{422, ""}, SendOutcome::Refused, "answered 422"},
  };
  for (const auto& each : cases) {
    const auto sink = new_sink();
    EXPECT_EQ(answered(*sink, each.answer), each.outcome) << each.answer.status;
    EXPECT_EQ(sink->trouble(), each.trouble);
  }
}

TEST_F(WebhookSinkTest, what_the_form_does_not_post_is_done_and_what_it_does_not_know_is_lost) {
  const auto sink = new_sink();
  EXPECT_EQ(sink->send("skip"), SendOutcome::Sent);
  EXPECT_EQ(sink->send("bad"), SendOutcome::Failed);
  EXPECT_TRUE(line_->posted.empty());
  EXPECT_EQ(told_->settled, std::vector<std::string>{"skip accepted"});
}

TEST_F(WebhookSinkTest, the_receiver_s_own_errors_in_a_row_make_an_entry_step_aside) {
  const auto sink = new_sink();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answered(*sink, {500, ""}), SendOutcome::TryAgain);
  EXPECT_EQ(answered(*sink, {500, ""}), SendOutcome::Refused);
  EXPECT_EQ(answered(*sink, {502, ""}), SendOutcome::TryAgain) << "the count begins anew";
}

TEST_F(WebhookSinkTest, a_pause_that_is_asked_for_is_kept_and_has_a_limit) {
  const auto sink = new_sink();
  (void)answered(*sink, {429, "", 40s});
  EXPECT_EQ(sink->asked_pause(), 40s);
  (void)answered(*sink, {503, "", 24h});
  EXPECT_EQ(sink->asked_pause(), 5min);
  (void)answered(*sink, {200, ""});
  EXPECT_EQ(sink->asked_pause(), 0s);
}

// With the queue it lives in.

TEST_F(WebhookSinkTest, a_repetition_waits_behind_what_is_new) {
  SinkQueue queue(new_sink(), {});
  told_->next = clock_.now().monotonic;
  queue.flush(clock_.now());
  queue.push(alert_about(netcat(), "a"));
  queue.push(alert_about(netcat(), "b"));
  line_->answer = HttpAnswer{503, ""};
  queue.flush(clock_.now());
  clock_.advance(1min);
  queue.flush(clock_.now());
  for (int i = 0; i < 3; ++i) {
    line_->answer = HttpAnswer{200, ""};
    queue.flush(clock_.now());
  }
  EXPECT_EQ(line_->posted, (std::vector<std::string>{"<repeat>", "<a>", "<b>", "<repeat>"}));
}

TEST_F(WebhookSinkTest, the_queue_does_not_spin_while_an_answer_is_awaited) {
  SinkQueue queue(new_sink(), {});
  queue.push(alert_about(netcat(), "a"));
  queue.flush(clock_.now());
  EXPECT_FALSE(queue.next_try());
  EXPECT_EQ(queue.save().entries, std::vector<std::string>{"a"}) << "not through yet";
  queue.push(alert_about(netcat(), "b"));
  queue.flush(clock_.now());
  EXPECT_EQ(line_->posted.size(), 1U);
  line_->answer = HttpAnswer{200, ""};
  queue.flush(clock_.now());
  EXPECT_EQ(line_->posted, (std::vector<std::string>{"<a>", "<b>"}));
  EXPECT_EQ(queue.errors(), 0U);
}

TEST_F(WebhookSinkTest, an_hour_away_loses_nothing_and_is_said_once) {
  SinkQueue queue(new_sink(), {});
  queue.push(alert_about(netcat(), "a"));
  const MonotonicTime back = clock_.now().monotonic + 1h;
  std::vector<std::string> news;
  Duration longest{};
  std::size_t tries = 0;
  while (clock_.now().monotonic < back) {
    queue.flush(clock_.now());
    line_->answer = HttpAnswer{0, "cannot connect"};
    queue.flush(clock_.now());
    ++tries;
    for (const std::string& each : queue.take_news()) news.push_back(each);
    const Duration pause = *queue.next_try() - clock_.now().monotonic;
    longest = std::max(longest, pause);
    clock_.advance(pause);
  }
  EXPECT_LE(longest, 1min);
  EXPECT_GE(tries, 60U);
  EXPECT_LE(tries, 130U);
  EXPECT_EQ(news, std::vector<std::string>{"alerts wait for webhook http://a/: cannot connect"});
  EXPECT_EQ(queue.errors(), 1U);

  queue.flush(clock_.now());
  line_->answer = HttpAnswer{200, ""};
  queue.flush(clock_.now());
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_EQ(queue.take_news(), std::vector<std::string>{"webhook http://a/ takes alerts again"});
}

TEST_F(WebhookSinkTest, pauses_differ_from_machine_to_machine_and_never_below_half) {
  std::set<Duration> pauses;
  for (int machine = 0; machine < 20; ++machine) {
    clock_.advance(Duration(7'919'999));
    SinkQueue queue(new_sink(), {});
    queue.push(alert_about(netcat(), "a"));
    queue.flush(clock_.now());
    line_->answer = HttpAnswer{500, ""};
    queue.flush(clock_.now());
    const Duration pause = *queue.next_try() - clock_.now().monotonic;
    EXPECT_LE(pause, 1s);
    EXPECT_GE(pause, 500ms);
    pauses.insert(pause);
  }
  EXPECT_GT(pauses.size(), 15U);
}

TEST_F(WebhookSinkTest, a_refused_entry_is_told_and_the_next_goes_on) {
  SinkQueue queue(new_sink(), {});
  queue.push(alert_about(netcat(), "a"));
  queue.push(alert_about(netcat(), "b"));
  queue.flush(clock_.now());
  line_->answer = HttpAnswer{400, "bad label"};
  queue.flush(clock_.now());
  EXPECT_EQ(line_->posted.back(), "<b>");
  EXPECT_EQ(queue.errors(), 1U);
  EXPECT_EQ(
      queue.take_news(),
      std::vector<std::string>{"webhook http://a/ refuses an alert, which waits: answered 400: bad label"});
  EXPECT_EQ(queue.waiting(), 2U);
  line_->answer = HttpAnswer{200, ""};
  queue.flush(clock_.now());
  clock_.advance(1s);
  queue.flush(clock_.now());
  EXPECT_EQ(line_->posted.back(), "<a>");
}

TEST_F(WebhookSinkTest, a_repetition_is_sent_when_it_is_due_and_nothing_waits) {
  SinkQueue queue(new_sink(), {});
  told_->next = clock_.now().monotonic + 10s;
  EXPECT_EQ(queue.next_try(), told_->next);
  queue.flush(clock_.now());
  EXPECT_TRUE(line_->posted.empty());
  clock_.advance(10s);
  queue.flush(clock_.now());
  queue.flush(clock_.now());
  EXPECT_EQ(line_->posted, std::vector<std::string>{"<repeat>"});
  EXPECT_EQ(queue.waiting(), 0U) << "no news";
  EXPECT_TRUE(queue.save().entries.empty());
  line_->answer = HttpAnswer{200, ""};
  queue.flush(clock_.now());
  EXPECT_FALSE(queue.next_try());
}

}  // namespace
}  // namespace sockwatch
