// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 server that only answers GET and HEAD, on sockets that are listening already. The one door to
// libmicrohttpd. All sockets are served by one thread of its own, which blocks every signal: a hostile client
// can take as long as it likes without delaying an alert, and the handler needs no lock.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/web/gzip.h"
#include "lib/web/host_names.h"

namespace sockwatch {

struct HttpHeader {
  std::string name;
  std::string value;
};

// A body that goes on for as long as the client reads. Used on the server's thread only.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  // What comes next; empty where there is nothing to say before HttpServer::wake().
  virtual std::string next() = 0;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type;
  std::shared_ptr<const std::string> body;       // sent from where it is; never null
  std::shared_ptr<GzipBody> gzip;                // of the same body; null where that is not worth it
  std::shared_ptr<HttpStream> stream = nullptr;  // in place of both
};

// The path as asked for, percent-decoded and without the query. Called on the server's thread, and may throw:
// that is a 500.
using HttpHandler = std::function<HttpResponse(std::string_view path)>;

class HttpGuard;

class HttpServer {
 public:
  // Everything that is not GET or HEAD is a 405, a request with a body a 413; bodies are never read. Limits:
  // 256 connections (connection_queue.h tells who gives way), 10 s for a whole request or of silence, 32 KiB
  // of headers.
  static Result<std::unique_ptr<HttpServer>> start(std::vector<UniqueFd> listening, HttpHandler handler);
  // With a guard on every socket but unix ones, whose file's mode says who may connect. `names`: under which
  // the server may be asked on loopback, where nobody has to show who he is; where an administrator named
  // any, on every address. Others get a 421. Null: any.
  static Result<std::unique_ptr<HttpServer>> start(std::vector<UniqueFd> listening, HttpHandler handler,
                                                   std::unique_ptr<HttpGuard> guard,
                                                   std::unique_ptr<const HostNames> names = nullptr);

  // Any thread: streams may have something to say now. Costs nothing while there are none.
  void wake();

  // Stops the thread and cuts the connections; takes no longer than one running handler or check of a
  // password.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;  // its thread knows its address
  HttpServer& operator=(const HttpServer&) = delete;

 private:
  class Loop;
  explicit HttpServer(std::unique_ptr<Loop> loop);

  std::unique_ptr<Loop> loop_;
};

}  // namespace sockwatch
