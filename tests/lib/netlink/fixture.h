// SPDX-License-Identifier: Apache-2.0
// What the kernel said (tests/fixtures/netlink), and records as text to compare with.
#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/netlink/capture.h"
#include "lib/netlink/sock_diag_source.h"

namespace sockwatch {

inline constexpr std::array kTcpAndUdp = {Protocol::Tcp, Protocol::Udp};

inline std::string fixture_path(const std::string& name) {
  const char* fresh = std::getenv("SOCKWATCH_NETLINK_FIXTURES");  // capture.py --check
  return (fresh ? std::string(fresh) : SOCKWATCH_TESTS_DIR "/fixtures/netlink") + "/" + name;
}

inline Capture fixture(const std::string& name) {
  auto capture = read_capture(fixture_path(name));
  if (!capture.ok()) throw std::runtime_error(capture.error().message);
  return *std::move(capture);
}

// Every datagram of a fixture, in order.
inline std::vector<std::vector<std::byte>> datagrams_of(const std::string& name) {
  std::vector<std::vector<std::byte>> all;
  for (const RecordedLook& look : fixture(name).looks) {
    for (const Exchange& exchange : look.exchanges) {
      for (const Exchange::Reply& reply : exchange.replies) all.push_back(reply.datagram);
    }
  }
  return all;
}

class RecordList final : public RecordSink {
 public:
  void accept(const SocketRecord& record) override { records.push_back(record); }
  std::vector<SocketRecord> records;
};

// A whole look.
inline std::vector<SocketRecord> look(SockDiagSource& source, LookKind kind) {
  RecordList list;
  source.start(kind);
  while (source.step(list, 1)) {
  }
  return list.records;
}

// Assigned ports become "*": they differ from capture to capture.
inline std::string place(const Endpoint& endpoint) {
  std::string text = to_string(endpoint);
  const bool assigned = endpoint.port >= 32768 && endpoint.port < 61000;
  return assigned ? text.substr(0, text.rfind(':')) + ":*" : text;
}

// TCP counts connections or bytes exactly; UDP in the kernel's buffer sizes, so only whether there are any.
inline std::string queues(const SocketRecord& record) {
  if (record.protocol == Protocol::Udp) return record.receive_queue > 0 ? " waiting" : "";
  return " " + std::to_string(record.receive_queue) + "/" + std::to_string(record.send_queue);
}

// "tcp 127.0.0.1:80 explicit uid=0 0/128"
inline std::string describe_listener(const SocketRecord& record) {
  std::string text = std::string(word(record.protocol)) + " " + place(record.local);
  text += " " + std::string(word(record.bind)) + " uid=" + std::to_string(record.uid) + queues(record);
  if (record.v6only) text += " v6only";
  if (record.drops > 0) text += " drops";
  return text;
}

// "tcp established 127.0.0.1:80 127.0.0.1:* 0/0", and whether a file refers to it
inline std::string describe_connection(const SocketRecord& record) {
  std::string text = std::string(word(record.protocol)) + " " + std::string(word(record.state));
  text += " " + place(record.local) + " " + place(record.remote) + queues(record);
  if (record.inode == 0) text += " no-inode";
  return text;
}

inline std::vector<std::string> described(const std::vector<SocketRecord>& records,
                                          std::string (*describe)(const SocketRecord&)) {
  std::vector<std::string> lines;
  for (const SocketRecord& record : records) lines.push_back(describe(record));
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace sockwatch
