// SPDX-License-Identifier: Apache-2.0
// What a rule is made of: nf_tables' own expressions over a file of 64 bytes of registers, as far as they
// decide the fate of a packet. Matches and targets of iptables are put into the same words where they are
// read (lib/firewall/xt_matches.h), so there is one language to evaluate. Values only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "lib/model/endpoint.h"
#include "lib/reach/loads.h"

namespace sockwatch::firewall {

struct Immediate {
  Constant value{};
  Register to = 0;
};

struct Bitwise {  // (from & mask) ^ flip
  Register from = 0;
  Register to = 0;
  Constant mask{};
  Constant flip{};
};
struct Shift {
  Register from = 0;
  Register to = 0;
  std::uint8_t length = 4;
  std::uint8_t bits = 0;
  bool left = false;
};
struct ByteOrder {  // turns the bytes of each unit around
  Register from = 0;
  Register to = 0;
  std::uint8_t length = 0;
  std::uint8_t unit = 2;
};

enum class Comparison : std::uint8_t { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };
struct Compare {
  Register from = 0;
  Comparison comparison = Comparison::Equal;
  Constant value{};
};
struct InRange {
  Register from = 0;
  Constant first{};
  Constant last{};
  bool invert = false;
};

inline constexpr std::uint32_t kUnresolved = ~std::uint32_t{0};

struct Verdict {
  enum class Kind : std::uint8_t { Accept, Drop, Continue, Jump, Goto, Return };
  Kind kind = Kind::Continue;
  std::string chain{};                 // to jump or go to, of the same table
  std::uint32_t target = kUnresolved;  // that chain: an index into Ruleset::chains
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

struct Lookup {
  Register from = 0;
  std::string set{};                   // of the same table
  std::uint32_t target = kUnresolved;  // that set: an index into Ruleset::sets
  bool invert = false;
  bool to_verdict = false;
  bool to_register = false;
  Register to = 0;
};

// A limit of rate or number: an ordinary sender stays below it.
struct Limit {
  bool over = false;  // it fits beyond the limit rather than below
};
struct UnknownTest {
  std::string what{};
};
// From here the packet may be accepted, dropped, changed or taken away.
struct Undecidable {
  std::string what{};
};

struct SetMark {
  Register from = 0;
  bool of_flow = false;  // the connection's mark, not the packet's
};
struct Untrack {};
struct WriteHeader {
  Header header = Header::Network;
  std::uint32_t offset = 0;
  std::uint8_t length = 0;
  Register from = 0;
};

// dnat: a new destination. Without a register that half stays as it is.
struct NewDestination {
  IpFamily family = IpFamily::V4;
  bool any_family = false;  // only the port
  bool has_address = false;
  bool has_port = false;
  Register address = 0;
  Register last_address = 0;
  Register port = 0;
  Register last_port = 0;
  bool keeps_host_part = false;  // a whole network is mapped upon another
};
struct ToThisMachine {  // redirect
  bool has_port = false;
  Register port = 0;
  Register last_port = 0;
};
struct NewSource {};  // snat, masquerade
struct ToProxy {      // tproxy
  bool has_port = false;
  Register port = 0;
};

using Expression =
    std::variant<LoadHeader, LoadMeta, LoadFlow, LoadRoute, LoadUnknown, Immediate, Bitwise, Shift, ByteOrder,
                 Compare, InRange, Verdict, Lookup, Limit, UnknownTest, Undecidable, SetMark, Untrack,
                 WriteHeader, NewDestination, ToThisMachine, NewSource, ToProxy>;

}  // namespace sockwatch::firewall
