// SPDX-License-Identifier: Apache-2.0
#include "daemon/http.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <optional>

#include "daemon/event_loop.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/metrics/page.h"
#include "lib/monitor/build.h"
#include "lib/procfs/self_stats.h"
#include "lib/web/http_guard.h"
#include "lib/web/listen.h"
#include "lib/web/routes.h"

namespace sockwatch {
namespace {

// The last good look at the listeners may be this old before a probe calls the daemon sick.
constexpr Duration kStaleAfter = std::chrono::seconds(30);

Result<std::vector<UniqueFd>> listening_sockets(const MetricsSettings& settings) {
  std::vector<UniqueFd> sockets = service::inherited_sockets();
  if (!sockets.empty()) return sockets;
  for (const ListenAddress& address : settings.addresses) {
    auto listening = listen_at(address);
    if (!listening.ok()) return listening.error();
    sockets.push_back(*std::move(listening));
  }
  return sockets;
}

// As looks at the listeners tell them.
std::vector<OwnSocket> names_of(const std::vector<UniqueFd>& sockets) {
  std::vector<OwnSocket> names;
  for (const UniqueFd& socket : sockets) {
    OwnSocket name;
    struct stat facts {};
    socklen_t length = sizeof(name.cookie);
    if (::fstat(socket.get(), &facts) != 0) continue;
    name.inode = static_cast<std::uint32_t>(facts.st_ino);
    // A kernel without cookies tells inodes in their place.
    (void)::getsockopt(socket.get(), SOL_SOCKET, SO_COOKIE, &name.cookie, &length);
    names.push_back(name);
  }
  return names;
}

std::optional<SelfStats> self_stats(const std::string& proc_root) {
  auto proc = Dir::open(proc_root);
  if (!proc.ok()) return std::nullopt;
  auto stats = SelfStats::open(*std::move(proc));
  if (!stats.ok()) return std::nullopt;
  return *std::move(stats);
}

// As it was at the start; empty where the kernel tells none.
std::string host_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "";
}

ProcessStats read(const std::optional<SelfStats>& stats) {
  if (!stats) return {};
  const auto now = stats->read();
  return now.ok() ? *now : ProcessStats{};
}

void report(const Result<void>& reread) {
  if (reread.ok()) return log::info("web configuration read again");
  log::error("web configuration not read again, the old one stays:");
  for (const auto line : split(reread.error().message, '\n')) log::error(line);
}

// Null where no file says who may ask.
Result<std::unique_ptr<HttpGuard>> start_guard(const std::string& web_config_file) {
  if (web_config_file.empty()) return std::unique_ptr<HttpGuard>();
  auto access = WebAccess::open(web_config_file, report);
  if (!access.ok()) return access.error();
  return HttpGuard::start(*std::move(access));
}

}  // namespace

Result<Served> start_http(const Settings& all, const std::string& proc_root, const ViewBoard& board,
                          const Clock& clock) {
  const MetricsSettings& settings = all.metrics;
  auto sockets = listening_sockets(settings);
  if (!sockets.ok()) return sockets.error();
  std::vector<OwnSocket> own = names_of(*sockets);
  const auto stats = std::make_shared<const std::optional<SelfStats>>(self_stats(proc_root));
  const MetricsLimits limits{.max_series = settings.max_series};
  RoutesSetup setup{board,
                    clock,
                    build_info(),
                    [stats, limits, &clock, drops = DropCounters()](const View& view) mutable {
                      return render_metrics(view, read(*stats), build_info(), clock.now(), limits, drops);
                    },
                    kStaleAfter,
                    host_name()};
  auto guard = start_guard(settings.web_config_file);
  if (!guard.ok()) return guard.error();
  const auto routes = std::make_shared<Routes>(std::move(setup));
  auto server = HttpServer::start(
      *std::move(sockets), [routes](std::string_view path) { return routes->answer(path); },
      *std::move(guard), std::make_unique<const HostNames>(host_name(), all.web.allowed_hosts));
  if (!server.ok()) return server.error();
  return Served{*std::move(server), std::move(own)};
}

}  // namespace sockwatch
