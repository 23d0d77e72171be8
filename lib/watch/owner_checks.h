// SPDX-License-Identifier: Apache-2.0
// Asks again and again whether the owners of known listeners are still true: a process may exec, drop its
// rights, pass the socket on, leak it to a child or close it, and no event says so. Round robin, within a
// budget of CPU time. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "lib/annotate/annotator.h"
#include "lib/base/clock.h"
#include "lib/watch/ledger.h"

namespace sockwatch {

class OwnerChecks {
 public:
  // A part of what one poll asks, some milliseconds at most; false: all of it is done. First the search for
  // owners that are pending goes on.
  bool step(const Ledger& ledger, Annotator& annotator, MonotonicTime now);
  // To be called at each poll, after any number of steps; does what is left. Returns the listeners whose
  // owner has to be sought again, sorted.
  std::vector<ListenerKey> due(const Ledger& ledger, Annotator& annotator, MonotonicTime now);

 private:
  enum class Stage : std::uint8_t { Search, Known, Census, Done };
  struct Retry {
    MonotonicTime next{};
    Duration interval{};
  };

  void ask_known(const Ledger& ledger, const Annotator& annotator, MonotonicTime now);
  void retry_unknown(const Listener& listener, MonotonicTime now);
  bool begin_census(const Ledger& ledger, OwnerResolver& owners, MonotonicTime now);
  bool go_on_with_census(const Ledger& ledger, OwnerResolver& owners, MonotonicTime now);
  void note_changed(const Ledger& ledger, const std::vector<std::uint32_t>& inodes);

  Stage stage_ = Stage::Search;  // of this poll
  int search_parts_ = 0;
  std::vector<ListenerKey> due_;
  std::optional<ListenerKey> last_asked_;  // of the pass under way
  MonotonicTime pass_began_{};
  MonotonicTime last_call_{};
  std::map<ListenerKey, Retry> retries_;  // of owners that were sought in vain
  bool counting_ = false;
  int census_parts_ = 0;  // left for this poll
  MonotonicTime next_census_{};
  Duration census_took_{};  // CPU time, so far
};

}  // namespace sockwatch
