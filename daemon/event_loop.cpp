// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_loop.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>

namespace sockwatch {
namespace {

// How late a timer may be so that several wake-ups become one (sd_event_add_time(3)).
constexpr Duration kAccuracy = std::chrono::milliseconds(5);

std::uint64_t microseconds(Duration duration) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

EventLoop::Callback& callback_in(void* userdata) {
  return *static_cast<EventLoop::Callback*>(userdata);
}

int on_time(sd_event_source*, std::uint64_t, void* userdata) {
  callback_in(userdata)();
  return 0;
}

int on_io(sd_event_source*, int, std::uint32_t, void* userdata) {
  callback_in(userdata)();
  return 0;
}

int on_signal_event(sd_event_source*, const signalfd_siginfo*, void* userdata) {
  callback_in(userdata)();
  return 0;
}

// The loop owns the callback as well: one that is running may destroy its timer.
class LoopTimer final : public Timer {
 public:
  explicit LoopTimer(sd_event_source* source) : source_(source) {}
  ~LoopTimer() override { ::sd_event_source_disable_unref(source_); }
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;

  void arm(Duration from_now) override {
    // Both fail only for a source that is none.
    (void)::sd_event_source_set_time_relative(source_, microseconds(std::max(from_now, Duration(0))));
    (void)::sd_event_source_set_enabled(source_, SD_EVENT_ONESHOT);
  }

  // To set the time of a source takes its turn from it (libsystemd's sd-event.c: source_set_pending): one
  // that is set by every event of a flood would never be called.
  void arm_no_later(Duration from_now) override {
    std::uint64_t due = 0;
    std::uint64_t now = 0;
    const bool armed = ::sd_event_source_get_enabled(source_, nullptr) > 0 &&
                       ::sd_event_source_get_time(source_, &due) >= 0 &&
                       ::sd_event_now(::sd_event_source_get_event(source_), CLOCK_MONOTONIC, &now) >= 0;
    if (!armed || due > now + microseconds(std::max(from_now, Duration(0)))) arm(from_now);
  }

  void disarm() override { (void)::sd_event_source_set_enabled(source_, SD_EVENT_OFF); }

 private:
  sd_event_source* source_;
};

void notify(const std::string& state) {
  (void)::sd_notify(0, state.c_str());  // without a service manager nobody listens, and nobody needs to
}

// STATUS= is one line of UTF-8; ours is made of fixed words and numbers.
std::string status_line(std::string_view status) {
  return "STATUS=" + std::string(status);
}

}  // namespace

void EventLoop::Deleter::operator()(sd_event* event) const {
  ::sd_event_unref(event);
}

EventLoop::EventLoop() {
  sd_event* event = nullptr;
  if (::sd_event_new(&event) < 0) std::abort();  // out of memory or descriptors before anything has begun
  event_.reset(event);
}

EventLoop::~EventLoop() = default;

Result<void> EventLoop::on_signal(int signal, Callback callback) {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  callbacks_.push_back(std::make_unique<Callback>(std::move(callback)));
  // A floating source: the loop owns it.
  const int status =
      ::sd_event_add_signal(event_.get(), nullptr, signal, on_signal_event, callbacks_.back().get());
  if (status < 0) return Error::from_errno("signal handler", -status);
  return {};
}

Result<void> EventLoop::on_readable(int fd, Callback callback) {
  callbacks_.push_back(std::make_unique<Callback>(std::move(callback)));
  const int status = ::sd_event_add_io(event_.get(), nullptr, fd, EPOLLIN, on_io, callbacks_.back().get());
  if (status < 0) return Error::from_errno("io handler", -status);
  return {};
}

Result<EventLoop::Bell> EventLoop::add_bell(Callback callback) {
  const auto fd = std::make_shared<UniqueFd>(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd->valid()) return Error::from_errno("eventfd", errno);
  auto added = on_readable(fd->get(), [fd, callback = std::move(callback)] {
    eventfd_t rung = 0;
    (void)::eventfd_read(fd->get(), &rung);  // how often does not matter
    callback();
  });
  if (!added.ok()) return added.error();
  return Bell([fd] { (void)::eventfd_write(fd->get(), 1); });  // full only after 2^64 rings
}

Result<std::unique_ptr<Timer>> EventLoop::add_timer(Callback callback) {
  callbacks_.push_back(std::make_unique<Callback>(std::move(callback)));
  sd_event_source* source = nullptr;
  const int status = ::sd_event_add_time(event_.get(), &source, CLOCK_MONOTONIC, UINT64_MAX,
                                         microseconds(kAccuracy), on_time, callbacks_.back().get());
  if (status < 0) return Error::from_errno("timer", -status);
  (void)::sd_event_source_set_enabled(source, SD_EVENT_OFF);
  return std::unique_ptr<Timer>(std::make_unique<LoopTimer>(source));
}

Result<int> EventLoop::run() {
  const int code = ::sd_event_loop(event_.get());
  if (code < 0) return Error::from_errno("event loop", -code);
  return code;
}

void EventLoop::stop(int exit_code) {
  (void)::sd_event_exit(event_.get(), exit_code);
}

namespace service {

void ready(std::string_view text) {
  notify("READY=1\n" + status_line(text));
}
void status(std::string_view text) {
  notify(status_line(text));
}

void reloading() {
  timespec now{};
  (void)::clock_gettime(CLOCK_MONOTONIC, &now);  // cannot fail
  const auto usec = microseconds(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
  notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec));
}

void stopping() {
  notify("STOPPING=1");
}
void feed_watchdog() {
  notify("WATCHDOG=1");
}

std::vector<UniqueFd> inherited_sockets() {
  std::vector<UniqueFd> sockets;
  const int count = ::sd_listen_fds(1);
  for (int i = 0; i < count; ++i) sockets.emplace_back(SD_LISTEN_FDS_START + i);
  return sockets;
}

bool logs_to_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat facts {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &facts) != 0) return false;
  return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino) == stream;
}

}  // namespace service
}  // namespace sockwatch
