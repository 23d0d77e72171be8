// SPDX-License-Identifier: Apache-2.0
// Bodies compressed for those who ask for it. The one door to zlib.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sockwatch {

// Whether an Accept-Encoding header (RFC 9110 12.5.3) allows gzip and does not prefer the plain text.
bool accepts_gzip(std::string_view accept_encoding);

// Empty where memory is short.
std::string gzip(std::string_view text);

// A body and its compressed form, made when it is first asked for and then kept: however many ask, it is
// compressed once. One thread.
class GzipBody {
 public:
  // Smaller bodies fit in three packets either way.
  static constexpr std::size_t kWorthIt = 4096;

  explicit GzipBody(std::shared_ptr<const std::string> plain) : plain_(std::move(plain)) {}

  // Null where it could not be made.
  std::shared_ptr<const std::string> get();

 private:
  std::shared_ptr<const std::string> plain_;
  std::shared_ptr<const std::string> made_;
};

}  // namespace sockwatch
