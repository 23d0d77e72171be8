// SPDX-License-Identifier: Apache-2.0
// The operational log: to journald's prefix form ("<6>text") under systemd, plain on a terminal. The one door
// to spdlog. Programs log; libraries return errors. Safe from any thread.
#pragma once

#include <array>
#include <string_view>

#include "lib/base/words.h"

namespace sockwatch {

enum class LogLevel { Debug, Info, Warning, Error };
template <>
struct Words<LogLevel> {
  static constexpr std::array values = {std::string_view("debug"), std::string_view("info"),
                                        std::string_view("warning"), std::string_view("error")};
};

namespace log {

enum class Style { Plain, JournalPrefix };

// Once, before threads start. Everything goes to standard error.
void start(LogLevel least, Style style);

void debug(std::string_view message);
void info(std::string_view message);
void warning(std::string_view message);
void error(std::string_view message);

}  // namespace log
}  // namespace sockwatch
