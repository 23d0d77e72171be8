// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http_guard.h"

#include <utility>

namespace sockwatch {
namespace {

// Guesses that come faster than they can be computed must not take all connections from those who know.
constexpr std::size_t kMostAsleep = 16;

}  // namespace

Result<std::unique_ptr<HttpGuard>> HttpGuard::start(std::unique_ptr<WebAccess> access) {
  auto worker = PasswordWorker::start();
  if (!worker.ok()) return worker.error();
  return std::unique_ptr<HttpGuard>(new HttpGuard(std::move(access), *std::move(worker)));
}

HttpGuard::Permission HttpGuard::ask(Request& request) {
  if (!access_->asks_for_passwords()) return Permission::Granted;
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
  if (asleep_.size() >= kMostAsleep) return Permission::Busy;
  sleep(request);
  return Permission::Later;
}

void HttpGuard::sleep(Request& request) {
  request.hash = access_->hash_to_try(request.credentials.user);
  asleep_.insert(&request);
  MHD_suspend_connection(request.connection);
  worker_->ask({&request, request.credentials.password, request.hash});
}

void HttpGuard::hear() {
  for (const PasswordWorker::Answer& answer : worker_->take()) {
    auto& request = *static_cast<Request*>(answer.asker);
    request.fits = answer.fits;
    asleep_.erase(&request);
    MHD_resume_connection(request.connection);
  }
}

void HttpGuard::wake_all() {
  for (Request* request : std::exchange(asleep_, {})) {
    request->fits = false;
    MHD_resume_connection(request->connection);
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
