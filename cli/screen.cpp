// SPDX-License-Identifier: Apache-2.0
#include "cli/screen.h"

#include <algorithm>
#include <vector>

#include "cli/output.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

// xterm's private modes 1049 (alternate screen) and 25 (cursor), known to every terminal emulator of today.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kEraseRestOfLine = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";

}  // namespace

AlternateScreen::AlternateScreen() {
  (void)write_out(kEnter);  // a terminal that is gone shows with the first text
}

AlternateScreen::~AlternateScreen() {
  (void)write_out(kLeave);  // nothing can be done for a terminal that is gone
}

std::string redrawn(std::string_view text, std::size_t height) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const std::vector<std::string_view> lines = split(text, '\n');
  const bool fits = height == 0 || lines.size() <= height;
  const std::size_t shown = fits ? lines.size() : std::max<std::size_t>(height, 1) - 1;
  std::string drawn(kHome);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) drawn += "\n";
    drawn += lines[i];
    drawn += kEraseRestOfLine;
  }
  if (!fits) {
    if (shown > 0) drawn += "\n";
    drawn += "… and " + std::to_string(lines.size() - shown) + " more lines" + std::string(kEraseRestOfLine);
  }
  return drawn + std::string(kEraseBelow);
}

Waiting::Waiting() {
  // None of these can fail with valid arguments.
  (void)::sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGWINCH}) (void)::sigaddset(&signals_, signal);
  (void)::sigprocmask(SIG_BLOCK, &signals_, &before_);
}

Waiting::~Waiting() {
  (void)::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

Wake Waiting::wait(Duration at_most) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at_most);
  const timespec timeout{seconds.count(), (at_most - seconds).count()};
  switch (::sigtimedwait(&signals_, nullptr, &timeout)) {
    case SIGINT:
    case SIGTERM:
      return Wake::Stop;
    case SIGWINCH:
      return Wake::Resized;
    default:  // EAGAIN: the time is over; EINTR: a stop and a continue
      return Wake::Time;
  }
}

}  // namespace sockwatch
