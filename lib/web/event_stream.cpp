// SPDX-License-Identifier: Apache-2.0
#include "lib/web/event_stream.h"

#include <algorithm>
#include <vector>

#include "lib/base/fnv.h"
#include "lib/base/text.h"
#include "lib/json/json.h"

namespace sockwatch {
namespace {

std::string event_text(std::string_view name, const View& view, const std::string& revision) {
  const auto unexpected =
      std::count_if(view.listeners.begin(), view.listeners.end(),
                    [](const Listener& each) { return each.verdict.kind == VerdictKind::Unexpected; });
  const std::vector<Field> fields{{"schema", std::uint64_t{1}},
                                  {"time", to_rfc3339(view.time.wall)},
                                  {"revision", revision},
                                  {"listeners", count_shown(view)},
                                  {"unexpected", static_cast<std::uint64_t>(unexpected)},
                                  {"complete", view.unseen.empty()}};
  return "event: " + std::string(name) + "\ndata: " + json_object(fields) + "\n\n";
}

}  // namespace

std::string revision_of(const View& view) {
  Fnv hash;
  hash.add(view.listeners_revision.get());
  for (const RequiredRule& missing : view.missing) hash.add(missing.rule);
  for (const Unseen& gap : view.unseen) hash.add(gap.what);
  return hash.hex();
}

std::string EventStream::next() {
  const auto view = board_.current();
  if (!view) return "";
  const MonotonicTime now = clock_.now().monotonic;
  std::string revision = revision_of(*view);
  const bool changed = revision != revision_;
  if (!changed && now - *said_ < kBeat) return "";
  revision_ = std::move(revision);
  said_ = now;
  return event_text(changed ? "changed" : "beat", *view, revision_);
}

}  // namespace sockwatch
