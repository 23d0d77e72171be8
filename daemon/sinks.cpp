// SPDX-License-Identifier: Apache-2.0
#include "daemon/sinks.h"

#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "daemon/event_loop.h"
#include "lib/alert/alertmanager.h"
#include "lib/alert/plain_json.h"
#include "lib/alert/sinks/curl_transport.h"
#include "lib/alert/sinks/journal.h"
#include "lib/alert/sinks/stderr.h"
#include "lib/alert/sinks/webhook.h"
#include "lib/base/unique_fd.h"
#include "lib/config/web_config.h"
#include "lib/config/webhook_url.h"
#include "lib/monitor/build.h"

namespace sockwatch {
namespace {

std::string hostname() {
  utsname names{};
  (void)::uname(&names);  // cannot fail with a valid pointer
  return names.nodename;
}

bool speaks_tls(const MetricsSettings& metrics) {
  if (metrics.web_config_file.empty()) return false;
  const auto config = load_web_config(metrics.web_config_file);
  return config.ok() && config->tls;
}

// Where the page is. On loopback that helps only on the machine itself, but it names the daemon. Alertmanager
// refuses an alert whose link is no URL, and a machine may be called anything: then there is none.
std::string own_page(const MetricsSettings& metrics) {
  const ListenAddress& first = metrics.addresses.front();
  const std::string host =
      first.is_everywhere() ? hostname() + ":" + std::to_string(first.port) : to_string(first);
  const std::string page = std::string(speaks_tls(metrics) ? "https://" : "http://") + host + "/";
  return parse_webhook_url(page).ok() ? page : "";
}

// The machine's own labels, where the settings do not say otherwise.
WebhookLabels with_defaults(WebhookLabels labels) {
  for (const auto& [name, value] : WebhookLabels{{"instance", hostname()}, {"job", "sockwatch"}}) {
    const bool set = std::any_of(labels.begin(), labels.end(),
                                 [&name = name](const auto& label) { return label.first == name; });
    if (!set) labels.emplace_back(name, value);
  }
  return labels;
}

std::unique_ptr<WebhookForm> make_form(const WebhookSettings& webhook, const Settings& settings,
                                       const SinkContext& context) {
  if (webhook.kind == WebhookKind::Json) return std::make_unique<PlainJson>(hostname(), webhook.labels);
  const std::string& page = webhook.generator_url;
  return std::make_unique<Alertmanager>(
      Alertmanager::Options{with_defaults(webhook.labels), page.empty() ? own_page(settings.metrics) : page,
                            webhook.resend_interval, context.standing});
}

CurlTransport::Options transport_options(const WebhookSettings& webhook) {
  return {webhook.url,       webhook.timeout,       webhook.ca_file,
          webhook.cert_file, webhook.key_file,      webhook.bearer_token_file,
          webhook.username,  webhook.password_file, "sockwatch/" + build_info().version};
}

}  // namespace

std::vector<std::unique_ptr<AlertSink>> make_sinks(const Settings& settings, const SinkContext& context) {
  std::vector<std::unique_ptr<AlertSink>> made;
  if (!service::logs_to_journal()) {
    made.push_back(std::make_unique<StderrSink>(STDERR_FILENO));
  } else if (settings.alerts.journal) {
    made.push_back(std::make_unique<JournalSink>());
  }
  for (const WebhookSettings& webhook : settings.alerts.webhooks) {
    made.push_back(std::make_unique<WebhookSink>(
        webhook.url, make_form(webhook, settings, context),
        std::make_unique<CurlTransport>(transport_options(webhook), context.ring), context.clock));
  }
  return made;
}

bool network_is_refused() {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return !socket.valid() && errno == EAFNOSUPPORT;
}

}  // namespace sockwatch
