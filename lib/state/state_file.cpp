// SPDX-License-Identifier: Apache-2.0
#include "lib/state/state_file.h"

#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "lib/base/dir.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/state/memory_json.h"

namespace sockwatch {
namespace {

constexpr int kVersion = 1;
// What an identity is made of; a file without it is of before 0.2 (lib/watch/old_memory.h).
constexpr const char* kIdentities = "identities";
constexpr int kIdentitiesVersion = 2;

// Ours are five levels deep. The library writes values, which error messages quote, by recursion: what is
// nested without end must not get that far.
bool shallow(int depth, nlohmann::ordered_json::parse_event_t, nlohmann::ordered_json&) {
  constexpr int kDeepest = 16;
  if (depth > kDeepest) throw MalformedMemory("nested too deeply");
  return true;
}
constexpr const char* kName = "state.json";
constexpr const char* kSetAside = "state.json.corrupt";
// Empty. Is there from before a first start learns until what it learned is saved. Alone it says that this
// start was cut short before anything was told; a save that fails gives it the name of the state itself.
constexpr const char* kBegun = "state.json.begun";
constexpr std::size_t kLargestFile = 256 * 1024 * 1024;

// Without the library's own name for the kind of error; with foreign bytes made safe, for it quotes them.
std::string wording(const nlohmann::json::exception& failure) {
  const std::string_view text = failure.what();
  const std::size_t prefix = text.find("] ");
  return printable(prefix == std::string_view::npos ? text : text.substr(prefix + 2));
}

}  // namespace

// One listener after the other: of very many, a tree of values would take several times as much memory as the
// text.
std::string serialize_memory(const Memory& memory, std::string_view boot_id) {
  nlohmann::ordered_json head;
  head["version"] = kVersion;
  head["boot_id"] = boot_id;
  head[kIdentities] = kIdentitiesVersion;
  head["learned"] = to_json(memory.learned);
  constexpr std::string_view kEnd = "\n}";
  std::string text = head.dump(1);
  text.resize(text.size() - kEnd.size());
  text += ",\n \"listeners\": [";
  std::string_view before = "\n  ";
  for (const Listener& listener : memory.known) {
    if (listener.only_counted()) continue;
    text.append(before) += to_json(listener).dump(1);
    before = ",\n  ";
  }
  return text + "\n ]" + std::string(kEnd) + "\n";
}

Result<Memory> parse_memory(std::string_view text, std::string_view boot_id, NamespaceId host) {
  if (text.empty()) return Error{"empty"};
  try {
    const auto root = nlohmann::ordered_json::parse(text, shallow);
    if (const auto& version = root.at("version"); version != kVersion) {
      return Error{"version " + version.dump(-1, ' ', true) + ", expected " + std::to_string(kVersion)};
    }
    // Where the kernel does not tell its boot, any file may be of another.
    const bool same_boot = !boot_id.empty() && root.at("boot_id").get<std::string>() == boot_id;
    return Memory{learned_from_json(root, same_boot), listeners_from_json(root, host, same_boot),
                  !root.contains(kIdentities)};
  } catch (const nlohmann::json::exception& failure) {
    return Error{wording(failure)};
  } catch (const MalformedMemory& failure) {
    return Error{failure.what()};
  }
}

StateFile::StateFile(std::string directory)
    : directory_(std::move(directory)), path_(directory_ + "/" + kName) {}

std::string read_boot_id(const std::string& proc_root) {
  const auto proc = Dir::open(proc_root);
  if (!proc.ok()) return {};
  const auto text = proc->read_file("sys/kernel/random/boot_id", 128);
  return text.ok() ? std::string(trim(*text)) : std::string();
}

Result<std::optional<Memory>> StateFile::read(std::string_view boot_id, NamespaceId host) const {
  const auto directory = Dir::open(directory_);
  if (!directory.ok()) {
    const bool absent = directory.error().code == ENOENT || directory.error().code == ENOTDIR;
    return absent ? Result(std::optional<Memory>()) : directory.error();
  }
  const auto text = directory->read_file(kName, kLargestFile);
  if (text.ok()) {
    auto memory = parse_memory(*text, boot_id, host);
    if (!memory.ok()) return Error{path_ + ": " + memory.error().message, EBADMSG};
    return std::optional(*std::move(memory));
  }
  if (directory->has(kName)) return text.error();
  // Where a crash has come between the two names, or somebody took the successor away.
  if (directory->has(kSetAside))
    return Error{path_ + ": missing, and nothing was saved since " + kSetAside + " was set aside", ENOENT};
  return std::optional<Memory>();
}

Result<std::optional<Memory>> StateFile::load(std::string_view boot_id, NamespaceId host) {
  auto memory = read(boot_id, host);
  unreadable_ = !memory.ok();
  return memory;
}

Result<void> StateFile::begin() {
  auto created = replace_file(directory_, kBegun, "");
  begun_ = created.ok();
  return created;
}

Result<void> StateFile::write(std::string_view text) const {
  // The next start would refuse it.
  if (text.size() > kLargestFile) return Error::from_errno("write " + path_, EFBIG);
  return replace_file(directory_, kName, text, unreadable_ ? kSetAside : "");
}

Result<void> StateFile::save(const Memory& memory, std::string_view boot_id) {
  auto saved = write(serialize_memory(memory, boot_id));
  if (saved.ok()) unreadable_ = false;
  if (!begun_) return saved;
  begun_ = false;
  const std::string begun = directory_ + "/" + kBegun;
  if (saved.ok() || ::access(path_.c_str(), F_OK) == 0) {
    (void)::unlink(begun.c_str());  // beside the state it means nothing
  } else if (::rename(begun.c_str(), path_.c_str()) == 0) {
    (void)sync_directory(directory_);  // the first error is the one to report
  }
  return saved;
}

}  // namespace sockwatch
