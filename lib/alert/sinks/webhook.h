// SPDX-License-Identifier: Apache-2.0
// Alerts to a receiver over HTTP, one entry at a time and each until it is answered: what is said is up to a
// form, how it travels to a transport. The loop is never held up by either.
#pragma once

#include <memory>
#include <string>

#include "lib/alert/alert_sink.h"
#include "lib/alert/sinks/http_transport.h"
#include "lib/alert/webhook_form.h"

namespace sockwatch {

class WebhookSink final : public AlertSink {
 public:
  // The clock must outlive it.
  WebhookSink(std::string url, std::unique_ptr<WebhookForm> form, std::unique_ptr<HttpTransport> transport,
              const Clock& clock);

  AlertSinkKind kind() const override { return AlertSinkKind::Webhook; }
  std::string name() const override { return "webhook " + url_; }
  // Behind the question mark many receivers expect a token.
  std::string shown_name() const override;
  std::string render(const Alert& alert) const override { return form_->render(alert); }
  SendOutcome send(std::string_view entry) override;

  RetryPace pace() const override;
  Duration asked_pause() const override { return asked_pause_; }
  std::string trouble() const override { return trouble_; }
  std::optional<MonotonicTime> next_repeat() const override { return form_->next_repeat(); }
  std::string repetition() const override { return form_->repetition(); }
  std::vector<std::string> memory() const override { return form_->memory(); }
  void recall(std::vector<std::string> memory) override { form_->recall(std::move(memory)); }
  bool lacks(const std::string& subject) const override { return form_->lacks(subject); }

 private:
  SendOutcome begin(std::string_view entry);
  SendOutcome settle(std::string_view entry, SendOutcome outcome);

  std::string url_;
  std::unique_ptr<WebhookForm> form_;
  std::unique_ptr<HttpTransport> transport_;
  const Clock& clock_;
  bool under_way_ = false;
  int stumbles_ = 0;  // answers in a row that were the receiver's own errors
  Duration asked_pause_{};
  std::string trouble_;
};

}  // namespace sockwatch
