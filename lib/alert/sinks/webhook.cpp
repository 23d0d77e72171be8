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

// Wrong password, wrong path, redirected, overloaded: somebody can mend that while the alert waits. Only what
// the receiver says about this very body is final.
constexpr std::array kFinal{400, 413, 422};

SendOutcome outcome_of(int status) {
  if (status >= 200 && status <= 299) return SendOutcome::Sent;
  const bool final = std::find(kFinal.begin(), kFinal.end(), status) != kFinal.end();
  return final ? SendOutcome::Failed : SendOutcome::TryAgain;
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

RetryPace WebhookSink::pace() const {
  return {1s, 1min, 0.5};
}

SendOutcome WebhookSink::send(std::string_view entry) {
  if (!under_way_) return begin(entry);
  const auto answer = transport_->take();
  if (!answer) return SendOutcome::UnderWay;
  under_way_ = false;
  const SendOutcome outcome = outcome_of(answer->status);
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
    form_->settled(entry, outcome == SendOutcome::Sent, clock_.now());
  }
  return outcome;
}

}  // namespace sockwatch
