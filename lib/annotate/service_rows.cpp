// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/service_rows.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kRequiredColumns = 3;
constexpr std::size_t kColumns = 7;
constexpr std::size_t kLongestName = 63;

// One line, and where it stands for the person who has to mend it.
struct Line {
  std::string_view file_name;
  std::size_t number;
  std::string_view text;

  // `part` is a part of `text`. Columns count characters, as editors do.
  Error error_at(std::string_view part, const std::string& message) const {
    const auto before = std::count_if(text.data(), part.data(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // not a continuation byte of UTF-8
    });
    return {std::string(file_name) + ":" + std::to_string(number) + ":" + std::to_string(before + 1) + ": " +
            message};
  }
};

// A part of the file as an error shows it: safe on a terminal and not longer than a line.
std::string quoted(std::string_view part) {
  constexpr std::size_t kLongest = 40;
  const bool whole = part.size() <= kLongest;
  return "\"" + printable(part.substr(0, kLongest)) + (whole ? "\"" : "...\"");
}

bool is_service_name(std::string_view text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_allowed = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return text.size() <= kLongestName && std::any_of(text.begin(), text.end(), is_letter) &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

Result<std::string_view> read_text(const Line& line, std::string_view field) {
  if (field == "-") return std::string_view();
  if (printable(field) != field) {
    return line.error_at(
        field, quoted(field) + " cannot be shown, expected UTF-8 without control characters or backslashes");
  }
  return field;
}

Result<std::vector<Protocol>> read_transports(const Line& line, std::string_view field) {
  std::vector<Protocol> transports;
  for (const std::string_view part : split(field, ',')) {
    const auto transport = parse_word<Protocol>(part);
    if (transport != Protocol::Tcp && transport != Protocol::Udp && transport != Protocol::Sctp) {
      return line.error_at(
          part, quoted(part) + " is not a transport, expected tcp, udp or sctp, or several with commas");
    }
    transports.push_back(*transport);
  }
  return transports;
}

// Everything but the transport.
Result<ServiceRow> read_row(const Line& line, const std::vector<std::string_view>& fields) {
  ServiceRow row;
  const auto port = parse_integer<std::uint16_t>(fields[0]);
  if (!port || *port == 0) {
    return line.error_at(fields[0], quoted(fields[0]) + " is not a port, expected a number from 1 to 65535");
  }
  row.port = *port;
  row.name = fields[2];
  if (!is_service_name(row.name)) {
    return line.error_at(row.name,
                         quoted(row.name) +
                             " is not a service name, expected lower-case letters, digits, \"-\", \"_\" "
                             "and \".\", at most 63 and at least one letter");
  }
  const auto encryption =
      fields[5].empty() || fields[5] == "-" ? Encryption::Unknown : parse_word<Encryption>(fields[5]);
  if (!encryption) {
    return line.error_at(fields[5], quoted(fields[5]) + " does not say whether it is encrypted, expected " +
                                        list_of_words<Encryption>());
  }
  row.encryption = *encryption;
  for (const auto& [field, text] : {std::pair(fields[3], &row.title), std::pair(fields[4], &row.title_ja),
                                    std::pair(fields[6], &row.safer)}) {
    const auto shown = read_text(line, field);
    if (!shown) return shown.error();
    *text = *shown;
  }
  return row;
}

// Cuts the line at its tabs; missing columns become empty.
Result<std::vector<std::string_view>> read_fields(const Line& line) {
  std::vector<std::string_view> fields = split(line.text, '\t');
  if (fields.size() < kRequiredColumns) {
    return line.error_at(line.text,
                         "a column is missing, expected port, transport and service with a tab between them");
  }
  if (fields.size() > kColumns) {
    return line.error_at(
        fields[kColumns],
        "one column too many, expected port, transport, service, title, title_ja, encrypted and safer");
  }
  fields.resize(kColumns, line.text.substr(line.text.size()));
  return fields;
}

}  // namespace

Result<std::vector<ServiceRow>> read_service_rows(std::string_view file_name, std::string_view text,
                                                  ServiceSource source) {
  std::vector<ServiceRow> rows;
  std::map<std::pair<std::uint16_t, Protocol>, std::size_t> line_of;
  Line line{file_name, 0, {}};
  for (std::string_view content : split(text, '\n')) {
    ++line.number;
    if (content.ends_with('\r')) content.remove_suffix(1);  // as some editors end lines
    line.text = content;
    if (trim(content).empty() || content.starts_with('#')) continue;
    const auto fields = read_fields(line);
    if (!fields) return fields.error();
    auto row = read_row(line, *fields);
    if (!row) return row.error();
    row->source = source;
    const auto transports = read_transports(line, (*fields)[1]);
    if (!transports) return transports.error();
    for (const Protocol transport : *transports) {
      const auto [first, is_new] = line_of.try_emplace({row->port, transport}, line.number);
      if (!is_new) {
        return line.error_at(content, std::to_string(row->port) + "/" + std::string(word(transport)) +
                                          " is in line " + std::to_string(first->second) +
                                          " already, expected each port and transport once");
      }
      row->protocol = transport;
      rows.push_back(*row);
    }
  }
  return rows;
}

}  // namespace sockwatch
