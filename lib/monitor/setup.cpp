// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/setup.h"

#include <cerrno>

#include "lib/base/dir.h"
#include "lib/base/text.h"
#include "lib/bpf/task_file_searcher.h"
#include "lib/bpf/tcp_counter.h"
#include "lib/config/config_files.h"
#include "lib/config/problems.h"
#include "lib/model/lasting_name.h"
#include "lib/policy/builtin.h"
#include "lib/policy/policy_loader.h"
#include "lib/procfs/self_stats.h"
#include "lib/state/state_file.h"

namespace sockwatch {
namespace {

// To find the owners of so many and to judge them takes the loop some milliseconds.
constexpr std::size_t kIntakeOfPoll = 500;

Result<ServiceTable> load_services(const Settings& settings) {
  const std::string& path = settings.annotate.services_file;
  if (path.empty()) return ServiceTable();
  auto file = read_config_file(path);
  if (!file.ok()) return file.error();
  return ServiceTable::with_overrides(file->path, file->text);
}

// Of a secret nothing but that it is there: it is read again when it is needed.
void check_webhook_files(const Settings& settings, Problems& problems) {
  for (const WebhookSettings& webhook : settings.alerts.webhooks) {
    for (const auto file :
         {&WebhookSettings::ca_file, &WebhookSettings::cert_file, &WebhookSettings::key_file,
          &WebhookSettings::bearer_token_file, &WebhookSettings::password_file}) {
      if ((webhook.*file).empty()) continue;
      const auto read = read_config_file(webhook.*file);
      if (!read.ok()) problems.add(settings.origin_of("alerts.webhook"), read.error().message);
    }
  }
}

Result<Dir> open_etc() {
  return Dir::open("/etc");
}

// proc_sys_net(5): "32768	60999". Of the network namespace this process is in.
void read_assigned_ports(const std::string& proc_root, PipelineSettings& settings) {
  const auto directory = Dir::open(proc_root + "/sys/net/ipv4");
  if (!directory.ok()) return;
  const auto text = directory->read_file("ip_local_port_range", 64);
  if (!text.ok()) return;
  const std::string_view range = trim(*text);
  const auto first = parse_integer<std::uint16_t>(range.substr(0, range.find_first_of(" \t")));
  const auto last = parse_integer<std::uint16_t>(range.substr(range.find_last_of(" \t") + 1));
  if (!first || !last) return;
  settings.first_assigned_port = *first;
  settings.last_assigned_port = *last;
}

}  // namespace

ServiceLookup lookup_in(const ServiceTable& services) {
  return [&services](std::string_view name) {
    std::vector<NamedPort> ports;
    for (const ServiceTable::Entry& entry : services.entries_named(name))
      ports.push_back({entry.protocol, entry.port});
    return ports;
  };
}

Result<Setup> load_setup(const std::optional<std::string>& config_file,
                         const std::vector<std::string>& listen_addresses,
                         const std::string& policy_directory) {
  const std::string file = config_file.value_or(kDefaultConfigFile);
  auto configuration = load_settings(file, config_file ? MissingFile::IsError : MissingFile::UseDefaults);
  if (!configuration.ok()) return configuration.error();
  Settings& settings = configuration->settings;
  if (auto set = override_listen_addresses(settings, listen_addresses); !set.ok()) return set.error();
  if (!policy_directory.empty()) {
    const auto named = Dir::open(policy_directory);
    if (!named.ok())
      return Error::from_errno(printable(policy_directory) + ": cannot be read", named.error().code);
    configuration->policy_directory = policy_directory;
  }
  Problems problems;
  check_webhook_files(settings, problems);
  if (!problems.empty()) return problems.error();
  auto services = load_services(settings);
  if (!services.ok()) return services.error();
  auto policy = load_policy(configuration->policy_directory, settings, lookup_in(*services));
  if (!policy.ok()) return policy.error();
  return Setup{*std::move(configuration), *std::move(policy), *std::move(services)};
}

PipelineSettings pipeline_settings(const Settings& settings) {
  PipelineSettings made;
  made.restart_grace = settings.policy.restart_grace;
  made.owner_grace = settings.policy.owner_grace;
  made.plaintext_scope = settings.policy.plaintext_scope;
  made.families = settings.watch.families;
  return made;
}

PipelineSettings live_pipeline_settings(const Settings& settings, const std::string& proc_root) {
  PipelineSettings made = pipeline_settings(settings);
  read_assigned_ports(proc_root, made);
  made.intake_of_poll = kIntakeOfPoll;
  return made;
}

std::vector<std::string> needs_restart(const Settings& running, const Settings& fresh) {
  std::vector<std::string> keys;
  if (running.watch.families != fresh.watch.families) keys.emplace_back("watch.families");
  if (running.watch.namespaces != fresh.watch.namespaces) keys.emplace_back("watch.namespaces");
  if (running.watch.owners != fresh.watch.owners) keys.emplace_back("watch.owners");
  if (running.watch.connections_source != fresh.watch.connections_source)
    keys.emplace_back("watch.connections_source");
  if (running.watch.events != fresh.watch.events) keys.emplace_back("watch.events");
  if (running.watch.hidden != fresh.watch.hidden) keys.emplace_back("watch.hidden");
  if (running.metrics != fresh.metrics) keys.emplace_back("metrics");
  if (running.web != fresh.web) keys.emplace_back("web");
  if (running.alerts != fresh.alerts) keys.emplace_back("alerts");
  return keys;
}

void keep_what_runs(const Setup& running, Setup& fresh) {
  const Settings& now = running.settings();
  Settings& next = fresh.configuration.settings;
  next.watch.families = now.watch.families;
  next.watch.namespaces = now.watch.namespaces;
  next.watch.owners = now.watch.owners;
  next.watch.connections_source = now.watch.connections_source;
  next.watch.events = now.watch.events;
  next.watch.hidden = now.watch.hidden;
  next.metrics = now.metrics;
  next.web = now.web;
  next.alerts = now.alerts;
  fresh.policy.built_in = running.policy.built_in;
}

Result<OwnerResolver> make_owner_resolver(const ProcessRoots& roots) {
  auto proc = Dir::open(roots.proc);
  if (!proc.ok()) return proc.error();
  auto etc = open_etc();
  if (!etc.ok()) return etc.error();
  // A machine with cgroup v1 only has no tree to look in; units then come from the holders.
  std::optional<CgroupTree> cgroups;
  if (auto tree = CgroupTree::open(roots.cgroup); tree.ok()) cgroups = *std::move(tree);
  return OwnerResolver(*std::move(proc), std::move(cgroups), UserNames(*std::move(etc)));
}

Result<std::unique_ptr<NamespaceRoster>> make_roster(const Settings& settings, const std::string& proc_root,
                                                     NamespaceId own) {
  if (settings.watch.namespaces == NamespacesMode::Host) return std::unique_ptr<NamespaceRoster>();
  auto proc = Dir::open(proc_root);
  if (!proc.ok()) return proc.error();
  return std::make_unique<NamespaceRoster>(*std::move(proc), own);
}

Result<std::unique_ptr<SocketSearcher>> make_searcher(OwnersMode mode, std::string& why_not) {
  if (mode == OwnersMode::Proc) return std::unique_ptr<SocketSearcher>();
  auto searcher = TaskFileSearcher::open();
  if (searcher.ok()) return std::unique_ptr<SocketSearcher>(*std::move(searcher));
  if (mode == OwnersMode::Bpf) return searcher.error().within("watch.owners = \"bpf\"");
  why_not = searcher.error().message;
  return std::unique_ptr<SocketSearcher>();
}

Result<std::unique_ptr<ConnectionCounting>> make_counting(ConnectionsMode mode,
                                                          const std::string& proc_root) {
  auto counting = std::make_unique<ConnectionCounting>(mode, count_thresholds(connection_buckets(proc_root)));
  if (mode == ConnectionsMode::Netlink) return counting;
  auto counter = TcpCounter::open();
  if (counter.ok()) {
    counting->use(*std::move(counter));
  } else if (mode == ConnectionsMode::Bpf) {
    return counter.error().within("watch.connections_source = \"bpf\"");
  } else {
    counting->do_without(counter.error().message);
  }
  return counting;
}

Result<Pipeline> make_pipeline(const Setup& setup, const ProcessRoots& roots, NamespaceRoster* roster,
                               OwnerHelp help) {
  auto owners = make_owner_resolver(roots);
  if (!owners.ok()) return owners.error();
  if (help.searcher) owners->use(std::move(help.searcher));
  if (help.kernel_sockets) owners->use(std::move(help.kernel_sockets));
  NamespaceNames names;
  if (roster != nullptr) names = [roster](NamespaceId id) { return roster->name_of(id); };
  return Pipeline(Annotator(setup.services, *std::move(owners), std::move(names)), setup.policy,
                  live_pipeline_settings(setup.settings(), roots.proc));
}

Pipeline make_replay_pipeline(const Setup& setup) {
  return {Annotator(setup.services, std::nullopt), setup.policy, pipeline_settings(setup.settings())};
}

std::optional<Memory> recall(const std::string& state_dir, const std::string& proc_root, NamespaceId host) {
  auto memory = StateFile(state_dir).read(read_boot_id(proc_root), host);
  return memory.ok() ? *std::move(memory) : std::nullopt;
}

void expect_running_daemon(const std::optional<Memory>& memory, std::vector<Rule>& built_in) {
  std::vector<OwnSocket> remembered;
  std::vector<Rule> by_holder;
  for (const Listener& listener : memory ? memory->known : std::vector<Listener>()) {
    if (listener.verdict.rule != kMetricsRule) continue;
    for (const SocketRecord& member : listener.members) {
      if (member.id.cookie != 0) remembered.push_back({member.id.cookie, 0});
    }
    // In a container the daemon may be told another boot than we, and cookies are of a boot: then root's
    // program that held the port is ours, which is systemd where the socket unit opened it.
    const std::vector<Holder>& holders = listener.annotation.owner.holders;
    if (listener.members.front().id.cookie != 0 || holders.empty() ||
        listener.annotation.owner.user != "root")
      continue;
    Rule rule = own_pages();
    const auto port = static_cast<std::uint16_t>(listener.key.local.port);
    rule.ports = {{port, port, std::nullopt}};
    rule.exes = {exact_glob(holders.front().exe)};
    rule.users = {"root"};
    by_holder.push_back(std::move(rule));
  }
  expect_only(remembered, built_in);
  built_in.insert(built_in.begin(), by_holder.begin(), by_holder.end());
  Rule of_unit = own_pages();
  of_unit.units = {"sockwatch.service", "sockwatch.socket"};
  built_in.insert(built_in.begin(), of_unit);
}

ProcessStats own_stats(const std::string& proc_root) {
  auto proc = Dir::open(proc_root);
  if (!proc.ok()) return {};
  const auto stats = SelfStats::open(*std::move(proc));
  if (!stats.ok()) return {};
  const auto now = stats->read();
  return now.ok() ? *now : ProcessStats{};
}

}  // namespace sockwatch
