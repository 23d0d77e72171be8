// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http_guard.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sockwatch {
namespace {

// Guesses that come faster than they can be computed must not take all connections from those who know.
constexpr std::size_t kMostWaiting = 64;
// By how many past checks clients are compared.
constexpr std::size_t kRemembered = 64;

}  // namespace

Result<std::unique_ptr<HttpGuard>> HttpGuard::start(std::unique_ptr<WebAccess> access) {
  auto worker = PasswordWorker::start();
  if (!worker.ok()) return worker.error();
  return std::unique_ptr<HttpGuard>(new HttpGuard(std::move(access), *std::move(worker)));
}

HttpGuard::Permission HttpGuard::ask(Request& request) {
  if (!access_->asks_for_passwords()) return Permission::Granted;
  if (request.gave_way) return Permission::Busy;
  if (request.fits) {
    const bool granted = *request.fits && access_->admit(request.credentials, request.hash);
    return granted ? Permission::Granted : Permission::Denied;
  }
  const char* header =
      MHD_lookup_connection_value(request.connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
  auto credentials = header != nullptr ? parse_basic(header) : std::nullopt;
  if (!credentials) return Permission::Denied;
  request.credentials = *std::move(credentials);
  if (access_->recognises(request.credentials)) return Permission::Granted;
  request.client = client_of(request.connection);
  if (!make_room(request.client)) return Permission::Busy;
  sleep(request);
  return Permission::Later;
}

// The newest of the client that has most gives way: its others are as good a chance.
bool HttpGuard::make_room(const Client& newcomer) {
  if (waiting_.size() < kMostWaiting) return true;
  const auto who = shares_.who_gives_way_to(newcomer);
  if (!who) return false;
  const auto newest = std::find_if(waiting_.rbegin(), waiting_.rend(),
                                   [&](const Request* request) { return request->client == *who; });
  if (newest == waiting_.rend()) return false;
  Request& request = **newest;
  waiting_.erase(std::next(newest).base());
  shares_.remove(*who);
  request.gave_way = true;
  wake(request);
  return true;
}

void HttpGuard::sleep(Request& request) {
  request.hash = access_->hash_to_try(request.credentials.user);
  MHD_suspend_connection(request.connection);
  waiting_.push_back(&request);
  shares_.add(request.client);
  if (computing_ == nullptr) compute_next();
}

void HttpGuard::wake(Request& request) {
  MHD_resume_connection(request.connection);
}

// Of those who wait, the first of the client that had fewest of the last checks.
void HttpGuard::compute_next() {
  const auto checks_of = [this](const Request* request) {
    return std::count(computed_.begin(), computed_.end(), request->client);
  };
  const auto next =
      std::min_element(waiting_.begin(), waiting_.end(),
                       [&](const Request* a, const Request* b) { return checks_of(a) < checks_of(b); });
  if (next == waiting_.end()) return;
  computing_ = *next;
  waiting_.erase(next);
  shares_.remove(computing_->client);
  computed_.push_back(computing_->client);
  if (computed_.size() > kRemembered) computed_.pop_front();
  worker_->ask({computing_, computing_->credentials.password, computing_->hash, access_->dearest_cost()});
}

void HttpGuard::hear() {
  for (const PasswordWorker::Answer& answer : worker_->take()) {
    auto& request = *static_cast<Request*>(answer.asker);
    request.fits = answer.fits;
    computing_ = nullptr;
    wake(request);
  }
  if (computing_ == nullptr) compute_next();
}

void HttpGuard::wake_all() {
  if (computing_ != nullptr) waiting_.push_back(std::exchange(computing_, nullptr));
  for (Request* request : std::exchange(waiting_, {})) {
    request->fits = false;
    wake(*request);
  }
}

std::shared_ptr<const TlsContext> HttpGuard::protect(MHD_Connection* connection, MonotonicTime now) {
  access_->refresh(now);
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  if (info == nullptr || info->tls_session == nullptr || !access_->tls()) return nullptr;
  // Where it fails the session is left without a certificate, and its handshake fails.
  return access_->tls()->attach(info->tls_session) ? access_->tls() : nullptr;
}

}  // namespace sockwatch
