// SPDX-License-Identifier: Apache-2.0
// What a rule puts into its registers: of a header, of the packet's circumstances, of its connection, of the
// routing tables. Values only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sockwatch::firewall {

using Constant = std::vector<std::uint8_t>;  // in the order it has in the register

inline constexpr std::size_t kRegisterBytes = 64;
using Register = std::uint8_t;  // the offset of its first byte

enum class Header : std::uint8_t { Link, Network, Transport, Payload };
struct LoadHeader {
  Header header = Header::Network;
  std::uint32_t offset = 0;
  std::uint8_t length = 0;
  Register to = 0;
};

enum class MetaField : std::uint8_t {
  InputIndex,
  OutputIndex,
  InputName,
  OutputName,
  InputType,
  OutputType,
  InputGroup,
  OutputGroup,
  Mark,
  EtherType,
  Family,
  Transport,
  PacketType,
};
struct LoadMeta {
  MetaField field = MetaField::Mark;
  Register to = 0;
};

enum class FlowField : std::uint8_t {
  State,
  Direction,
  Status,
  Mark,
  Zone,
  Family,
  Transport,
  Source,
  Destination,
  SourcePort,
  DestinationPort,
};
// What connection tracking knows of the flow whose first packet this is; addresses are those of the packet as
// it came in.
struct LoadFlow {
  FlowField field = FlowField::State;
  Register to = 0;
  bool zero_without = false;  // where nothing is tracked: zeros, else the rule does not fit
};

// fib: a question to the routing tables.
struct LoadRoute {
  enum class About : std::uint8_t { Source, Destination };
  enum class Result : std::uint8_t { Type, Index, Name };
  About about = About::Source;
  Result result = Result::Type;
  bool by_input = false;  // only by the interface it came in by
  bool by_output = false;
  bool by_mark = false;
  bool present = false;  // whether there is one at all, instead of which
  Register to = 0;
};

struct LoadUnknown {
  std::string what{};
  std::uint8_t length = 4;
  Register to = 0;
  std::uint32_t choices = 0;  // not 0: one of the numbers `first`, `first` + 1, ...
  std::uint32_t first = 0;
};

}  // namespace sockwatch::firewall
