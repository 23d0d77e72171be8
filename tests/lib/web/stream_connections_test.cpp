// SPDX-License-Identifier: Apache-2.0
#include "lib/web/stream_connections.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "lib/web/listen.h"
#include "tests/lib/web/http_client.h"

namespace sockwatch {
namespace {

// What every stream says next, when woken.
class Word {
 public:
  void set(std::string text) {
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
    ++number_;
  }
  std::pair<int, std::string> get() const {
    const std::lock_guard lock(mutex_);
    return {number_, text_};
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
  int number_ = 0;
};

// Says each word once; counts how often it was asked, and how many of it there are.
class WordStream final : public HttpStream {
 public:
  WordStream(const Word& word, std::atomic<int>& asked, std::atomic<int>& alive)
      : word_(word), asked_(asked), alive_(alive) {
    ++alive_;
  }
  ~WordStream() override { --alive_; }
  std::string next() override {
    ++asked_;
    const auto [number, text] = word_.get();
    return std::exchange(said_, number) == number ? "" : text;
  }

 private:
  const Word& word_;
  std::atomic<int>& asked_;
  std::atomic<int>& alive_;
  int said_ = 0;
};

class StreamConnectionsTest : public ::testing::Test {
 protected:
  StreamConnectionsTest() {
    std::vector<UniqueFd> sockets;
    sockets.push_back(std::move(*listen_unix(path_, 0600)));
    server_ = std::move(*HttpServer::start(std::move(sockets), [this](std::string_view path) {
      HttpResponse response{200, "text/plain", std::make_shared<const std::string>("page\n"), nullptr};
      if (path == "/stream") response.stream = std::make_shared<WordStream>(word_, asked_, alive_);
      return response;
    }));
  }

  UniqueFd open_stream() {
    UniqueFd fd = connect_unix(path_);
    say(fd, "GET /stream HTTP/1.1\r\nHost: test\r\n\r\n");
    return fd;
  }

  void tell(std::string text) {
    word_.set(std::move(text));
    server_->wake();
  }

  // Polls for what another thread does; half a minute at most.
  template <typename Condition>
  static bool comes(Condition condition) {
    for (int i = 0; i < 30000 && !condition(); ++i) ::poll(nullptr, 0, 1);
    return condition();
  }

  // Reads until the text has come.
  static bool hears(const UniqueFd& fd, std::string_view text) {
    std::string heard;
    std::array<char, 4096> buffer;
    pollfd waiting{fd.get(), POLLIN, 0};
    while (heard.find(text) == std::string::npos && ::poll(&waiting, 1, 30000) > 0) {
      const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0) return false;
      heard.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return heard.find(text) != std::string::npos;
  }

  TempDir dir_;
  std::string path_ = dir_.file("api.sock");
  Word word_;
  std::atomic<int> asked_ = 0;
  std::atomic<int> alive_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(StreamConnectionsTest, a_word_reaches_every_reader) {
  word_.set("first");
  const UniqueFd one = open_stream();
  const UniqueFd other = open_stream();
  EXPECT_TRUE(hears(one, "first"));
  EXPECT_TRUE(hears(other, "first"));
  tell("second");
  EXPECT_TRUE(hears(one, "second"));
  EXPECT_TRUE(hears(other, "second"));
}

TEST_F(StreamConnectionsTest, a_stream_with_nothing_to_say_is_not_asked_again) {
  const UniqueFd fd = open_stream();
  ASSERT_TRUE(comes([this] { return asked_ == 1; }));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(status_of(ask(connect_unix(path_), "GET", "/page")), 200);
  EXPECT_EQ(asked_, 1);
}

TEST_F(StreamConnectionsTest, a_long_word_comes_whole) {
  const std::string end = "the end";
  word_.set(std::string(1000000, 'x') + end);
  EXPECT_TRUE(hears(open_stream(), end));
}

TEST_F(StreamConnectionsTest, too_many_readers_are_refused_and_pages_go_on) {
  std::vector<UniqueFd> readers;
  for (std::size_t i = 0; i < StreamConnections::kMost; ++i) readers.push_back(open_stream());
  ASSERT_TRUE(comes([this] { return asked_ == static_cast<int>(StreamConnections::kMost); }));
  EXPECT_EQ(status_of(ask(connect_unix(path_), "GET", "/stream")), 503);
  EXPECT_EQ(status_of(ask(connect_unix(path_), "GET", "/page")), 200);
}

TEST_F(StreamConnectionsTest, who_leaves_is_forgotten_at_the_next_word) {
  UniqueFd fd = open_stream();
  ASSERT_TRUE(comes([this] { return asked_ == 1; }));
  fd.reset();
  tell("anybody?");
  EXPECT_TRUE(comes([this] { return alive_ == 0; }));
}

TEST_F(StreamConnectionsTest, a_reader_that_takes_nothing_holds_nobody_up_and_is_dropped) {
  const UniqueFd slow = open_stream();
  const UniqueFd quick = open_stream();
  ASSERT_TRUE(comes([this] { return asked_ == 2; }));
  tell(std::string(10000000, 'x') + "full");
  EXPECT_TRUE(hears(quick, "full"));
  tell("next");
  EXPECT_TRUE(hears(quick, "next"));
  // The server's limit on silence is 10 s.
  EXPECT_TRUE(comes([this] { return alive_ == 1; }));
}

TEST_F(StreamConnectionsTest, head_tells_of_the_stream_and_opens_none) {
  const std::string reply = ask(connect_unix(path_), "HEAD", "/stream");
  EXPECT_EQ(status_of(reply), 200);
  EXPECT_TRUE(comes([this] { return alive_ == 0; }));
  EXPECT_EQ(asked_, 0);
}

TEST_F(StreamConnectionsTest, stopping_ends_the_streams) {
  word_.set("first");
  const UniqueFd silent = open_stream();
  ASSERT_TRUE(hears(silent, "first"));
  ASSERT_TRUE(comes([this] { return asked_ == 2; })) << "it is suspended now";
  server_.reset();
  EXPECT_FALSE(hears(silent, "more"));
  EXPECT_EQ(alive_, 0);
}

}  // namespace
}  // namespace sockwatch
