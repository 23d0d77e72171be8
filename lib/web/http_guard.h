// SPDX-License-Identifier: Apache-2.0
// Stands between libmicrohttpd and the pages where there is a web configuration: gives every connection its
// TLS, and every request its answer to "may it?". A request whose password has to be computed is put to sleep
// until a thread has done that, while others are served. One thread, the server's.
#pragma once

#include <microhttpd.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/web/password_worker.h"
#include "lib/web/web_access.h"

namespace sockwatch {

class HttpGuard {
 public:
  static Result<std::unique_ptr<HttpGuard>> start(std::unique_ptr<WebAccess> access);

  // What is known about a request from its headers to its answer.
  struct Request {
    MHD_Connection* connection = nullptr;
    Credentials credentials;
    std::string hash;          // that the password must fit
    std::optional<bool> fits;  // absent: not computed
  };
  enum class Permission { Granted, Denied, Later, Busy };
  // Later: the request sleeps, and is asked about again when it has woken. Busy: too many sleep already.
  Permission ask(Request& request);

  // Wakes those whose passwords have been computed.
  void hear();
  int fd() const { return worker_->fd(); }
  // Before libmicrohttpd is stopped, which must not find anybody asleep.
  void wake_all();

  // A connection begins: as the configuration stands now. Null without TLS; keep it for as long as the
  // connection.
  std::shared_ptr<const TlsContext> protect(MHD_Connection* connection, MonotonicTime now);

  bool has_tls() const { return access_->tls() != nullptr; }
  const std::vector<HttpHeader>& headers() const { return access_->headers(); }

 private:
  HttpGuard(std::unique_ptr<WebAccess> access, std::unique_ptr<PasswordWorker> worker)
      : access_(std::move(access)), worker_(std::move(worker)) {}
  void sleep(Request& request);

  std::unique_ptr<WebAccess> access_;
  std::set<Request*> asleep_;
  std::unique_ptr<PasswordWorker> worker_;
};

}  // namespace sockwatch
