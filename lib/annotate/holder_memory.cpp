// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/holder_memory.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "lib/procfs/process_table.h"

namespace sockwatch {
namespace {

std::string link_of(const HeldSocket& held) {
  std::string path = std::to_string(held.holder.id.pid);
  if (held.thread != 0) path += "/task/" + std::to_string(held.thread);
  return path + "/fd/" + std::to_string(held.fd);
}

bool still_refers(const Dir& proc, const HeldSocket& held) {
  const auto target = proc.read_link(link_of(held).c_str());
  return target && *target == "socket:[" + std::to_string(held.inode) + "]";
}

bool still_runs(const Holder& then, const std::optional<Holder>& now) {
  return now && now->id == then.id;
}

}  // namespace

const std::optional<Holder>& ProcessesNow::at(const Dir& proc, std::int32_t pid) {
  const auto [entry, unread] = read_.try_emplace(pid);
  if (unread) {
    const auto process = open_process(proc, pid);
    auto holder = process ? read_holder(*process, pid) : process.error();
    if (holder) entry->second = *std::move(holder);
  }
  return entry->second;
}

bool is_unchanged(const Holder& then, const std::optional<Holder>& now) {
  if (!still_runs(then, now) || now->uid != then.uid || now->comm != then.comm) return false;
  return now->exe.empty() || now->exe == then.exe;
}

void HolderMemory::learn(const SocketRecord& socket, std::vector<HeldSocket> held, HoldersLeftOut left_out) {
  if (held.empty()) {
    sockets_.erase(socket.inode);
    return;
  }
  // A search for few sockets keeps more of each than there is room for where many are known.
  if (held.size() > most_holders(sockets_.size()) / 2) {
    HeldSockets bounded(sockets_.size());
    for (HeldSocket& one : held) bounded.add(std::move(one));
    const HoldersLeftOut more = bounded.left_out(socket.inode);
    left_out = {left_out.count + more.count, left_out.unlike || more.unlike};
    held = bounded.kept();
  }
  sockets_[socket.inode] = {socket.id, std::move(held), left_out};
}

HoldersLeftOut HolderMemory::left_out(const SocketRecord& socket) const {
  const Known* known = find(socket);
  return known == nullptr ? HoldersLeftOut{} : known->left_out;
}

const HolderMemory::Known* HolderMemory::find(const SocketRecord& socket) const {
  const auto known = sockets_.find(socket.inode);
  return known == sockets_.end() || known->second.id != socket.id ? nullptr : &known->second;
}

std::vector<HeldSocket> HolderMemory::still_held(const Dir& proc, const SocketRecord& socket,
                                                 ProcessesNow& now) const {
  std::vector<HeldSocket> still;
  const Known* known = find(socket);
  if (known == nullptr) return still;
  for (const HeldSocket& held : known->held) {
    const std::optional<Holder>& process = now.at(proc, held.holder.id.pid);
    if (held.fd < 0 || !still_runs(held.holder, process) || !still_refers(proc, held)) continue;
    HeldSocket& renewed = still.emplace_back(held);
    if (process->exe.empty()) {
      renewed.holder.comm = process->comm;
      renewed.holder.uid = process->uid;
    } else {
      renewed.holder = *process;
    }
  }
  return still;
}

bool HolderMemory::is_current(const Dir& proc, const SocketRecord& socket, ProcessesNow& now) const {
  const Known* known = find(socket);
  if (known == nullptr) return true;
  return std::all_of(known->held.begin(), known->held.end(), [&](const HeldSocket& held) {
    if (!is_unchanged(held.holder, now.at(proc, held.holder.id.pid))) return false;
    return held.fd < 0 || still_refers(proc, held);
  });
}

bool HolderMemory::lacks_one_of(const SocketRecord& socket, const std::vector<HeldSocket>& held) const {
  const Known* known = find(socket);
  if (known == nullptr) return !held.empty();
  return std::any_of(held.begin(), held.end(), [known](const HeldSocket& one) {
    return std::none_of(known->held.begin(), known->held.end(),
                        [&one](const HeldSocket& other) { return other.holder.id == one.holder.id; });
  });
}

void HolderMemory::learn_more(const SocketRecord& socket, std::vector<HeldSocket>& held,
                              HoldersLeftOut left_out) {
  if (const Known* known = find(socket); known != nullptr) {
    std::copy_if(known->held.begin(), known->held.end(), std::back_inserter(held),
                 [](const HeldSocket& one) { return one.fd < 0; });
  }
  learn(socket, held, left_out);
}

void HolderMemory::keep_only(std::span<const std::uint32_t> inodes) {
  std::erase_if(sockets_, [&](const auto& entry) {
    return !std::binary_search(inodes.begin(), inodes.end(), entry.first);
  });
}

}  // namespace sockwatch
