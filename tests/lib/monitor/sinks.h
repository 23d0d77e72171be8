// SPDX-License-Identifier: Apache-2.0
// Everything a source hands out in one look.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "lib/model/source.h"

namespace sockwatch {

class RecordList final : public RecordSink {
 public:
  void accept(const SocketRecord& record) override { records.push_back(record); }
  std::vector<SocketRecord> records;
};

inline std::vector<SocketRecord> look_at(Source& source, LookKind kind, Instant now = {}) {
  RecordList list;
  source.start(kind, now);
  while (source.step(list, 1)) {
  }
  return list.records;
}

// "tcp 127.0.0.1:80", sorted.
inline std::vector<std::string> places_of(const std::vector<SocketRecord>& records) {
  std::vector<std::string> places;
  for (const SocketRecord& record : records) {
    places.push_back(std::string(word(record.protocol)) + " " + to_string(record.local));
  }
  std::sort(places.begin(), places.end());
  return places;
}

inline bool complete(const LookReport& report, Protocol protocol) {
  return report.complete[static_cast<std::size_t>(protocol)];
}

}  // namespace sockwatch
