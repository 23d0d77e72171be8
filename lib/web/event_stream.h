// SPDX-License-Identifier: Apache-2.0
// What /api/v1/stream says: server-sent events (WHATWG HTML 9.2) that tell when the documents of /api/v1 have
// changed, so that nobody needs to ask in vain. An event is a line or two and names what is; the documents
// say the rest. So a reader that falls behind misses nothing and nothing queues up for it.
#pragma once

#include <optional>
#include <string>

#include "lib/base/clock.h"
#include "lib/model/view.h"
#include "lib/web/http_server.h"
#include "lib/web/view_board.h"

namespace sockwatch {

// One reader's place in the stream. Says "changed" at first and whenever a listener came, went, or is judged
// or owned differently; else "beat" now and then, by which the reader knows that the monitor still looks.
class EventStream final : public HttpStream {
 public:
  static constexpr Duration kBeat = std::chrono::seconds(5);

  // Both outlive it.
  EventStream(const ViewBoard& board, const Clock& clock) : board_(board), clock_(clock) {}

  std::string next() override;

 private:
  const ViewBoard& board_;
  const Clock& clock_;
  std::string revision_;  // what the reader was told last
  std::optional<MonotonicTime> said_;
};

// Equal while the listeners are the same, of the same owners and judged the same, and so is what is not seen.
std::string revision_of(const View& view);

}  // namespace sockwatch
