// SPDX-License-Identifier: Apache-2.0
#include "lib/web/client_hello.h"

#include <algorithm>

namespace sockwatch {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Takes from the front; after a first failure everything is empty.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : rest_(bytes) {}

  Bytes take(std::size_t count) {
    failed_ = failed_ || count > rest_.size();
    const Bytes taken = failed_ ? Bytes() : rest_.first(count);
    rest_ = failed_ ? Bytes() : rest_.subspan(count);
    return taken;
  }
  std::uint16_t number(std::size_t size) {
    unsigned value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return static_cast<std::uint16_t>(value);
  }
  // With its length in front, in `size` bytes.
  Bytes vector(std::size_t size) { return take(number(size)); }

  bool empty() const { return rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  Bytes rest_;
  bool failed_ = false;
};

std::vector<std::uint16_t> numbers(Bytes bytes) {
  std::vector<std::uint16_t> found;
  for (Cursor cursor(bytes); !cursor.empty();) found.push_back(cursor.number(2));
  return found;
}

}  // namespace

bool ClientHello::offers(std::uint16_t version) const {
  return std::find(versions.begin(), versions.end(), version) != versions.end();
}

std::optional<ClientHello> read_client_hello(Bytes body) {
  constexpr std::uint16_t kOldest = 0x0301;       // TLS 1.0
  constexpr std::uint16_t kBeforeLists = 0x0303;  // the newest that is told by a number alone
  constexpr std::uint16_t kSupportedVersions = 43;
  constexpr std::size_t kRandom = 32;
  Cursor cursor(body);
  ClientHello hello;
  const std::uint16_t highest = std::min(cursor.number(2), kBeforeLists);
  for (std::uint16_t version = kOldest; version <= highest; ++version) hello.versions.push_back(version);
  (void)cursor.take(kRandom);
  (void)cursor.vector(1);  // session
  hello.suites = numbers(cursor.vector(2));
  (void)cursor.vector(1);  // compression
  if (cursor.failed()) return std::nullopt;
  if (cursor.empty()) return hello;
  Cursor extensions(cursor.vector(2));
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.number(2);
    const Bytes content = extensions.vector(2);
    if (type == kSupportedVersions) hello.versions = numbers(Cursor(content).vector(1));
  }
  if (cursor.failed() || extensions.failed()) return std::nullopt;
  return hello;
}

}  // namespace sockwatch
