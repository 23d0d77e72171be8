// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/event_choice.h"

#include "lib/bpf/bpf_source.h"
#include "lib/bpf/perf_source.h"
#include "lib/netlink/destroy_source.h"

namespace sockwatch {
namespace {

using Feed = Result<std::unique_ptr<EventFeed>>;

constexpr const char* kTracefs = "/sys/kernel/tracing";

// Everything that can tell, the best first.
constexpr EventsMode kByStrength[] = {EventsMode::Bpf, EventsMode::Perf, EventsMode::Destroy};

template <typename Source>
Feed as_feed(Result<std::unique_ptr<Source>> source) {
  if (!source.ok()) return source.error();
  return std::unique_ptr<EventFeed>(*std::move(source));
}

Feed open_feed(EventsMode mode, const BpfSource::Options& options, std::vector<std::string>& refused) {
  if (mode == EventsMode::Perf) return as_feed(PerfSource::open(kTracefs, options.name_space));
  if (mode == EventsMode::Destroy) return as_feed(DestroySource::open(options.all_namespaces));
  auto source = BpfSource::open(options);
  if (source.ok() && !(*source)->missing().empty()) refused.push_back((*source)->missing());
  return as_feed(std::move(source));
}

}  // namespace

Result<EventChoice> choose_event_feed(EventsMode mode, NamespaceId own, const std::string& cgroup_root,
                                      NamespacesMode namespaces, const PipelineSettings& ports) {
  const BpfSource::Options options{own, cgroup_root, namespaces == NamespacesMode::All,
                                   ports.first_assigned_port, ports.last_assigned_port};
  EventChoice choice;
  if (mode == EventsMode::Off) return choice;
  for (const EventsMode candidate : kByStrength) {
    if (mode != EventsMode::Auto && mode != candidate) continue;
    auto feed = open_feed(candidate, options, choice.refused);
    if (feed.ok()) {
      choice.feed = *std::move(feed);
      return choice;
    }
    const std::string name(word(candidate));
    if (mode != EventsMode::Auto) return feed.error().within("watch.events = \"" + name + "\"");
    choice.refused.push_back(name + ": " + feed.error().message);
  }
  return choice;
}

}  // namespace sockwatch
