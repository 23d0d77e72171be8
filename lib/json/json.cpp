// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json.h"

#include <nlohmann/json.hpp>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

using nlohmann::ordered_json;

ordered_json value_of_text(std::string_view text) {
  return is_utf8(text) ? std::string(text) : printable(text);
}

ordered_json value_of(const Field& field) {
  if (const auto* text = std::get_if<std::string>(&field.value)) return value_of_text(*text);
  if (const auto* number = std::get_if<std::uint64_t>(&field.value)) return *number;
  return std::get<bool>(field.value);
}

std::string one_line(const ordered_json& value) {
  // With `replace` dump() has no reason left to throw; texts are valid UTF-8 here anyway.
  return value.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

ordered_json object_of(std::span<const Field> fields) {
  ordered_json object = ordered_json::object();
  for (const Field& field : fields) object.emplace(std::string(field.name), value_of(field));
  return object;
}

// A process that has just ended may have left no more than its pid, or not even that.
ordered_json holder_of(const Holder& holder) {
  ordered_json object = ordered_json::object();
  if (holder.id.pid != 0) object["pid"] = holder.id.pid;
  if (!holder.comm.empty()) object["comm"] = value_of_text(holder.comm);
  if (!holder.exe.empty()) object["exe"] = value_of_text(holder.exe);
  object["uid"] = holder.uid;
  if (!holder.user.empty()) object["user"] = value_of_text(holder.user);
  return object;
}

}  // namespace

std::string json_text(std::string_view text) {
  return one_line(value_of_text(text));
}

std::string json_object(std::span<const Field> fields) {
  return one_line(object_of(fields));
}

std::string json_object(std::span<const Field> fields, const Owner& owner) {
  ordered_json object = object_of(fields);
  for (const Holder& holder : owner.holders) object["holders"].push_back(holder_of(holder));
  for (const Owner& other : owner.others) {
    for (const Holder& holder : other.holders) object["holders"].push_back(holder_of(holder));
  }
  return one_line(object);
}

std::string json_list(std::span<const std::string> elements) {
  std::string list = "[";
  for (const std::string& element : elements) {
    if (list.size() > 1) list += ',';
    list += element;
  }
  return list + "]";
}

std::string json_document(std::span<const JsonMember> members) {
  std::string document = R"({"schema":1)";
  for (const JsonMember& member : members) {
    document += "," + one_line(ordered_json(member.name)) + ":" + member.json;
  }
  return document + "}";
}

std::string listener_json(const Listener& listener, std::optional<std::uint64_t> connections) {
  return json_object(fields_of(listener, connections), listener.annotation.owner);
}

std::string connection_json(const SocketRecord& connection, const Annotation& annotation,
                            Direction direction) {
  return json_object(fields_of(connection, annotation, direction), annotation.owner);
}

std::string alert_json(const Alert& alert) {
  return json_object(fields_of(alert));
}

std::string unseen_json(std::span<const Unseen> unseen) {
  std::vector<std::string> gaps;
  for (const Unseen& gap : unseen) {
    gaps.push_back(json_object(std::vector<Field>{{"what", gap.what}, {"why", gap.why}}));
  }
  return json_list(gaps);
}

std::string list_document(bool complete, std::span<const Unseen> unseen,
                          std::span<const std::string> sockets) {
  const std::vector<JsonMember> members{{"complete", complete ? "true" : "false"},
                                        {"unseen", unseen_json(unseen)},
                                        {"sockets", json_list(sockets)}};
  return json_document(members);
}

}  // namespace sockwatch
