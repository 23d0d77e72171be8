// SPDX-License-Identifier: Apache-2.0
// The first packet of a new flow, with holes: its interface, protocol and destination are known, its source
// is a set, and much of its header is whatever the sender likes. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/reach/address_set.h"
#include "lib/reach/network.h"
#include "lib/reach/octet.h"
#include "lib/reach/reasons.h"
#include "lib/reach/registers.h"
#include "lib/reach/ruleset.h"

namespace sockwatch::firewall {

// A rule of a chain, or the chain's policy.
struct Decision {
  const Chain* chain = nullptr;
  const Rule* rule = nullptr;

  friend bool operator==(const Decision&, const Decision&) = default;
};

// One step of a packet's path, for whoever asked to see it; each knows the one before.
struct Step {
  std::shared_ptr<const Step> before;
  Hook hook = Hook::Input;
  Decision at;
  std::string what;  // "jump ufw-user-input", "accept"
};

struct Mark {
  std::uint32_t value = 0;
  ReasonSet unknown = 0;

  friend bool operator==(const Mark&, const Mark&) = default;
};

// What every packet of one question has in common.
struct Flow {
  const Ruleset& rules;
  const Network& network;
  const NetworkInterface& input;
  Reasons& reasons;
  IpFamily family = IpFamily::V4;
  std::uint8_t transport = 6;  // IPPROTO_*
  IpAddress destination{};     // as it comes in
  std::uint16_t port = 0;
  std::uint8_t packet_type = 0;  // PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST
  bool with_path = false;        // whether steps are kept
};

// What changes on its way.
struct Packet {
  AddressSet sources;
  bool unusual = false;   // no ordinary sender gets here
  ReasonSet reasons = 0;  // what was left open on the way

  IpAddress destination{};
  std::uint16_t port = 0;
  bool destination_known = true;
  bool port_known = true;
  bool source_known = true;
  Mark mark{};
  Mark flow_mark{};
  bool untracked = false;
  bool translated = false;  // its destination, for good: only the first such rule counts
  const NetworkInterface* output = nullptr;
  bool output_known = true;

  Decision let_in;  // the last one that accepted it
  Hook let_in_hook = Hook::Ingress;
  Decision translator;  // what gave it a new destination
  std::shared_ptr<const Step> path;

  // Nothing but their sources, and what was left open, differs.
  bool like(const Packet& other) const;
  // Whose sources are taken in, too.
  void take_in(const Packet& other);
};

// Where on its way a packet is.
struct Place {
  Hook hook = Hook::Input;
  TableFamily family = TableFamily::Inet;
  bool tracked = false;  // behind connection tracking
};

// Puts a value into registers. False where the kernel finds none: the rule does not fit.
bool load(const LoadHeader& load, const Flow& flow, const Packet& packet, Registers& registers);
bool load(const LoadMeta& load, const Flow& flow, const Packet& packet, const Place& place,
          Registers& registers);
bool load(const LoadFlow& load, const Flow& flow, const Packet& packet, const Place& place,
          Registers& registers);

}  // namespace sockwatch::firewall
