// SPDX-License-Identifier: Apache-2.0
// What the pipeline's tests stand on.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "lib/watch/pipeline.h"
#include "lib/watch/snapshot_builder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {

inline Rule rule(std::string name, Action action, std::uint16_t port) {
  Rule made;
  made.name = std::move(name);
  made.action = action;
  made.ports = {{port, port, std::nullopt}};
  return made;
}

// A pipeline with a folder for /proc, no cgroups, and a clock.
class Road : public testing::Test {
 protected:
  Road() {
    etc_.write("passwd", "root:x:0:0::/:\n");
    add_process(proc_, {.pid = 1, .comm = "systemd"});
  }

  Pipeline pipeline(Policy policy = {}, std::size_t steps = OwnerResolver::kStepsPerCall) const {
    Annotator annotator(ServiceTable(),
                        OwnerResolver(proc_.open(), std::nullopt, UserNames(etc_.open()), steps));
    return {std::move(annotator), std::move(policy), PipelineSettings{}};
  }

  Delta poll(Pipeline& pipeline, const std::vector<SocketRecord>& records) {
    SnapshotBuilder builder;
    builder.start();
    for (const SocketRecord& record : records) builder.accept(record);
    Snapshot& snapshot = builder.finish(clock_.now());
    snapshot.complete.fill(complete_);
    snapshot.whole = whole_;
    clock_.advance(std::chrono::milliseconds(250));
    return pipeline.take(snapshot);
  }

  void run(std::int32_t pid, std::string comm, const SocketRecord& socket) {
    add_process(proc_, {.pid = pid, .comm = comm, .sockets = {socket.inode}, .exe = "/usr/bin/" + comm});
  }

  bool whole_ = true;
  bool complete_ = true;
  FakeClock clock_;
  FileTree proc_;
  FileTree etc_;
  const SocketRecord ssh_ = listening(Protocol::Tcp, "0.0.0.0", 22, 1);
  const SocketRecord evil_ = listening(Protocol::Tcp, "0.0.0.0", 4444, 2);
};

}  // namespace sockwatch
