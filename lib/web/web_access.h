// SPDX-License-Identifier: Apache-2.0
// What a web configuration grants, as it stands now: the file and all that it names are read again when one
// of them has changed, so that certificates are renewed and users come and go without a restart. One thread,
// the server's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/config/web_config.h"
#include "lib/web/http_server.h"
#include "lib/web/passwords.h"
#include "lib/web/tls_context.h"

namespace sockwatch {

// Whether the file could be put in force, certificates included. For --check-config.
Result<void> check_web_config(const std::string& path);

class WebAccess {
 public:
  // Hears of what was read again, and of what could not be. Called on the server's thread.
  using Report = std::function<void(const Result<void>& reread)>;

  static Result<std::unique_ptr<WebAccess>> open(std::string path, Report report);

  // Looks whether files have changed, once a second at most. A file with a mistake changes nothing; whether
  // there is TLS at all stays as it was at the start.
  void refresh(MonotonicTime now);

  const std::vector<HttpHeader>& headers() const { return headers_; }
  // Null: no TLS.
  const std::shared_ptr<const TlsContext>& tls() const { return tls_; }

  bool asks_for_passwords() const { return !config_.users.empty(); }
  // Whether a stranger is kept out, by a password or by TLS.
  bool keeps_strangers_out() const {
    return asks_for_passwords() || (config_.tls && config_.tls->client_auth == ClientAuth::RequireAndVerify);
  }
  // The password has been checked before. Costs nothing.
  bool recognises(const Credentials& credentials) const;
  // What the password must fit. For an unknown user the dearest, so that computing takes as long as for any
  // and tells nobody which users there are. Only while asks_for_passwords().
  const std::string& hash_to_try(std::string_view user) const;
  // The highest cost of all users.
  unsigned dearest_cost() const;
  // The password did fit `hash`: whether that lets the user in. From then on it is recognised.
  bool admit(const Credentials& credentials, std::string_view hash);

 private:
  WebAccess(std::string path, Report report) : path_(std::move(path)), report_(std::move(report)) {}
  Result<void> load();

  std::string path_;
  Report report_;
  WebConfig config_;
  std::vector<HttpHeader> headers_;
  std::shared_ptr<const TlsContext> tls_;
  bool loaded_ = false;
  std::vector<FileStamp> stamps_;  // of config_.files
  MonotonicTime next_look_{};
  std::string told_;                                          // the trouble that has been reported
  std::map<std::string, std::string, std::less<>> verified_;  // user -> fingerprint
};

}  // namespace sockwatch
