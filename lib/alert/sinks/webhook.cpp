// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sinks/webhook.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

// About whoever asks, not about what is said: wrong password, too early, too often.
constexpr std::array kAboutUs{401, 407, 408, 421, 425, 429};
// A receiver may stumble over one body and call that its own error.
constexpr int kStumbles = 4;
constexpr Duration kLongestAskedPause = 5min;

// No answer is final: a proxy says 400 where a client certificate has expired, 404 while its backend is away.
SendOutcome outcome_of(int status) {
  if (status >= 200 && status <= 299) return SendOutcome::Sent;
  const bool about_us = std::find(kAboutUs.begin(), kAboutUs.end(), status) != kAboutUs.end();
  return status >= 400 && status <= 499 && !about_us ? SendOutcome::Refused : SendOutcome::TryAgain;
}

std::string trouble_of(const HttpAnswer& answer) {
  if (answer.status == 0) return printable(answer.problem);
  std::string text = "answered " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status <= 399) text += ", and redirections are not followed";
  if (!answer.problem.empty()) text += ": " + printable(answer.problem);
  return text;
}

}  // namespace

WebhookSink::WebhookSink(std::string url, std::unique_ptr<WebhookForm> form,
                         std::unique_ptr<HttpTransport> transport, const Clock& clock)
    : url_(std::move(url)), form_(std::move(form)), transport_(std::move(transport)), clock_(clock) {}

std::string WebhookSink::shown_name() const {
  const std::size_t query = url_.find('?');
  return "webhook " + (query == std::string::npos ? url_ : url_.substr(0, query) + "?…");
}

RetryPace WebhookSink::pace() const {
  return {1s, 1min, 0.5};
}

SendOutcome WebhookSink::send(std::string_view entry) {
  if (!under_way_) return begin(entry);
  const auto answer = transport_->take();
  if (!answer) return SendOutcome::UnderWay;
  under_way_ = false;
  SendOutcome outcome = outcome_of(answer->status);
  const bool stumbled = answer->status >= 500;
  stumbles_ = stumbled ? stumbles_ + 1 : 0;
  if (stumbles_ >= kStumbles) {
    stumbles_ = 0;
    outcome = SendOutcome::Refused;
  }
  asked_pause_ = std::min(answer->retry_after, kLongestAskedPause);
  trouble_ = outcome == SendOutcome::Sent ? "" : trouble_of(*answer);
  return settle(entry, outcome);
}

SendOutcome WebhookSink::begin(std::string_view entry) {
  auto body = form_->body(entry, clock_.now());
  if (!body) {
    trouble_ = "a damaged entry";
    return SendOutcome::Failed;
  }
  if (body->empty()) return settle(entry, SendOutcome::Sent);
  transport_->post(*std::move(body));
  under_way_ = true;
  return SendOutcome::UnderWay;
}

SendOutcome WebhookSink::settle(std::string_view entry, SendOutcome outcome) {
  if (outcome != SendOutcome::TryAgain) {
    form_->settled(entry, outcome, clock_.now());
  }
  return outcome;
}

}  // namespace sockwatch
