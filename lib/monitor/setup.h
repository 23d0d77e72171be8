// SPDX-License-Identifier: Apache-2.0
// From files to a pipeline that is ready to run: what the daemon at its start and every command that looks
// for itself have in common.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/annotate/service_table.h"
#include "lib/base/result.h"
#include "lib/config/settings_loader.h"
#include "lib/model/process_stats.h"
#include "lib/model/socket_search.h"
#include "lib/monitor/connection_counting.h"
#include "lib/monitor/namespace_roster.h"
#include "lib/policy/rule.h"
#include "lib/watch/pipeline.h"

namespace sockwatch {

// Configuration, policy and port names, all valid.
struct Setup {
  Configuration configuration;
  Policy policy;
  ServiceTable services;

  const Settings& settings() const { return configuration.settings; }
};

// A named file must exist; the default one need not. `listen_addresses` win over the files unless there are
// none, and so does `policy_directory`, which must exist, over the one beside them. The error lists every
// mistake, one a line.
Result<Setup> load_setup(const std::optional<std::string>& config_file,
                         const std::vector<std::string>& listen_addresses,
                         const std::string& policy_directory = {});

// Which ports a service's name in a rule stands for. The table must outlive what is returned.
ServiceLookup lookup_in(const ServiceTable& services);

PipelineSettings pipeline_settings(const Settings& settings);
// The same with what this machine's kernel says about the ports it hands out.
PipelineSettings live_pipeline_settings(const Settings& settings, const std::string& proc_root);

// Keys whose values differ and that only a restart can put in force.
std::vector<std::string> needs_restart(const Settings& running, const Settings& fresh);

// The running process cannot change them, so a fresh setup takes them over: sources, server and sinks stay as
// they are, and the rule that expects the server with it.
void keep_what_runs(const Setup& running, Setup& fresh);

struct ProcessRoots {
  std::string proc = "/proc";
  std::string cgroup = "/sys/fs/cgroup";
};
// The other namespaces, where they are to be watched. `own` is the one this process is in.
Result<std::unique_ptr<NamespaceRoster>> make_roster(const Settings& settings, const std::string& proc_root,
                                                     NamespaceId own);
// What finds holders quickly; null where it is not wanted or not to be had, and then `why_not` says why.
Result<std::unique_ptr<SocketSearcher>> make_searcher(OwnersMode mode, std::string& why_not);
// An error only where BPF was asked for by name and is not to be had.
Result<std::unique_ptr<ConnectionCounting>> make_counting(ConnectionsMode mode, const std::string& proc_root);
// What BPF knows about owners; each may be null.
struct OwnerHelp {
  std::unique_ptr<SocketSearcher> searcher = nullptr;
  std::unique_ptr<KernelSocketFinder> kernel_sockets = nullptr;
};
// The roster, which may be null, must outlive the pipeline.
Result<Pipeline> make_pipeline(const Setup& setup, const ProcessRoots& roots,
                               NamespaceRoster* roster = nullptr, OwnerHelp help = {});
// Looks for no owner: the processes of a recording are not here.
Pipeline make_replay_pipeline(const Setup& setup);
// The same reading of owners for a command that lists connections, too.
Result<OwnerResolver> make_owner_resolver(const ProcessRoots& roots);

// What a daemon has learned on this machine, for a command that only looks: nothing is touched, and whatever
// is in the way counts as nothing learned.
std::optional<Memory> recall(const std::string& state_dir, const std::string& proc_root, NamespaceId host);

// For who is not the daemon: its own pages are the sockets that it remembers, wherever it serves, and those
// of its units; not whatever listens on its address.
void expect_running_daemon(const std::optional<Memory>& memory, std::vector<Rule>& built_in);

// Of this process; zeros where /proc does not tell.
ProcessStats own_stats(const std::string& proc_root);

}  // namespace sockwatch
