// SPDX-License-Identifier: Apache-2.0
// sockwatch history: what the daemon has told, out of the journal.
#include <memory>

#include "cli/journal.h"
#include "cli/output.h"
#include "cli/subcommand.h"
#include "cli/time_argument.h"
#include "lib/base/text.h"
#include "lib/json/json.h"

namespace sockwatch {
namespace {

struct HistoryOptions {
  CommonOptions common;
  std::string since;
  std::string until;
  std::string port;
  std::vector<std::string> events;
  JournalQuery query;
};

constexpr const char* kHistoryExamples = R"(Examples:
  sockwatch history --since today
  sockwatch history --since "2026-11-24 06:00" --until "2026-11-24 07:00"
  sockwatch history --port 4444/tcp --since 30d     who had it, and when
  sockwatch history --unit 'nginx*' --event owner-changed --event listener-opened
  sockwatch history --json | jq '.alerts[] | select(.severity == "critical")'

Reads the journal: as root, or in the group systemd-journal. Needs no daemon.
Exit codes: 0 told, 2 wrong usage, 4 there is no journal, or it cannot be read in full.)";

// Numbers in the journal's text, as fields_of() has them.
bool is_number(std::string_view name) {
  return name == "port" || name == "pid" || name == "uid";
}

std::string entry_json(const JournalEntry& entry) {
  std::vector<Field> fields;
  for (const auto& [name, text] : entry.fields) {
    const auto number = is_number(name) ? parse_integer<std::uint64_t>(text) : std::nullopt;
    if (number) {
      fields.push_back({name, *number});
    } else {
      fields.push_back({name, text});
    }
  }
  return json_object(fields);
}

std::string history_json(const JournalReading& reading) {
  std::vector<std::string> rows;
  for (const JournalEntry& entry : reading.entries) rows.push_back(entry_json(entry));
  return json_document(std::vector<JsonMember>{{"alerts", json_list(rows)}}) + "\n";
}

std::string text_at(const JournalEntry& entry, const char* name) {
  const auto found = entry.fields.find(name);
  return found == entry.fields.end() ? "" : found->second;
}

std::string history_text(const JournalReading& reading, TableStyle style) {
  TextTable table({{"TIME"}, {"EVENT"}, {"MESSAGE"}});
  for (const JournalEntry& entry : reading.entries) {
    const Paint paint = text_at(entry, "tone") == word(AlertTone::Right) ? Paint::Good : Paint::Bad;
    table.add({{to_rfc3339(entry.time)}, {text_at(entry, "event"), paint}, {text_at(entry, "message")}});
  }
  style.width = 0;  // a message that is cut off is of no use
  return table.render(style);
}

Result<std::optional<WallTime>> read_time(const std::string& option, const std::string& text) {
  if (text.empty()) return std::optional<WallTime>();
  const auto time = parse_time(text, SystemClock().now().wall);
  if (!time.ok()) return time.error().within(option);
  return std::optional<WallTime>(*time);
}

Result<JournalQuery> query_of(const HistoryOptions& options) {
  JournalQuery query = options.query;
  const auto since = read_time("--since", options.since);
  if (!since.ok()) return since.error();
  query.since = *since;
  const auto until = read_time("--until", options.until);
  if (!until.ok()) return until.error();
  query.until = *until;
  if (query.since && query.until && *query.since > *query.until)
    return Error{"--since " + options.since + " is later than --until " + options.until};
  if (!options.port.empty()) {
    const auto port = parse_port(options.port);
    if (!port.ok()) return port.error();
    query.port = *port;
  }
  for (const std::string& event : options.events) query.events.push_back(*parse_word<Event>(event));
  return query;
}

ExitCode run(const HistoryOptions& options) {
  const auto query = query_of(options);
  if (!query.ok()) return fail(query.error(), ExitCode::Usage);
  const auto reading = read_journal(*query);
  if (!reading.ok()) return fail(reading.error(), ExitCode::Incomplete);
  const auto written =
      write_out(options.common.json
                    ? history_json(*reading)
                    : history_text(*reading, standard_output(options.common.colour_mode()).table_style()));
  if (!written.ok()) return fail(written.error(), ExitCode::Incomplete);
  if (reading->entries.empty() && reading->unseen.empty())
    remark("nothing was told, as far as the journal goes back");
  if (reading->left_out > 0)
    remark(std::to_string(reading->left_out) + " older ones are left out, --lines shows more");
  for (const std::string& unseen : reading->unseen) remark(unseen);
  return reading->unseen.empty() ? ExitCode::Fine : ExitCode::Incomplete;
}

}  // namespace

Command history_command() {
  const auto options = std::make_shared<HistoryOptions>();
  Command command{.name = "history",
                  .help = "What the daemon has told, out of the journal",
                  .footer = kHistoryExamples,
                  .run = [options] { return run(*options); }};
  command.options = {
      {.names = "--since",
       .target = &options->since,
       .help = "From then on: 24h (ago), today, 2026-11-24, \"2026-11-24 06:29\"",
       .value = "TIME"},
      {.names = "--until", .target = &options->until, .help = "Until then", .value = "TIME"},
      {.names = "--port", .target = &options->port, .help = "About this port only", .value = "[PROTO/]PORT"},
      {.names = "--unit",
       .target = &options->query.unit,
       .help = "About listeners of these units only",
       .value = "GLOB"},
      {.names = "--event",
       .target = &options->events,
       .help = "Events of this kind only; may be given again",
       .value = "EVENT",
       .choices = {Words<Event>::values.begin(), Words<Event>::values.end()},
       .one_each = true},
      {.names = "-n,--lines",
       .target = &options->query.most,
       .help = "The last ones only (default 10000)",
       .value = "NUMBER",
       .range = OptionRange{1, 10000000}},
      {.names = "--file", .target = &options->query.file, .help = "Of a journal file", .value = "FILE"},
      {.names = "-D,--directory",
       .target = &options->query.directory,
       .help = "Of a directory of journal files",
       .value = "DIR",
       .excludes = {"--file"}},
      {.names = "--sender",
       .target = &options->query.sender,
       .help = "Entries that this unit wrote (default sockwatch.service); empty: anybody",
       .value = "UNIT"},
  };
  add_json_option(command, options->common);
  add_colour_option(command, options->common);
  return command;
}

}  // namespace sockwatch
