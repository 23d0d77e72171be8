// SPDX-License-Identifier: Apache-2.0
#include "lib/web/web_access.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "lib/web/http_reply.h"

namespace sockwatch {
namespace {

constexpr Duration kBetweenLooks = std::chrono::seconds(1);

std::vector<FileStamp> stamps_of(const std::vector<std::string>& files) {
  std::vector<FileStamp> stamps;
  for (const std::string& file : files) stamps.push_back(stamp_of(file));
  return stamps;
}

using Users = std::map<std::string, std::string, std::less<>>;

// Of users that are not none.
Users::const_iterator dearest(const Users& users) {
  return std::max_element(users.begin(), users.end(),
                          [](const auto& a, const auto& b) { return cost_of(a.second) < cost_of(b.second); });
}

struct Loaded {
  WebConfig config;
  std::shared_ptr<const TlsContext> tls;
};

Result<Loaded> load_all(const std::string& path) {
  auto config = load_web_config(path);
  if (!config.ok()) return config.error();
  Loaded loaded{*std::move(config), nullptr};
  if (loaded.config.tls) {
    auto tls = TlsContext::make(*loaded.config.tls);
    if (!tls.ok()) return tls.error();
    loaded.tls = *std::move(tls);
  }
  return loaded;
}

}  // namespace

Result<void> check_web_config(const std::string& path) {
  const auto loaded = load_all(path);
  if (!loaded.ok()) return loaded.error();
  return {};
}

Result<std::unique_ptr<WebAccess>> WebAccess::open(std::string path, Report report) {
  std::unique_ptr<WebAccess> access(new WebAccess(std::move(path), std::move(report)));
  if (auto loaded = access->load(); !loaded.ok()) return loaded.error();
  return access;
}

void WebAccess::refresh(MonotonicTime now) {
  if (now < next_look_) return;
  next_look_ = now + kBetweenLooks;
  if (stamps_of(config_.files) == stamps_) return;
  const auto loaded = load();
  // Tried again at every look, because a file that is missing may come without any that is there changing;
  // but told once.
  const std::string trouble = loaded.ok() ? "" : loaded.error().message;
  if (loaded.ok() || trouble != told_) report_(loaded);
  told_ = trouble;
}

Result<void> WebAccess::load() {
  // Before the files are read: what changes meanwhile is seen by the next look.
  std::vector<FileStamp> stamps = stamps_of(config_.files);
  auto loaded = load_all(path_);
  if (!loaded.ok()) return loaded.error();
  if (loaded_ && (loaded->tls != nullptr) != (tls_ != nullptr))
    return Error{path_ + ": TLS comes and goes with a restart only, the old settings stay", 0};
  stamps_ = loaded->config.files == config_.files ? std::move(stamps) : stamps_of(loaded->config.files);
  config_ = std::move(loaded->config);
  tls_ = std::move(loaded->tls);
  std::vector<HttpHeader> configured;
  for (const auto& [name, value] : config_.headers) configured.push_back({name, value});
  headers_ = standing_headers(configured);
  loaded_ = true;
  return {};
}

bool WebAccess::recognises(const Credentials& credentials) const {
  const auto user = config_.users.find(credentials.user);
  const auto verified = verified_.find(credentials.user);
  if (user == config_.users.end() || verified == verified_.end()) return false;
  return verified->second == fingerprint(credentials.password, user->second);
}

const std::string& WebAccess::hash_to_try(std::string_view user) const {
  const auto found = config_.users.find(user);
  return found != config_.users.end() ? found->second : dearest(config_.users)->second;
}

unsigned WebAccess::dearest_cost() const {
  return cost_of(dearest(config_.users)->second);
}

bool WebAccess::admit(const Credentials& credentials, std::string_view hash) {
  const auto user = config_.users.find(credentials.user);
  // Unknown, or with another password since it was asked for.
  if (user == config_.users.end() || user->second != hash) return false;
  const std::string mark = fingerprint(credentials.password, hash);
  if (!mark.empty()) verified_[credentials.user] = mark;
  return true;
}

}  // namespace sockwatch
