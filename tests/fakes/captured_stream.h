// SPDX-License-Identifier: Apache-2.0
// Takes what is written to a stream while it lives.
#pragma once

#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>

namespace sockwatch {

class CapturedStream {
 public:
  explicit CapturedStream(std::ostream& stream) : stream_(stream), before_(stream.rdbuf(text_.rdbuf())) {}
  ~CapturedStream() { stream_.rdbuf(before_); }
  CapturedStream(const CapturedStream&) = delete;  // the stream gets its buffer back once
  CapturedStream& operator=(const CapturedStream&) = delete;

  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::ostream& stream_;
  std::streambuf* before_;
};

}  // namespace sockwatch
