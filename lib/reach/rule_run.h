// SPDX-License-Identifier: Apache-2.0
// One rule, its expressions one after the other, over a packet with holes: where a test holds for some
// senders and not for others, the packet is split. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "lib/reach/packet.h"
#include "lib/reach/registers.h"
#include "lib/reach/set_lookup.h"

namespace sockwatch::firewall {

// What becomes of each part of a packet.
class RuleSink {
 public:
  virtual ~RuleSink() = default;
  virtual void go_on(Packet packet) = 0;  // to the next rule
  virtual void decide(Packet packet, const Verdict& verdict) = 0;
  virtual void give_up(Packet packet) = 0;  // its reasons say why
};

class RuleRun {
 public:
  // All must outlive it. `here` has a rule.
  RuleRun(const Flow& flow, const Place& place, const Decision& here, SetLookup& sets, RuleSink& sink)
      : flow_(flow), place_(place), here_(here), sets_(sets), sink_(sink) {}

  void run(Packet packet);

 private:
  enum class Then {
    GoOn,     // to the next expression
    NoMatch,  // to the next rule
    Gone,     // it was handed on, whole or in parts
  };
  void run_from(std::size_t at, Packet packet, Registers& registers);

  Then step(const LoadHeader& load, Packet& packet, Registers& registers);
  Then step(const LoadMeta& load, Packet& packet, Registers& registers);
  Then step(const LoadFlow& load, Packet& packet, Registers& registers);
  Then step(const LoadRoute& load, Packet& packet, Registers& registers);
  Then step(const LoadUnknown& load, Packet& packet, Registers& registers);
  Then step(const Immediate& immediate, Packet& packet, Registers& registers);
  Then step(const Bitwise& bitwise, Packet& packet, Registers& registers);
  Then step(const Shift& shift, Packet& packet, Registers& registers);
  Then step(const ByteOrder& order, Packet& packet, Registers& registers);
  Then step(const Compare& compare, Packet& packet, Registers& registers);
  Then step(const InRange& range, Packet& packet, Registers& registers);
  Then step(const Verdict& verdict, Packet& packet, Registers& registers);
  Then step(const Lookup& lookup, Packet& packet, Registers& registers);
  Then step(const Limit& limit, Packet& packet, Registers& registers);
  Then step(const UnknownTest& test, Packet& packet, Registers& registers);
  Then step(const Undecidable& undecidable, Packet& packet, Registers& registers);
  Then step(const SetMark& set, Packet& packet, Registers& registers);
  Then step(const Untrack& untrack, Packet& packet, Registers& registers);
  Then step(const WriteHeader& write, Packet& packet, Registers& registers);
  Then step(const NewDestination& to, Packet& packet, Registers& registers);
  Then step(const ToThisMachine& to, Packet& packet, Registers& registers);
  Then step(const NewSource& to, Packet& packet, Registers& registers);
  Then step(const ToProxy& to, Packet& packet, Registers& registers);

  // Those parts of the packet for which it holds: what ordinary senders do, and what others may.
  static void for_parts(const Truth& truth, ReasonSet why, const Packet& packet,
                        const std::function<void(Packet)>& take);
  // Where the test holds the packet goes on behind the present expression, else to the next rule.
  Then split(const Truth& truth, ReasonSet why, const Packet& packet, const Registers& registers);
  Then look_up_map(const Lookup& lookup, const std::vector<SetHit>& hits, ReasonSet why, const Packet& packet,
                   const Registers& registers);
  Then give_up(Packet& packet, const std::string& why);
  Then translated(Packet& packet);
  static void set_port(Packet& packet, const Registers& registers, Register first, Register last);

  const Flow& flow_;
  const Place& place_;
  const Decision here_;
  SetLookup& sets_;
  RuleSink& sink_;
  std::size_t next_ = 0;  // the expression after the present one
};

}  // namespace sockwatch::firewall
