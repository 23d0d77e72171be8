// SPDX-License-Identifier: Apache-2.0
// A thread that checks passwords, one after the other: at the usual cost each takes 55 ms of computing, and
// neither those who wait for another password nor those who need none shall wait for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace sockwatch {

// Everything but the thread's own work is for one thread, the server's.
class PasswordWorker {
 public:
  static Result<std::unique_ptr<PasswordWorker>> start();
  // What is not begun is dropped; waits for the one under way.
  ~PasswordWorker();
  PasswordWorker(const PasswordWorker&) = delete;  // its thread knows its address
  PasswordWorker& operator=(const PasswordWorker&) = delete;

  struct Question {
    void* asker;  // only handed back
    std::string password;
    std::string hash;
    unsigned dearest = 0;  // the cost that a wrong one takes
  };
  struct Answer {
    void* asker;
    bool fits;
  };
  void ask(Question question);
  // Readable while there are answers to take.
  int fd() const { return answered_.get(); }
  std::vector<Answer> take();

 private:
  PasswordWorker() = default;
  void run();

  UniqueFd answered_;
  std::mutex mutex_;  // of what follows
  std::condition_variable news_;
  std::deque<Question> questions_;
  std::vector<Answer> answers_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace sockwatch
