// SPDX-License-Identifier: Apache-2.0
// What an administrator can set, with the defaults this version starts with. Plain values, valid once loaded;
// what each key means is told in packaging/default/sockwatch.toml.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/base/words.h"
#include "lib/config/listen_address.h"
#include "lib/config/webhook_settings.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

enum class EventsMode { Auto, Bpf, Perf, Destroy, Off };
template <>
struct Words<EventsMode> {
  static constexpr std::array<std::string_view, 5> values = {"auto", "bpf", "perf", "destroy", "off"};
};

// How the processes that hold a socket are found where its cgroup does not lead to them.
enum class OwnersMode { Auto, Bpf, Proc };
template <>
struct Words<OwnersMode> {
  static constexpr std::array<std::string_view, 3> values = {"auto", "bpf", "proc"};
};

// How TCP connections are counted. Auto: the cheaper way for how many there are.
enum class ConnectionsMode { Auto, Netlink, Bpf };
template <>
struct Words<ConnectionsMode> {
  static constexpr std::array<std::string_view, 3> values = {"auto", "netlink", "bpf"};
};

enum class NamespacesMode { Host, All };
template <>
struct Words<NamespacesMode> {
  static constexpr std::array<std::string_view, 2> values = {"host", "all"};
};

// What to make of a listener: of a rule, and of what no rule names.
enum class Action { Expect, Alert, Ignore };
template <>
struct Words<Action> {
  static constexpr std::array<std::string_view, 3> values = {"expect", "alert", "ignore"};
};

enum class FirstRun { Learn, Strict };
template <>
struct Words<FirstRun> {
  static constexpr std::array<std::string_view, 2> values = {"learn", "strict"};
};

// All of them, the usual ones first.
std::vector<Protocol> usual_families();

// How often something is done; not at all without a duration, which is written "off".
using Interval = std::optional<Duration>;

struct WatchSettings {
  Duration listeners = std::chrono::milliseconds(250);
  Duration connections = std::chrono::seconds(10);
  EventsMode events = EventsMode::Auto;
  OwnersMode owners = OwnersMode::Auto;
  ConnectionsMode connections_source = ConnectionsMode::Auto;
  NamespacesMode namespaces = NamespacesMode::All;
  std::vector<Protocol> families = usual_families();
  double cpu_budget = 0.02;                   // of one core
  Interval hidden{std::chrono::minutes(10)};  // between two searches for hidden listeners
  std::size_t max_listeners = 50'000;         // sockets that are kept one by one

  friend bool operator==(const WatchSettings&, const WatchSettings&) = default;
};

struct MetricsSettings {
  std::vector<ListenAddress> addresses{{IpAddress{IpFamily::V4, {127, 0, 0, 1}}, 10762}};  // never empty
  std::size_t max_series = 1024;
  std::string web_config_file;  // absolute path; empty: plain HTTP for everybody

  friend bool operator==(const MetricsSettings&, const MetricsSettings&) = default;
};

struct WebSettings {
  std::vector<std::string>
      allowed_hosts;  // names beside the machine's own; "*.example.com" for all below one

  friend bool operator==(const WebSettings&, const WebSettings&) = default;
};

struct PolicySettings {
  Action default_action = Action::Alert;
  FirstRun first_run = FirstRun::Learn;
  Duration restart_grace = std::chrono::seconds(30);
  Duration owner_grace = std::chrono::seconds(2);
  Scope plaintext_scope = Scope::Private;

  friend bool operator==(const PolicySettings&, const PolicySettings&) = default;
};

struct AlertSettings {
  bool journal = true;
  std::vector<WebhookSettings> webhooks;

  friend bool operator==(const AlertSettings&, const AlertSettings&) = default;
};

struct AnnotateSettings {
  std::string services_file;  // absolute path of a file of own port names; empty: none

  friend bool operator==(const AnnotateSettings&, const AnnotateSettings&) = default;
};

struct Settings {
  WatchSettings watch;
  MetricsSettings metrics;
  WebSettings web;
  PolicySettings policy;
  AlertSettings alerts;
  AnnotateSettings annotate;
  // Where a value was set: "watch.listeners" -> "/etc/sockwatch/sockwatch.toml:2". Absent: the default.
  std::map<std::string, std::string, std::less<>> origins;

  std::string_view origin_of(std::string_view key) const {
    const auto origin = origins.find(key);
    return origin == origins.end() ? std::string_view("default") : std::string_view(origin->second);
  }
};

// The command line's --web.listen-address, as often as it is given: wins over every file.
Result<void> override_listen_addresses(Settings& settings, const std::vector<std::string>& texts);
// The same for --web.config.file; a path may be relative here.
void override_web_config_file(Settings& settings, std::string path);

}  // namespace sockwatch
