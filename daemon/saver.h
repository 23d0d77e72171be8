// SPDX-License-Identifier: Apache-2.0
// When what is known is written down, and on which thread: to serialize ten thousand listeners and wait for
// the disk takes half a second, and the loop must not wait so long. What is written is taken on the loop and
// belongs to the thread until it is done; before start() there is no thread, and the loop writes. Loop thread
// only.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "daemon/keeper.h"
#include "daemon/reactor.h"
#include "daemon/worker.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace sockwatch {

class Saver {
 public:
  using Take = std::function<Keeper::Kept()>;             // what is to be written, as of now
  using Note = std::function<void(const Result<void>&)>;  // how it went
  // The keeper outlives it, and is its own from the first save on.
  Saver(Keeper& keeper, const Clock& clock, Take take, Note note);

  // Its timer and its bell; before anything is saved.
  Result<void> connect(Reactor& loop);
  // The thread, when the privileges are the final ones.
  Result<void> start();

  // At once, as far as the pace allows. What cannot be written is tried again until it can: a full disk may
  // have room again without any change of what is open.
  void soon();
  // Written when it returns, or Note was told why not; then nothing is under way.
  void now();

 private:
  void begin();
  void take();
  void wait();
  void finish();
  void write() { outcome_ = keeper_.save(kept_, began_); }

  Keeper& keeper_;
  const Clock& clock_;
  Take take_;
  Note note_;
  SavePace pace_;
  std::unique_ptr<Timer> timer_;
  Reactor::Bell bell_;
  bool due_ = false;        // the timer runs
  bool under_way_ = false;  // the four below are the thread's
  bool again_ = false;      // something has changed meanwhile
  Keeper::Kept kept_;
  Instant began_;
  Result<void> outcome_;
  std::unique_ptr<Worker> worker_;  // null: not started. Ends first, as it uses all the others
};

}  // namespace sockwatch
