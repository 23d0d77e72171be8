// SPDX-License-Identifier: Apache-2.0
#include "cli/journal.h"

#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <memory>
#include <string_view>

#include "lib/base/dir.h"
#include "lib/base/text.h"
#include "lib/policy/glob.h"

namespace sockwatch {
namespace {

constexpr std::string_view kPrefix = "SOCKWATCH_";
constexpr std::array<const char*, 2> kFolders{"/var/log/journal", "/run/log/journal"};

struct Close {
  void operator()(sd_journal* journal) const { ::sd_journal_close(journal); }
};
using Journal = std::unique_ptr<sd_journal, Close>;

Error failed(std::string_view what, int negative_errno) {
  return Error::from_errno(what, -negative_errno);
}

Result<Journal> open_journal(const JournalQuery& query) {
  sd_journal* journal = nullptr;
  int result = 0;
  if (!query.file.empty()) {
    std::array<const char*, 2> paths{query.file.c_str(), nullptr};
    result = ::sd_journal_open_files(&journal, paths.data(), 0);
    if (result < 0) return failed("read " + printable(query.file), result);
  } else if (!query.directory.empty()) {
    result = ::sd_journal_open_directory(&journal, query.directory.c_str(), 0);
    if (result < 0) return failed("read " + printable(query.directory), result);
  } else {
    result = ::sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
    if (result < 0) return failed("open the journal", result);
  }
  return Journal(journal);
}

// Files of the system's journal that are there and may not be read: libsystemd passes over them in silence.
std::vector<std::string> forbidden_files() {
  std::vector<std::string> files;
  for (const char* folder : kFolders) {
    const auto directory = Dir::open(folder);
    if (!directory.ok()) continue;
    const auto machines = directory->entries();
    if (!machines.ok()) continue;
    for (const std::string& machine : *machines) {
      const std::string path = std::string(folder) + "/" + machine + "/system.journal";
      if (::access(path.c_str(), R_OK) != 0 && errno == EACCES) files.push_back(path);
    }
  }
  return files;
}

constexpr const char* kRemedy = ": no permission; run as root, or join the group systemd-journal";

// Whether anything was opened at all: an empty answer must not look like a quiet year.
Result<std::vector<std::string>> check_access(sd_journal* journal, const JournalQuery& query) {
  if (!query.file.empty() || !query.directory.empty()) return std::vector<std::string>();
  std::vector<std::string> unseen;
  for (const std::string& path : forbidden_files()) unseen.push_back(printable(path) + kRemedy);
  const bool any_file =
      ::sd_journal_has_persistent_files(journal) > 0 || ::sd_journal_has_runtime_files(journal) > 0;
  if (any_file) return unseen;
  if (!unseen.empty()) return Error{"the journal cannot be read: " + unseen.front(), EACCES};
  return Error{
      std::string("there is no journal on this machine: no files in ") + kFolders[0] + " or " + kFolders[1],
      ENOENT};
}

Result<void> match(sd_journal* journal, const std::string& field) {
  const int result = ::sd_journal_add_match(journal, field.data(), field.size());
  if (result < 0) return failed("match " + printable(field), result);
  return {};
}

// Several of one field are alternatives, and different fields have to fit all.
Result<void> narrow(sd_journal* journal, const JournalQuery& query) {
  std::vector<std::string> fields;
  const auto every = all_of<Event>();
  const std::vector<Event> all(every.begin(), every.end());
  for (const Event event : query.events.empty() ? all : query.events)
    fields.push_back("SOCKWATCH_EVENT=" + std::string(word(event)));
  if (!query.sender.empty()) fields.push_back("_SYSTEMD_UNIT=" + query.sender);
  // What is about a unit comes by the relay; two values of one field mean either.
  if (query.sender == JournalQuery{}.sender) fields.push_back("_SYSTEMD_UNIT=sockwatch-journal.service");
  if (query.port) {
    fields.push_back("SOCKWATCH_PORT=" + std::to_string(query.port->port));
    if (query.port->protocol)
      fields.push_back("SOCKWATCH_PROTOCOL=" + std::string(word(*query.port->protocol)));
  }
  for (const std::string& field : fields) {
    if (auto matched = match(journal, field); !matched.ok()) return matched;
  }
  return {};
}

// "owner_state" from "SOCKWATCH_OWNER_STATE"; empty for what is none of ours.
std::string name_of(std::string_view field) {
  if (field == "MESSAGE") return "message";
  if (!field.starts_with(kPrefix)) return "";
  std::string name(field.substr(kPrefix.size()));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

JournalEntry read_entry(sd_journal* journal) {
  JournalEntry entry;
  const void* data = nullptr;
  std::size_t size = 0;
  SD_JOURNAL_FOREACH_DATA(journal, data, size) {
    const std::string_view field(static_cast<const char*>(data), size);
    const std::size_t equals = field.find('=');
    const std::string name = name_of(field.substr(0, equals));
    if (!name.empty() && equals != std::string_view::npos)
      entry.fields.insert_or_assign(name, std::string(field.substr(equals + 1)));
  }
  std::uint64_t microseconds = 0;
  if (::sd_journal_get_realtime_usec(journal, &microseconds) >= 0)
    entry.time = WallTime(std::chrono::microseconds(microseconds));
  if (const auto time = entry.fields.find("time"); time != entry.fields.end())
    entry.time = parse_rfc3339(time->second).value_or(entry.time);
  return entry;
}

bool is_wanted(const JournalEntry& entry, const JournalQuery& query) {
  if (query.since && entry.time < *query.since) return false;
  if (query.until && entry.time > *query.until) return false;
  if (query.unit.empty()) return true;
  const auto unit = entry.fields.find("unit");
  return unit != entry.fields.end() && glob_fits(query.unit, unit->second);
}

// An entry may have waited for the journal, never the other way round: what happened since was also written
// since.
Result<void> go_to_start(sd_journal* journal, const JournalQuery& query) {
  int result = 0;
  if (query.since) {
    const auto since = std::chrono::floor<std::chrono::microseconds>(query.since->time_since_epoch()).count();
    result = ::sd_journal_seek_realtime_usec(journal, since > 0 ? static_cast<std::uint64_t>(since) : 0);
  } else {
    result = ::sd_journal_seek_head(journal);
  }
  if (result < 0) return failed("seek in the journal", result);
  return {};
}

Result<void> read_entries(sd_journal* journal, const JournalQuery& query, JournalReading& reading) {
  std::deque<JournalEntry> kept;
  int result = 0;
  while ((result = ::sd_journal_next(journal)) > 0) {
    JournalEntry entry = read_entry(journal);
    if (!is_wanted(entry, query)) continue;
    kept.push_back(std::move(entry));
    if (kept.size() <= query.most) continue;
    kept.pop_front();
    ++reading.left_out;
  }
  if (result < 0) return failed("read the journal", result);
  reading.entries.assign(std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
  std::stable_sort(reading.entries.begin(), reading.entries.end(),
                   [](const JournalEntry& a, const JournalEntry& b) { return a.time < b.time; });
  return {};
}

}  // namespace

Result<JournalReading> read_journal(const JournalQuery& query) {
  auto journal = open_journal(query);
  if (!journal.ok()) return journal.error();
  auto unseen = check_access(journal->get(), query);
  if (!unseen.ok()) return unseen.error();
  JournalReading reading;
  reading.unseen = *std::move(unseen);
  if (auto narrowed = narrow(journal->get(), query); !narrowed.ok()) return narrowed.error();
  if (auto gone = go_to_start(journal->get(), query); !gone.ok()) return gone.error();
  if (auto read = read_entries(journal->get(), query, reading); !read.ok()) return read.error();
  return reading;
}

}  // namespace sockwatch
