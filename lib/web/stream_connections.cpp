// SPDX-License-Identifier: Apache-2.0
#include "lib/web/stream_connections.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "lib/web/http_reply.h"

namespace sockwatch {
namespace {

constexpr std::size_t kBlock = 4096;

}  // namespace

struct StreamConnections::Stream {
  StreamConnections& all;
  MHD_Connection* connection;
  std::shared_ptr<HttpStream> source;
  Client client;
  std::string unsent{};
  bool suspended = false;
  bool ended = false;  // gave way to another

  void suspend() {
    suspended = true;
    MHD_suspend_connection(connection);
  }
  void resume() {
    if (std::exchange(suspended, false)) MHD_resume_connection(connection);
  }
};

StreamConnections::StreamConnections() : woken_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

MHD_Result StreamConnections::send(MHD_Connection* connection, const HttpResponse& answer,
                                   std::span<const HttpHeader> standing) {
  const Client client = client_of(connection);
  if (!make_room(client)) {
    return send_reply(connection, plain_reply(MHD_HTTP_SERVICE_UNAVAILABLE, "too many streams are open\n"),
                      standing);
  }
  auto stream = std::make_unique<Stream>(Stream{*this, connection, answer.stream, client});
  const Response response(
      MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kBlock, &read, stream.get(), &forget));
  if (!response) return MHD_NO;
  open_.push_back(stream.release());  // forget() deletes it
  count_ = open_.size();
  shares_.add(client);
  return queue_reply(connection, answer, response.get(), standing);
}

// Called by C code. 0 bytes and no suspension would make the library ask again at once, for ever.
ssize_t StreamConnections::read(void* stream, std::uint64_t /*position*/, char* buffer,
                                std::size_t size) noexcept {
  auto& self = *static_cast<Stream*>(stream);
  if (self.all.ended_ || self.ended) return MHD_CONTENT_READER_END_OF_STREAM;
  if (self.unsent.empty()) self.unsent = self.source->next();
  const std::size_t part = std::min(size, self.unsent.size());
  if (part == 0) self.suspend();
  std::memcpy(buffer, self.unsent.data(), part);
  self.unsent.erase(0, part);
  return static_cast<ssize_t>(part);
}

void StreamConnections::forget(void* stream) noexcept {
  const std::unique_ptr<Stream> gone(static_cast<Stream*>(stream));
  gone->all.open_.remove(gone.get());
  gone->all.count_ = gone->all.open_.size();
  if (!gone->ended) gone->all.shares_.remove(gone->client);
}

bool StreamConnections::make_room(const Client& newcomer) {
  const auto stands = [](const Stream* stream) { return !stream->ended; };
  if (static_cast<std::size_t>(std::count_if(open_.begin(), open_.end(), stands)) < kMost) return true;
  const auto who = shares_.who_gives_way_to(newcomer);
  if (!who) return false;
  const auto oldest = std::find_if(open_.begin(), open_.end(), [&](const Stream* stream) {
    return stands(stream) && stream->client == *who;
  });
  if (oldest == open_.end()) return false;
  (*oldest)->ended = true;
  shares_.remove(*who);
  (*oldest)->resume();
  return true;
}

// A stream that begins just now sees by itself what we would wake it for.
void StreamConnections::wake() {
  // Cannot fail: an eventfd takes 2^64-2 before it blocks.
  if (count_ > 0) (void)::eventfd_write(woken_.get(), 1);
}

void StreamConnections::hear() {
  eventfd_t calls = 0;
  if (::eventfd_read(woken_.get(), &calls) == 0) resume_all();
}

void StreamConnections::end() {
  ended_ = true;
  resume_all();
}

void StreamConnections::resume_all() {
  for (Stream* stream : open_) stream->resume();
}

}  // namespace sockwatch
