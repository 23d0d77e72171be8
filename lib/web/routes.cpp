// SPDX-License-Identifier: Apache-2.0
#include "lib/web/routes.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "lib/web/api.h"
#include "lib/web/event_stream.h"
#include "lib/web/health.h"
#include "lib/web/live_page.h"

namespace sockwatch {

namespace {

constexpr Duration kKeepPage = std::chrono::seconds(1);
constexpr int kShareOfTime = 10;  // a tenth
constexpr Duration kKeepAtMost = std::chrono::seconds(20);

constexpr std::string_view kText = "text/plain; charset=utf-8";
// Prometheus' text format; the version is what content negotiation looks at.
constexpr std::string_view kMetrics = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kEvents = "text/event-stream";

HttpResponse text(unsigned status, std::string body) {
  return {status, std::string(kText), std::make_shared<const std::string>(std::move(body)), nullptr};
}

}  // namespace

Routes::Routes(RoutesSetup setup) : setup_(std::move(setup)), started_(setup_.clock.now()) {
  const auto add = [this](std::string_view path, std::string_view type, auto render) {
    pages_.push_back({path, type, std::move(render), nullptr, {}, {}, nullptr, nullptr});
  };
  add("/", kHtml, [facts = PageFacts{setup_.build, setup_.host, started_}](const View& view, Instant now) {
    return live_page(view, facts, now);
  });
  add("/metrics", kMetrics, [this](const View& view, Instant) { return setup_.metrics(view); });
  add("/api/v1/listeners", kJson, [](const View& view, Instant) { return listeners_document(view); });
  add("/api/v1/connections", kJson, [](const View& view, Instant) { return connections_document(view); });
  add("/api/v1/alerts", kJson, [](const View& view, Instant) { return alerts_document(view); });
  add("/api/v1/status", kJson,
      [this](const View& view, Instant now) { return status_document(view, setup_.build, started_, now); });
  for (const PageFile& file : kPageFiles) {
    const auto body = std::make_shared<const std::string>(file.text);
    files_.push_back({file.path, file.content_type, body, std::make_shared<GzipBody>(body)});
  }
}

HttpResponse Routes::answer(std::string_view path) {
  for (Page& page : pages_) {
    if (page.path == path) return answer_page(page);
  }
  for (const File& file : files_) {
    if (file.path == path) return {200, std::string(file.content_type), file.body, file.gzip};
  }
  if (path == "/api/v1/stream") {
    auto stream = std::make_shared<EventStream>(setup_.board, setup_.clock);
    return {200, std::string(kEvents), std::make_shared<const std::string>(), nullptr, std::move(stream)};
  }
  if (path == "/-/healthy") return answer_healthy();
  if (path == "/-/ready") return answer_ready();
  return text(404, "no such page\n");
}

HttpResponse Routes::answer_page(Page& page) {
  std::shared_ptr<const View> view = setup_.board.current();
  if (!view) return text(503, "the first look at the kernel is not done yet\n");
  const Instant now = setup_.clock.now();
  // Ages stand on the pages, so the same View alone is no reason to keep one: a monitor gone blind must not
  // look fresh.
  const Duration age = now.monotonic - page.rendered;
  const bool fresh = page.body && (page.view == view || page.keep > kKeepPage) && age < page.keep;
  if (!fresh) {
    const Duration began = setup_.cpu_time();
    page.body = std::make_shared<const std::string>(page.render(*view, now));
    page.gzip = page.body->size() < GzipBody::kWorthIt ? nullptr : std::make_shared<GzipBody>(page.body);
    page.view = std::move(view);
    page.rendered = now.monotonic;
    page.keep = std::clamp<Duration>(kShareOfTime * (setup_.cpu_time() - began), kKeepPage, kKeepAtMost);
  }
  return {200, std::string(page.content_type), page.body, page.gzip};
}

HttpResponse Routes::answer_healthy() const {
  const std::shared_ptr<const View> view = setup_.board.current();
  // Starting is no illness; whether it takes too long is /-/ready's question.
  if (!view || is_healthy(*view, setup_.clock.now(), setup_.stale_after))
    return text(200, "sockwatch is healthy\n");
  return text(503, "sockwatch has not seen the listeners for too long\n");
}

HttpResponse Routes::answer_ready() const {
  if (setup_.board.current()) return text(200, "sockwatch is ready\n");
  return text(503, "the first look at the kernel is not done yet\n");
}

}  // namespace sockwatch
