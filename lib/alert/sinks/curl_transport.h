// SPDX-License-Identifier: Apache-2.0
// HTTP by libcurl, whose one door this is: a thread of its own, so that neither a name server nor a receiver
// that hangs is ever waited for by the loop. Certificates are always verified, redirections and proxies never
// followed.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "lib/alert/sinks/http_transport.h"
#include "lib/base/clock.h"

namespace sockwatch {

class CurlTransport final : public HttpTransport {
 public:
  struct Options {
    std::string url;
    Duration timeout = std::chrono::seconds(10);
    // Paths, empty for none. They are read anew for each post, so a rotated secret needs no restart.
    std::string ca_file;
    std::string cert_file;
    std::string key_file;
    std::string bearer_token_file;
    std::string username;
    std::string password_file;
    std::string user_agent;
  };

  // `ring` is called when there is an answer to take(), as a rule from the thread.
  CurlTransport(Options options, std::function<void()> ring);
  // Gives up what is under way.
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;  // the thread points here
  CurlTransport& operator=(const CurlTransport&) = delete;

  // Starts the thread with the first body, not before: it has the privileges of that moment. Where it cannot
  // be started that is the answer, and the next body tries again.
  void post(std::string body) override;
  std::optional<HttpAnswer> take() override;

 private:
  class Connection;  // libcurl's handles

  void work();

  const Options options_;
  const std::function<void()> ring_;
  std::unique_ptr<Connection> connection_;
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable wake_;
  // Under the mutex.
  bool stopping_ = false;
  std::optional<std::string> body_;
  std::optional<HttpAnswer> answer_;
};

}  // namespace sockwatch
