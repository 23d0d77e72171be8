// SPDX-License-Identifier: Apache-2.0
// A file in memory laid out as the kernel lays out a ring; what a real one does is in sources_live_test.cpp.
#include "lib/bpf/event_ring.h"

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

class EventRings : public testing::Test {
 protected:
  EventRings() { EXPECT_EQ(::ftruncate(file_.get(), static_cast<off_t>(2 * page_ + 2 * size_)), 0); }

  void write_at(std::size_t offset, const void* bytes, std::size_t length) {
    ASSERT_EQ(::pwrite(file_.get(), bytes, length, static_cast<off_t>(offset)), static_cast<ssize_t>(length));
  }
  // The data is there twice, and a record may lie across the end of the first.
  void put(std::string_view text, std::uint32_t flags = 0) {
    const std::uint32_t header[] = {static_cast<std::uint32_t>(text.size()) | flags, 0};
    std::string record(reinterpret_cast<const char*>(header), sizeof header);
    record.append(text).resize((record.size() + 7) / 8 * 8);
    for (std::size_t i = 0; i < record.size(); ++i) {
      const std::size_t place = (produced_ + i) % size_;
      write_at(2 * page_ + place, &record[i], 1);
      write_at(2 * page_ + size_ + place, &record[i], 1);
    }
    begin_at(produced_ + record.size(), false);
  }
  void begin_at(std::size_t position, bool consumer_too = true) {
    produced_ = position;
    write_at(page_, &position, sizeof position);
    if (consumer_too) write_at(0, &position, sizeof position);
  }
  std::size_t consumed() const {
    std::size_t position = 0;
    EXPECT_EQ(::pread(file_.get(), &position, sizeof position, 0), static_cast<ssize_t>(sizeof position));
    return position;
  }

  std::vector<std::string> drain(std::size_t most = 100) {
    auto ring = EventRing::open(file_.get(), size_);
    std::vector<std::string> taken;
    waited_ = ring->drain(most, [&](std::span<const std::byte> bytes) {
      taken.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    return taken;
  }
  using Taken = std::vector<std::string>;

  const std::size_t page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t size_ = 2 * page_;
  UniqueFd file_{::memfd_create("ring", MFD_CLOEXEC)};
  std::size_t produced_ = 0;
  bool waited_ = false;
};

TEST_F(EventRings, an_empty_one_says_that_nothing_waited) {
  EXPECT_EQ(drain(), Taken{});
  EXPECT_FALSE(waited_);
}

TEST_F(EventRings, events_come_in_order_and_once) {
  put("one");
  put("two and more");
  put("");
  EXPECT_EQ(drain(), (Taken{"one", "two and more", ""}));
  EXPECT_TRUE(waited_);
  EXPECT_EQ(consumed(), produced_);
  EXPECT_EQ(drain(), Taken{});
}

TEST_F(EventRings, what_is_beyond_the_most_waits_for_the_next_time) {
  for (const auto* text : {"one", "two", "three"}) put(text);
  EXPECT_EQ(drain(2), (Taken{"one", "two"}));
  EXPECT_EQ(drain(2), Taken{"three"});
}

TEST_F(EventRings, what_is_being_written_holds_up_those_behind_it) {
  put("one");
  put("half", BPF_RINGBUF_BUSY_BIT);
  put("three");
  EXPECT_EQ(drain(), Taken{"one"});
  EXPECT_EQ(drain(), Taken{});
  EXPECT_TRUE(waited_);
}

TEST_F(EventRings, what_was_discarded_is_passed_over) {
  put("never mind", BPF_RINGBUF_DISCARD_BIT);
  EXPECT_EQ(drain(), Taken{});
  EXPECT_EQ(consumed(), produced_);
  put("never mind", BPF_RINGBUF_DISCARD_BIT);
  put("two");
  EXPECT_EQ(drain(1), Taken{"two"});
}

TEST_F(EventRings, one_that_goes_over_the_end_is_in_one_piece) {
  for (const std::size_t before : {std::size_t{8}, std::size_t{16}, std::size_t{40}}) {
    begin_at(7 * size_ - before);
    put("across the end of the ring");
    put("behind it");
    EXPECT_EQ(drain(), (Taken{"across the end of the ring", "behind it"})) << before;
  }
}

TEST_F(EventRings, a_full_one_is_read_whole_wherever_it_begins) {
  for (const std::size_t start : {std::size_t{0}, page_ - 8, 3 * size_ - 16}) {
    begin_at(start);
    const std::string large(size_ / 8 - BPF_RINGBUF_HDR_SZ, 'x');
    for (int i = 0; i < 8; ++i) put(large);
    EXPECT_EQ(drain(), Taken(8, large)) << start;
  }
}

TEST_F(EventRings, what_cannot_be_mapped_is_let_go_and_counted) {
  auto ring = EventRing::open(file_.get(), size_);
  put("one");
  file_.reset(-1);  // the positions stay mapped
  EXPECT_TRUE(ring->drain(10, [](std::span<const std::byte>) { FAIL(); }));
  EXPECT_EQ(ring->let_go(), 1U);
  EXPECT_FALSE(ring->drain(10, [](std::span<const std::byte>) { FAIL(); }));
  EXPECT_EQ(ring->let_go(), 1U);
}

TEST(EventRing, something_else_than_a_ring_is_an_error) {
  const auto ring = EventRing::open(-1, 4096);
  ASSERT_FALSE(ring.ok());
  EXPECT_EQ(ring.error().message, "bpf ring: Bad file descriptor");
}

}  // namespace
}  // namespace sockwatch
