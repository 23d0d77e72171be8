// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/tracepoint.h"

#include <sys/socket.h>

#include <algorithm>

#include "lib/base/text.h"
#include "lib/bpf/kernel_memory.h"

namespace sockwatch {
namespace {

struct Place {
  std::size_t offset;
  std::size_t size;
};

// "offset:8" in "field:const void * skaddr;	offset:8;	size:8;	signed:0;"
std::optional<std::size_t> number_after(std::string_view line, std::string_view name) {
  const std::size_t at = line.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + name.size());
  return parse_integer<std::size_t>(rest.substr(0, rest.find(';')));
}

// The name ends with a semicolon, or with the bounds of an array.
bool declares(std::string_view line, std::string_view field) {
  const std::size_t end = line.find(';');
  if (!line.starts_with("field:") || end == std::string_view::npos) return false;
  std::string_view declaration = line.substr(0, end);
  declaration = declaration.substr(0, declaration.find('['));
  return declaration.ends_with(field) && declaration[declaration.size() - field.size() - 1] == ' ';
}

std::optional<Place> find_field(std::string_view text, std::string_view field) {
  for (const std::string_view line : split(text, '\n')) {
    if (!declares(trim(line), field)) continue;
    const auto offset = number_after(line, "offset:");
    const auto size = number_after(line, "size:");
    if (offset && size) return Place{*offset, *size};
  }
  return std::nullopt;
}

constexpr std::int32_t kListen = static_cast<std::int32_t>(SocketState::Listen);
constexpr std::int32_t kClose = static_cast<std::int32_t>(SocketState::Close);

std::optional<SocketEvent::Kind> kind_of(std::int32_t old_state, std::int32_t new_state) {
  if (new_state == kListen && old_state != kListen) return SocketEvent::Kind::Opened;
  if (old_state == kListen && new_state == kClose) return SocketEvent::Kind::Closed;
  return std::nullopt;
}

}  // namespace

Result<TracepointLayout> parse_tracepoint_format(std::string_view text) {
  constexpr std::size_t kMost = 4096;  // a record is some tens of bytes
  TracepointLayout layout;
  const struct {
    std::string_view name;
    std::size_t size;
    std::size_t& offset;
  } wanted[] = {{"skaddr", 8, layout.socket},       {"oldstate", 4, layout.old_state},
                {"newstate", 4, layout.new_state},  {"sport", 2, layout.port},
                {"family", 2, layout.family},       {"saddr", 4, layout.address_v4},
                {"saddr_v6", 16, layout.address_v6}};
  for (const auto& field : wanted) {
    const auto place = find_field(text, field.name);
    if (!place || place->size != field.size || place->offset > kMost) {
      return Error{"tracepoint format: no field \"" + std::string(field.name) + "\" of " +
                   std::to_string(field.size) + " bytes"};
    }
    field.offset = place->offset;
    layout.size = std::max(layout.size, place->offset + place->size);
  }
  return layout;
}

std::optional<SocketEvent> decode_tracepoint(std::span<const std::byte> record,
                                             const TracepointLayout& layout, const SampleContext& context) {
  if (record.size() < layout.size) return std::nullopt;
  const auto kind = kind_of(read_at<std::int32_t>(record, layout.old_state),
                            read_at<std::int32_t>(record, layout.new_state));
  const auto family = read_at<std::uint16_t>(record, layout.family);
  if (!kind || (family != AF_INET && family != AF_INET6)) return std::nullopt;

  SocketEvent event;
  event.kind = *kind;
  event.source = EventSource::Perf;
  event.time = context.time;
  event.handle = read_at<std::uint64_t>(record, layout.socket);
  event.record.id.name_space = context.name_space;
  event.record.protocol = Protocol::Tcp;
  event.record.state = SocketState::Listen;
  const auto v4 = read_at<std::array<std::uint8_t, 4>>(record, layout.address_v4);
  const auto v6 = read_at<std::array<std::uint8_t, 16>>(record, layout.address_v6);
  event.record.local.address = family == AF_INET ? IpAddress::v4(v4) : IpAddress::v6(v6);
  event.record.local.port = read_at<std::uint16_t>(record, layout.port);  // host order already
  event.caller = Holder{{context.pid, 0}, {}, {}, 0};
  return event;
}

}  // namespace sockwatch
