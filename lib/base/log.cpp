// SPDX-License-Identifier: Apache-2.0
#include "lib/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

#include "lib/base/text.h"

namespace sockwatch::log {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

Style style = Style::Plain;  // written once by start(), before threads

// sd-daemon(3): "<N>" in front of a line gives journald its priority. Messages may quote foreign text, which
// is escaped where it is quoted; what was forgotten is escaped here.
void write(LogLevel level, std::string_view priority, std::string_view message) {
  const std::string text = one_line(message);
  if (style == Style::JournalPrefix) {
    spdlog::log(to_spdlog(level), "{}{}", priority, text);
  } else {
    spdlog::log(to_spdlog(level), "{}", text);
  }
}

}  // namespace

void start(LogLevel least, Style chosen) {
  style = chosen;
  auto logger =
      std::make_shared<spdlog::logger>("sockwatch", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern(chosen == Style::JournalPrefix ? "%v" : "%H:%M:%S.%e %l: %v");
  logger->set_level(to_spdlog(least));
  spdlog::set_default_logger(std::move(logger));
}

void debug(std::string_view message) {
  write(LogLevel::Debug, "<7>", message);
}
void info(std::string_view message) {
  write(LogLevel::Info, "<6>", message);
}
void warning(std::string_view message) {
  write(LogLevel::Warning, "<4>", message);
}
void error(std::string_view message) {
  write(LogLevel::Error, "<3>", message);
}

}  // namespace sockwatch::log
