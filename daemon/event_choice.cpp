// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_choice.h"

#include "lib/bpf/bpf_source.h"

namespace sockwatch {
namespace {

using Feed = Result<std::unique_ptr<EventFeed>>;

Feed open_bpf(NamespaceId name_space, const std::string& cgroup_root, std::vector<std::string>& refused) {
  auto source = BpfSource::open({name_space, cgroup_root});
  if (!source.ok()) return source.error();
  if (!(*source)->missing().empty()) refused.push_back((*source)->missing());
  return std::unique_ptr<EventFeed>(*std::move(source));
}

}  // namespace

Result<EventChoice> choose_event_feed(EventsMode mode, NamespaceId name_space, const std::string& cgroup_root) {
  EventChoice choice;
  if (mode == EventsMode::Off) return choice;
  if (mode == EventsMode::Auto || mode == EventsMode::Bpf) {
    auto feed = open_bpf(name_space, cgroup_root, choice.refused);
    if (feed.ok()) {
      choice.feed = *std::move(feed);
      return choice;
    }
    if (mode == EventsMode::Bpf) return feed.error().within("watch.events = \"bpf\"");
    choice.refused.push_back("bpf: " + feed.error().message);
  }
  return choice;
}

}  // namespace sockwatch
