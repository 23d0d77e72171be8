// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http_server.h"

#include <fcntl.h>
#include <gnutls/abstract.h>
#include <microhttpd.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <limits>
#include <thread>
#include <utility>

#include "lib/base/clock.h"
#include "lib/base/thread.h"
#include "lib/web/connection_queue.h"
#include "lib/web/http_guard.h"
#include "lib/web/http_reply.h"
#include "lib/web/http_request.h"
#include "lib/web/stream_connections.h"

namespace sockwatch {

namespace {

constexpr ConnectionQueue::Limits kLimits;
// Those told to leave still count until they are gone.
constexpr unsigned kLeaving = 64;
constexpr unsigned kSilenceSeconds = 10;
constexpr std::size_t kMemoryPerConnection = 32 * 1024;

struct StopDaemon {
  void operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }
};
using Daemon = std::unique_ptr<MHD_Daemon, StopDaemon>;

int descriptor_of(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info != nullptr ? info->connect_fd : -1;
}

bool watch(const UniqueFd& epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

// Then accept(2) fails, the connection goes on waiting and would wake us again at once, for ever.
bool out_of_descriptors() {
  const UniqueFd probe(::eventfd(0, EFD_CLOEXEC));
  return !probe.valid();
}

// Never asked: each session has its certificate from the guard before its handshake begins.
int no_certificate(gnutls_session_t, const gnutls_datum_t*, int, const gnutls_pk_algorithm_t*, int,
                   gnutls_pcert_st**, unsigned*, gnutls_privkey_t*) {
  return -1;
}

bool is_local(const UniqueFd& listening) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  return ::getsockname(listening.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         address.ss_family == AF_UNIX;
}

}  // namespace

// One libmicrohttpd daemon a socket, none with a thread of its own: their epoll descriptors nest in ours.
class HttpServer::Loop {
 public:
  Loop(HttpHandler handler, std::unique_ptr<HttpGuard> guard, std::unique_ptr<const HostNames> names)
      : handler_(std::move(handler)),
        headers_(standing_headers({})),
        guard_(std::move(guard)),
        names_(std::move(names)) {}
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Result<void> prepare();
  Result<void> add(UniqueFd listening);
  Result<void> begin();
  void wake() { streams_.wake(); }

 private:
  // One of the sockets. The guard does not watch local ones: their file's mode says who may connect.
  struct Site {
    Loop* loop;
    HttpGuard* guard;  // null: everybody may ask
    bool local;
  };

  // Called by C code: noexcept, so that even a failed allocation of ours ends in terminate() and not in a
  // half-unwound library. `state` is ours for one request, in on_connection() for one connection.
  static MHD_Result on_request(void* site, MHD_Connection* connection, const char* uri, const char* method,
                               const char* version, const char* upload, std::size_t* upload_size,
                               void** state) noexcept;
  static std::size_t on_escaped(void* nothing, MHD_Connection* connection, char* text) noexcept;
  static void on_answered(void* site, MHD_Connection* connection, void** state,
                          MHD_RequestTerminationCode how) noexcept;
  static void on_connection(void* site, MHD_Connection* connection, void** state,
                            MHD_ConnectionNotificationCode what) noexcept;

  bool may_be_called(const Authority& host, const Site& site, MHD_Connection* connection) const;
  void run();
  void rest() const;
  int milliseconds_to_wait() const;

  HttpHandler handler_;
  std::vector<HttpHeader> headers_;  // of every answer, where there is no guard
  std::unique_ptr<HttpGuard> guard_;
  std::unique_ptr<const HostNames> names_;
  std::deque<Site> sites_;
  SystemClock clock_;
  ConnectionQueue connections_{kLimits};
  bool starved_ = false;  // has been out of descriptors
  UniqueFd epoll_;
  UniqueFd stop_;
  StreamConnections streams_;
  std::vector<Daemon> daemons_;  // before the thread ends only the thread touches them
  std::thread thread_;
};

HttpServer::Loop::~Loop() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  // Cannot fail: an eventfd takes 2^64-2 before it blocks.
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
  if (guard_) guard_->wake_all();
  streams_.end();
}

Result<void> HttpServer::Loop::prepare() {
  epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  stop_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_.valid() || !stop_.valid() || !watch(epoll_, stop_.get()) || !watch(epoll_, streams_.fd()) ||
      (guard_ && !watch(epoll_, guard_->fd()))) {
    return Error::from_errno("HTTP server", errno);
  }
  return {};
}

