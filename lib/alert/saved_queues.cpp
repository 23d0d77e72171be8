// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/saved_queues.h"

#include <optional>
#include <utility>

namespace sockwatch {
namespace {

constexpr std::string_view kVersion = "sockwatch alerts 1\n";

// Numbers are 64 bits, the lowest byte first, on every machine.
void append_number(std::string& out, std::uint64_t number) {
  for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>((number >> shift) & 0xFF);
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::uint64_t> number() {
    if (rest_.size() < 8) return std::nullopt;
    std::uint64_t number = 0;
    for (unsigned i = 0; i < 8; ++i) {
      number |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(8);
    return number;
  }

  std::optional<std::string> text() {
    const auto size = number();
    if (!size || *size > rest_.size()) return std::nullopt;
    std::string text(rest_.substr(0, *size));
    rest_.remove_prefix(*size);
    return text;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<SavedQueue> read_queue(Reader& reader) {
  auto sink = reader.text();
  const auto untold = reader.number();
  const auto count = reader.number();
  if (!sink || !untold || !count) return std::nullopt;
  SavedQueue queue{std::move(*sink), *untold, {}};
  // Not reserved: a false count ends with the bytes, not with the memory.
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto entry = reader.text();
    if (!entry) return std::nullopt;
    queue.entries.push_back(std::move(*entry));
  }
  return queue;
}

}  // namespace

std::string encode(std::span<const SavedQueue> queues) {
  std::string out(kVersion);
  for (const SavedQueue& queue : queues) {
    append_text(out, queue.sink);
    append_number(out, queue.untold);
    append_number(out, queue.entries.size());
    for (const std::string& entry : queue.entries) append_text(out, entry);
  }
  return out;
}

Result<std::vector<SavedQueue>> decode(std::string_view bytes) {
  if (!bytes.starts_with(kVersion)) return Error{"saved alerts: not a file of ours, or of another version"};
  Reader reader(bytes.substr(kVersion.size()));
  std::vector<SavedQueue> queues;
  while (!reader.at_end()) {
    auto queue = read_queue(reader);
    if (!queue) return Error{"saved alerts: cut short or damaged"};
    queues.push_back(std::move(*queue));
  }
  return queues;
}

}  // namespace sockwatch
