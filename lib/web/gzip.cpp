// SPDX-License-Identifier: Apache-2.0
#include "lib/web/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <optional>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

// A page of metrics shrinks to a tenth at the fastest level already, in a third of the time of the default.
constexpr int kLevel = Z_BEST_SPEED;
constexpr int kGzipFormat = 16 + MAX_WBITS;
constexpr int kMemoryLevel = 8;  // zlib's own default

bool same_word(std::string_view text, std::string_view lower_case) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(), same);
}

// "0", "0.5", "1.000" in thousandths (RFC 9110 12.4.2); what is none counts as not wanted.
int thousandths(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[1] != '.')) return 0;
  std::string digits(text.substr(0, 1));
  if (text.size() > 2) digits += text.substr(2);
  digits.resize(4, '0');
  return std::min(parse_integer<int>(digits).value_or(0), 1000);
}

int quality_of(const std::vector<std::string_view>& parts) {
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view parameter = trim(parts[i]);
    if (parameter.size() > 1 && (parameter[0] == 'q' || parameter[0] == 'Q') && parameter[1] == '=')
      return thousandths(parameter.substr(2));
  }
  return 1000;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<int> zipped;
  std::optional<int> anything;
  int plain = 0;
  for (const std::string_view element : split(accept_encoding, ',')) {
    const auto parts = split(element, ';');
    const std::string_view coding = trim(parts[0]);
    const int quality = quality_of(parts);
    if (same_word(coding, "gzip") || same_word(coding, "x-gzip")) zipped = quality;
    if (coding == "*") anything = quality;
    if (same_word(coding, "identity")) plain = quality;
  }
  const int wanted = zipped.value_or(anything.value_or(0));
  return wanted > 0 && wanted >= plain;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  if (::deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipFormat, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
    return "";
  std::string zipped(::deflateBound(&stream, text.size()), '\0');
  // zlib never writes to its input; its interface is older than its const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(zipped.data());
  stream.avail_out = static_cast<uInt>(zipped.size());
  const bool whole = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  zipped.resize(whole ? stream.total_out : 0);
  (void)::deflateEnd(&stream);  // only says whether it was at the end
  return zipped;
}

std::shared_ptr<const std::string> GzipBody::get() {
  if (!made_) {
    auto zipped = std::make_shared<std::string>(gzip(*plain_));
    zipped->shrink_to_fit();
    if (!zipped->empty()) made_ = std::move(zipped);
  }
  return made_;
}

}  // namespace sockwatch