Result<void> HttpServer::Loop::add(UniqueFd listening) {
  // A socket handed over by systemd may block, and accept(2) with it when a client changed its mind.
  const int flags = ::fcntl(listening.get(), F_GETFL);
  if (flags < 0 || ::fcntl(listening.get(), F_SETFL, flags | O_NONBLOCK) < 0) {
    return Error::from_errno("HTTP server", errno);
  }
  const bool local = is_local(listening);
  sites_.push_back({this, local ? nullptr : guard_.get(), local});
  Site* const site = &sites_.back();
  const bool tls = site->guard != nullptr && site->guard->has_tls();
  constexpr unsigned kMost = static_cast<unsigned>(kLimits.connections) + kLeaving;
  std::array<MHD_OptionItem, 2> more{};
  if (tls) more[0] = {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, reinterpret_cast<void*>(&no_certificate)};
  more[tls ? 1 : 0] = {MHD_OPTION_END, 0, nullptr};
  // The library owns the socket from here. On some failures it closes it and on some not: losing one
  // descriptor at a start that fails is harmless, closing it twice is not.
  Daemon daemon(MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (tls ? MHD_USE_TLS : 0), 0,
                                 nullptr, nullptr, &on_request, static_cast<void*>(site),                 //
                                 MHD_OPTION_LISTEN_SOCKET, listening.release(),                           //
                                 MHD_OPTION_CONNECTION_LIMIT, kMost,                                      //
                                 MHD_OPTION_CONNECTION_TIMEOUT, kSilenceSeconds,                          //
                                 MHD_OPTION_CONNECTION_MEMORY_LIMIT, kMemoryPerConnection,                //
                                 MHD_OPTION_STRICT_FOR_CLIENT, 1,                                         //
                                 MHD_OPTION_UNESCAPE_CALLBACK, &on_escaped, nullptr,                      //
                                 MHD_OPTION_NOTIFY_CONNECTION, &on_connection, static_cast<void*>(site),  //
                                 MHD_OPTION_NOTIFY_COMPLETED, &on_answered, static_cast<void*>(site),     //
                                 MHD_OPTION_ARRAY, more.data(),                                           //
                                 MHD_OPTION_END));
  if (!daemon) return Error{"HTTP server: libmicrohttpd refuses the socket", 0};
  const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon.get(), MHD_DAEMON_INFO_EPOLL_FD);
  if (info == nullptr || !watch(epoll_, info->epoll_fd)) return Error::from_errno("HTTP server", errno);
  daemons_.push_back(std::move(daemon));
  return {};
}

Result<void> HttpServer::Loop::begin() {
  auto thread = start_thread("HTTP server", [this] { run(); });
  if (!thread.ok()) return thread.error();
  thread_ = *std::move(thread);
  return {};
}

