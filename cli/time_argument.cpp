// SPDX-License-Identifier: Apache-2.0
#include "cli/time_argument.h"

#include <time.h>

#include <optional>
#include <string>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

std::optional<WallTime> local_time(std::string_view text, const char* form) {
  const std::string copy(text);
  std::tm parts{};
  const char* end = ::strptime(copy.c_str(), form, &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  // strptime() knows that no month has 32 days, but not that February has no 30th: that would become March.
  const int day = parts.tm_mday;
  parts.tm_isdst = -1;
  const std::time_t seconds = ::mktime(&parts);
  if (seconds == -1 || parts.tm_mday != day) return std::nullopt;
  // Nanoseconds since 1970 fit 64 bits until 2262; tm_year counts from 1900.
  if (parts.tm_year < 70 || parts.tm_year > 361) return std::nullopt;
  return WallTime(std::chrono::seconds(seconds));
}

// The midnight at which the day that many days ago began.
WallTime midnight(WallTime now, int days_ago) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  std::tm parts{};
  (void)::localtime_r(&seconds, &parts);  // fails only for years that do not fit an int
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  parts.tm_mday -= days_ago;
  parts.tm_isdst = -1;
  return WallTime(std::chrono::seconds(::mktime(&parts)));
}

}  // namespace

Result<WallTime> parse_time(std::string_view text, WallTime now) {
  if (text == "today") return midnight(now, 0);
  if (text == "yesterday") return midnight(now, 1);
  if (const auto ago = parse_duration(text)) return now - *ago;
  if (const auto exact = parse_rfc3339(text)) return *exact;
  for (const char* form : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"}) {
    if (const auto local = local_time(text, form)) return *local;
  }
  return Error{"\"" + printable(text) +
               "\" is no time, expected \"24h\" (ago), \"today\", \"yesterday\", \"2026-11-24\" or "
               "\"2026-11-24 06:29\""};
}

}  // namespace sockwatch
