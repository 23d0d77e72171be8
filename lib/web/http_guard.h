// SPDX-License-Identifier: Apache-2.0
// Stands between libmicrohttpd and the pages where there is a web configuration: gives every connection its
// TLS, and every request its answer to "may it?". A request whose password has to be computed is put to sleep
// until a thread has done that, while others are served. Clients share the thread: who has guessed often
// comes after who has not. One thread, the server's.
#pragma once

#include <microhttpd.h>

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/web/client.h"
#include "lib/web/password_worker.h"
#include "lib/web/web_access.h"

namespace sockwatch {

class HttpGuard {
 public:
  static Result<std::unique_ptr<HttpGuard>> start(std::unique_ptr<WebAccess> access);

  // What is known about a request from its headers to its answer.
  struct Request {
    MHD_Connection* connection = nullptr;
    Client client{};
    Credentials credentials{};
    std::string hash{};          // that the password must fit
    std::optional<bool> fits{};  // absent: not computed
    bool gave_way = false;       // to another client
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

  // Whether nobody gets in without a password or a certificate, so that a web site's script does not either.
  bool keeps_strangers_out() const { return access_->keeps_strangers_out(); }
  bool has_tls() const { return access_->tls() != nullptr; }
  const std::vector<HttpHeader>& headers() const { return access_->headers(); }

 private:
  HttpGuard(std::unique_ptr<WebAccess> access, std::unique_ptr<PasswordWorker> worker)
      : access_(std::move(access)), worker_(std::move(worker)) {}
  bool make_room(const Client& newcomer);
  void sleep(Request& request);
  void wake(Request& request);
  void compute_next();

  std::unique_ptr<WebAccess> access_;
  std::list<Request*> waiting_;   // asleep, in the order they came
  Request* computing_ = nullptr;  // asleep, at the worker
  ClientShares shares_;           // of those who wait
  std::deque<Client> computed_;   // whose the last checks were
  std::unique_ptr<PasswordWorker> worker_;
};

}  // namespace sockwatch