MHD_Result HttpServer::Loop::on_request(void* site, MHD_Connection* connection, const char* uri,
                                        const char* method, const char* version, const char* /*upload*/,
                                        std::size_t* /*upload_size*/, void** state) noexcept {
  const auto& [self, guard, local] = *static_cast<Site*>(site);
  const std::vector<HttpHeader>& headers = guard != nullptr ? guard->headers() : self->headers_;
  const auto refuse = [&](unsigned status, const char* why) {
    return send_reply(connection, plain_reply(status, why), headers);
  };
  const std::string_view verb(method);
  const auto target = target_of(connection, uri, version);
  // An answer to the first call, before any body is read, also makes the library close the connection
  // afterwards.
  if (verb != MHD_HTTP_METHOD_GET && verb != MHD_HTTP_METHOD_HEAD)
    return refuse(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
  if (!target) return refuse(MHD_HTTP_BAD_REQUEST, "not a request of HTTP/1.1 (RFC 9112)\n");
  if (has_body(connection)) return refuse(MHD_HTTP_CONTENT_TOO_LARGE, "a request has no body here\n");
  if (!self->may_be_called(target->host, *static_cast<Site*>(site), connection)) {
    return refuse(MHD_HTTP_MISDIRECTED_REQUEST,
                  "this server goes by another name: ask an address or localhost, or add the name to "
                  "web.allowed_hosts\n");
  }
  // For that reason a good request is answered in a later call.
  if (*state == nullptr) {
    *state = new HttpGuard::Request{.connection = connection};
    self->connections_.request_came(descriptor_of(connection));
    return MHD_YES;
  }
  using Permission = HttpGuard::Permission;
  auto& request = *static_cast<HttpGuard::Request*>(*state);
  switch (guard != nullptr ? guard->ask(request) : Permission::Granted) {
    case Permission::Granted: {
      const HttpResponse answer = ask(self->handler_, target->path);
      return answer.stream ? self->streams_.send(connection, answer, headers)
                           : send_reply(connection, answer, headers);
    }
    case Permission::Denied:
      return refuse(MHD_HTTP_UNAUTHORIZED, "a name and a password, please\n");
    case Permission::Busy:
      return refuse(MHD_HTTP_SERVICE_UNAVAILABLE, "too many passwords to check, try again\n");
    case Permission::Later:
      return MHD_YES;
  }
  return MHD_NO;
}

bool HttpServer::Loop::may_be_called(const Authority& host, const Site& site,
                                     MHD_Connection* connection) const {
  if (!names_ || site.local) return true;
  const bool open = site.guard == nullptr || !site.guard->keeps_strangers_out();
  const bool asked = names_->is_configured() || (open && is_on_loopback(descriptor_of(connection)));
  return !asked || names_->admit(host);
}

std::size_t HttpServer::Loop::on_escaped(void* /*nothing*/, MHD_Connection* /*connection*/,
                                         char* text) noexcept {
  return unescape(text);
}

void HttpServer::Loop::on_answered(void* site, MHD_Connection* connection, void** state,
                                   MHD_RequestTerminationCode /*how*/) noexcept {
  Loop& self = *static_cast<Site*>(site)->loop;
  delete static_cast<HttpGuard::Request*>(std::exchange(*state, nullptr));
  self.connections_.answered(descriptor_of(connection), self.clock_.now().monotonic);
}

void HttpServer::Loop::on_connection(void* site, MHD_Connection* connection, void** state,
                                     MHD_ConnectionNotificationCode what) noexcept {
  using Protection = std::shared_ptr<const TlsContext>;
  const auto& [self, guard, local] = *static_cast<Site*>(site);
  const int fd = descriptor_of(connection);
  const MonotonicTime now = self->clock_.now().monotonic;
  if (what == MHD_CONNECTION_NOTIFY_STARTED) {
    self->connections_.opened(fd, now);
    if (guard != nullptr) *state = new Protection(guard->protect(connection, now));
  } else {
    self->connections_.closed(fd);
    delete static_cast<Protection*>(std::exchange(*state, nullptr));
  }
}

void HttpServer::Loop::run() {
  std::array<epoll_event, 8> events{};
  for (;;) {
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), milliseconds_to_wait());
    for (int i = 0; i < count; ++i) {
      if (events[static_cast<std::size_t>(i)].data.fd == stop_.get()) return;
    }
    connections_.hang_up_on_late(clock_.now().monotonic);
    if (guard_) guard_->hear();
    streams_.hear();
    // All of them, not only the ready ones: the others may have a connection to time out.
    for (const Daemon& daemon : daemons_) MHD_run(daemon.get());
    if (!out_of_descriptors()) continue;
    starved_ = true;
    rest();
  }
}

// Ended early by the order to stop.
void HttpServer::Loop::rest() const {
  constexpr int kMilliseconds = 100;
  pollfd stop{stop_.get(), POLLIN, 0};
  (void)::poll(&stop, 1, kMilliseconds);
}

int HttpServer::Loop::milliseconds_to_wait() const {
  // A daemon that could not accept for want of a descriptor stops watching its socket, and nothing but a turn
  // makes it try again.
  constexpr MHD_UNSIGNED_LONG_LONG kNextTry = 1000;
  MHD_UNSIGNED_LONG_LONG least = starved_ ? kNextTry : std::numeric_limits<int>::max();
  bool bounded = starved_;
  if (const auto due = connections_.next_due()) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(*due - clock_.now().monotonic).count();
    least = std::min(least, static_cast<MHD_UNSIGNED_LONG_LONG>(std::max<std::int64_t>(rest, 0)));
    bounded = true;
  }
  for (const Daemon& daemon : daemons_) {
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    if (MHD_get_timeout(daemon.get(), &timeout) != MHD_YES) continue;
    least = std::min(least, timeout);
    bounded = true;
  }
  return bounded ? static_cast<int>(least) : -1;
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(std::vector<UniqueFd> listening, HttpHandler handler,
                                                      std::unique_ptr<HttpGuard> guard,
                                                      std::unique_ptr<const HostNames> names) {
  auto loop = std::make_unique<Loop>(std::move(handler), std::move(guard), std::move(names));
  if (const auto prepared = loop->prepare(); !prepared) return prepared.error();
  for (UniqueFd& fd : listening) {
    if (const auto added = loop->add(std::move(fd)); !added) return added.error();
  }
  if (const auto started = loop->begin(); !started) return started.error();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(loop)));
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(std::vector<UniqueFd> listening, HttpHandler handler) {
  return start(std::move(listening), std::move(handler), nullptr);
}

HttpServer::HttpServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpServer::~HttpServer() = default;

void HttpServer::wake() {
  loop_->wake();
}

}  // namespace sockwatch
