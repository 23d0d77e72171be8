// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/holder_memory.h"

#include <algorithm>
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

void HolderMemory::learn(const SocketFile& socket, std::vector<HeldSocket> held, HoldersLeftOut left_out) {
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
  Known& known = sockets_[socket.inode];
  known = {socket.id, {}, left_out};
  known.held.reserve(held.size());
  for (HeldSocket& one : held)
    known.held.push_back({share(std::move(one.holder)), one.fd, one.thread, one.program});
}

std::shared_ptr<const Holder> HolderMemory::share(Holder holder) {
  auto& last = holders_[holder.id.pid];
  if (!last || *last != holder) last = std::make_shared<const Holder>(std::move(holder));
  return last;
}

HeldSocket HolderMemory::held_socket(std::uint32_t inode, const Held& held) {
  return {inode, *held.holder, held.fd, held.thread, held.program};
}

HoldersLeftOut HolderMemory::left_out(const SocketFile& socket) const {
  const Known* known = find(socket);
  return known == nullptr ? HoldersLeftOut{} : known->left_out;
}

const HolderMemory::Known* HolderMemory::find(const SocketFile& socket) const {
  const auto known = sockets_.find(socket.inode);
  return known == sockets_.end() || known->second.id != socket.id ? nullptr : &known->second;
}

std::vector<HeldSocket> HolderMemory::still_held(const Dir& proc, const SocketFile& socket,
                                                 ProcessesNow& now) const {
  std::vector<HeldSocket> still;
  const Known* known = find(socket);
  if (known == nullptr) return still;
  for (const Held& each : known->held) {
    const HeldSocket held = held_socket(socket.inode, each);
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

bool HolderMemory::is_current(const Dir& proc, const SocketFile& socket, ProcessesNow& now) const {
  const Known* known = find(socket);
  if (known == nullptr) return true;
  return std::all_of(known->held.begin(), known->held.end(), [&](const Held& held) {
    if (!is_unchanged(*held.holder, now.at(proc, held.holder->id.pid))) return false;
    return held.fd < 0 || still_refers(proc, held_socket(socket.inode, held));
  });
}

bool HolderMemory::lacks_one_of(const SocketFile& socket, const std::vector<HeldSocket>& held) const {
  const Known* known = find(socket);
  if (known == nullptr) return !held.empty();
  return std::any_of(held.begin(), held.end(), [known](const HeldSocket& one) {
    return std::none_of(known->held.begin(), known->held.end(),
                        [&one](const Held& other) { return other.holder->id == one.holder.id; });
  });
}

void HolderMemory::learn_more(const SocketFile& socket, std::vector<HeldSocket>& held,
                              HoldersLeftOut left_out) {
  if (const Known* known = find(socket); known != nullptr) {
    for (const Held& one : known->held) {
      if (one.fd < 0) held.push_back(held_socket(socket.inode, one));
    }
  }
  learn(socket, held, left_out);
}

void HolderMemory::keep_only(std::span<const std::uint32_t> inodes) {
  std::erase_if(sockets_, [&](const auto& entry) {
    return !std::binary_search(inodes.begin(), inodes.end(), entry.first);
  });
  std::erase_if(holders_, [](const auto& entry) { return entry.second.use_count() == 1; });
}

}  // namespace sockwatch
