// SPDX-License-Identifier: Apache-2.0
#include "lib/model/held_sockets.h"

#include <utility>

namespace sockwatch {
namespace {

bool same_kind(const Holder& one, const Holder& other) {
  return one.uid == other.uid && one.exe == other.exe && (!one.exe.empty() || one.comm == other.comm);
}

// Half of the places are for the first, whoever they are; the other half for those unlike them.
bool has_place(std::size_t kept, std::size_t most, bool is_like_one) {
  return kept < (is_like_one ? most / 2 : most);
}

}  // namespace

bool HeldSockets::is_like_one_of(const OfOne& known, const HeldSocket& held) const {
  return std::any_of(known.kept.begin(), known.kept.end(), [&](std::size_t at) {
    return kept_[at].program == held.program && same_kind(kept_[at].holder, held.holder);
  });
}

void HeldSockets::add(HeldSocket held) {
  OfOne& known = by_inode_[held.inode];
  if (known.last == held.holder.id) return;
  known.last = held.holder.id;
  const bool is_like = is_like_one_of(known, held);
  if (!has_place(known.kept.size(), most_, is_like)) {
    ++known.left_out.count;
    known.left_out.unlike = known.left_out.unlike || !is_like;
    return;
  }
  known.kept.push_back(kept_.size());
  kept_.push_back(std::move(held));
}

HoldersLeftOut HeldSockets::left_out(std::uint32_t inode) const {
  const auto known = by_inode_.find(inode);
  return known == by_inode_.end() ? HoldersLeftOut{} : known->second.left_out;
}

HoldersLeftOut keep_most(std::vector<Holder>& holders, std::size_t most) {
  HoldersLeftOut left_out;
  if (holders.size() <= most / 2) return left_out;
  std::vector<Holder> kept;
  for (Holder& holder : holders) {
    const bool is_like =
        std::any_of(kept.begin(), kept.end(), [&](const Holder& other) { return same_kind(other, holder); });
    if (has_place(kept.size(), most, is_like)) {
      kept.push_back(std::move(holder));
    } else {
      ++left_out.count;
      left_out.unlike = left_out.unlike || !is_like;
    }
  }
  holders = std::move(kept);
  return left_out;
}

}  // namespace sockwatch
