// SPDX-License-Identifier: Apache-2.0
// JSON as every program of ours writes it: `--json`, the API, webhooks, one line on stderr. Values are JSON
// texts, each on one line, and larger ones are put together from smaller ones; the library behind stays in
// this room. Output is pure ASCII: everything else is \u-escaped, so no foreign name can steer the terminal
// that shows it. Bytes that are not UTF-8 become \xNN, as in printable(). Pure; never throws.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/fields.h"
#include "lib/model/snapshot.h"

namespace sockwatch {

// "web1", quoted.
std::string json_text(std::string_view text);
// {"protocol":"tcp","port":22}, in the order of the fields.
std::string json_object(std::span<const Field> fields);
// The same with all that hold the socket at its end: "holders":[{"pid":812,…},…].
std::string json_object(std::span<const Field> fields, const Owner& owner);
// [a,b] from elements that are JSON already.
std::string json_list(std::span<const std::string> elements);

// A member whose value is JSON already.
struct JsonMember {
  std::string_view name;
  std::string json;
};
// {"schema":1, …}: what stands at the top of everything we print.
std::string json_document(std::span<const JsonMember> members);

std::string listener_json(const Listener& listener, std::optional<std::uint64_t> connections = std::nullopt);
std::string connection_json(const SocketRecord& connection, const Annotation& annotation,
                            Direction direction);
std::string alert_json(const Alert& alert);

// [{"what":…,"why":…}]
std::string unseen_json(std::span<const Unseen> unseen);

// {"schema":1,"complete":true,"unseen":[{"what":…,"why":…}],"sockets":[…]}
std::string list_document(bool complete, std::span<const Unseen> unseen,
                          std::span<const std::string> sockets);

}  // namespace sockwatch
