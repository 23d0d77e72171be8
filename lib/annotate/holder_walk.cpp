// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/holder_walk.h"

#include <algorithm>
#include <iterator>

#include "lib/procfs/process_table.h"

namespace sockwatch {
namespace {

std::vector<std::int32_t> pids_of_now(const Dir& proc) {
  auto listed = list_pids(proc);
  return listed ? std::move(*listed) : std::vector<std::int32_t>{};
}

}  // namespace

HolderWalk::HolderWalk(const Dir& proc, RefusedProcesses& refused, std::vector<std::uint32_t> inodes,
                       std::unique_ptr<SocketSearch> quick)
    : proc_(proc),
      refused_(refused),
      sought_(std::move(inodes)),
      pids_(pids_of_now(proc)),
      quick_(std::move(quick)),
      search_(sought_, pids_) {
  std::sort(sought_.begin(), sought_.end());
  sought_.erase(std::unique(sought_.begin(), sought_.end()), sought_.end());
  refused_.keep_only(pids_);
  // Every pid namespace has a pid 1. Where it does not show, hidepid= or ProtectProc= keeps others from us.
  hidden_ = pids_.empty() || pids_.front() != 1;
}

bool HolderWalk::looks_for(std::uint32_t inode) const {
  return std::binary_search(sought_.begin(), sought_.end(), inode);
}

std::size_t HolderWalk::step(std::size_t budget) {
  std::size_t spent = 0;
  const bool knew_holders = last_resort();
  while (spent < budget && !done() && last_resort() == knew_holders) {
    if (quick_) {
      spent += quick_->step(budget - spent);
      if (quick_->done()) end_quick();
    } else {
      spent += search_.step(proc_, refused_, budget - spent);
      if (search_.done()) end_search();
    }
  }
  return spent;
}

void HolderWalk::end_quick() {
  const auto quick = std::move(quick_);
  saw_all_descriptors_ = !quick->incomplete();
  note(*quick);
  // What it had no room for is for another walk, and its own quick way.
  std::erase_if(sought_, [&quick](std::uint32_t inode) { return !quick->looks_for(inode); });
  std::copy_if(sought_.begin(), sought_.end(), std::back_inserter(in_flight_),
               [&quick](std::uint32_t inode) { return quick->in_flight(inode); });
  // It shows no rings.
  if (saw_all_descriptors_) return begin_last_resort();
  search_ = HolderSearch(sought_, pids_);
}

void HolderWalk::begin_last_resort() {
  last_resort_ = true;
  search_ = HolderSearch(sought_, pids_, HolderSearch::Thoroughness::Everything);
}

void HolderWalk::end_search() {
  note(search_);
  const bool incomplete = hidden_ || search_.denied() > 0;
  if (!sought_.empty() && !last_resort_) return begin_last_resort();
  for (const std::uint32_t inode : sought_) {
    const bool in_flight = std::binary_search(in_flight_.begin(), in_flight_.end(), inode);
    findings_[inode] = {{}, {}, incomplete && !in_flight, in_flight};
  }
  sought_.clear();
}

template <typename Search>
void HolderWalk::note(const Search& search) {
  for (const HeldSocket& held : search.found()) {
    Finding& finding = findings_[held.inode];
    finding.held.push_back(held);
    finding.left_out = search.left_out(held.inode);
  }
  std::erase_if(sought_, [this](std::uint32_t inode) { return findings_.contains(inode); });
}

}  // namespace sockwatch
