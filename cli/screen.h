// SPDX-License-Identifier: Apache-2.0
// What --watch needs: the terminal's other screen, and waiting that ends with Ctrl-C.
#pragma once

#include <signal.h>

#include <string>
#include <string_view>

#include "lib/base/clock.h"

namespace sockwatch {

// The terminal's alternate screen, given back however the program leaves the scope. One at a time.
class AlternateScreen {
 public:
  AlternateScreen();
  ~AlternateScreen();
  AlternateScreen(const AlternateScreen&) = delete;  // a copy would leave the screen twice
  AlternateScreen& operator=(const AlternateScreen&) = delete;
};

// What to send so that the text stands at the top of the screen in place of what was there: no flicker,
// because only the rest of each line is erased. Lines that do not fit `height` are counted in the last one; 0
// is no limit. Pure.
std::string redrawn(std::string_view text, std::size_t height);

enum class Wake { Time, Resized, Stop };

// SIGINT, SIGTERM and SIGWINCH are only taken while we wait, so that nothing is ever drawn by halves. Until
// the scope is left, wait() is the only way they have.
class Waiting {
 public:
  Waiting();
  ~Waiting();
  Waiting(const Waiting&) = delete;  // a copy would restore the mask twice
  Waiting& operator=(const Waiting&) = delete;

  Wake wait(Duration at_most) const;

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace sockwatch
