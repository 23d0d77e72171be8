// SPDX-License-Identifier: Apache-2.0
// What is known of a listener or a connection: one row a property, in the order of output. JSON, the journal,
// labels, rules and their tests, the state and change detection read this table, and the reference pages are
// compared with it. Values are foreign text as it is; each reader escapes them its own way. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "lib/base/words.h"
#include "lib/model/annotation.h"
#include "lib/model/connections.h"
#include "lib/model/listener.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

using Value = std::variant<std::string, std::uint64_t, bool>;

// Where only text will do: a journal field, a label, a glob.
std::string text_of(const Value& value);

// A word is one of a closed set; a time is RFC 3339.
enum class PropertyKind : std::uint8_t { Text, Word, Number, Flag, Time };
template <>
struct Words<PropertyKind> {
  static constexpr std::array<std::string_view, 5> values = {"text", "word", "number", "flag", "time"};
};

// The readers of a property.
enum class PropertyUse : std::uint8_t {
  Listener,    // documents about a listener
  Connection,  // documents about a connection
  Alert,       // alerts about a listener: the journal, webhooks, standard error
  Label,       // a label of sockwatch_listener_info: its values are bounded
  AlertLabel,  // a label of an alert for Alertmanager: its value lasts over a restart
  Rule,        // a matcher of rules, under its name: globs, words, or true and false
  State,       // remembered over a restart of sockwatch; it has a setter
  Change,      // another value is a change of the listener, as another owner or verdict always is
  Test,        // a key of the sockets in a policy's tests; it has a setter
};
template <>
struct Words<PropertyUse> {
  static constexpr std::array<std::string_view, 9> values = {
      "listener", "connection", "alert", "label", "alert-label", "rule", "state", "change", "test"};
};

// The kind, and of a word the closed set.
struct PropertyType {
  PropertyKind kind;
  std::span<const std::string_view> words = {};
};

class PropertyUses {
 public:
  constexpr PropertyUses(PropertyUse use)  // NOLINT(google-explicit-constructor): one use is a set of uses
      : bits_(1U << static_cast<unsigned>(use)) {}
  friend constexpr PropertyUses operator|(PropertyUses some, PropertyUses more) {
    some.bits_ |= more.bits_;
    return some;
  }
  constexpr bool has(PropertyUse use) const { return (bits_ >> static_cast<unsigned>(use) & 1U) != 0; }

 private:
  unsigned bits_;
};
constexpr PropertyUses operator|(PropertyUse one, PropertyUse other) {
  return PropertyUses(one) | PropertyUses(other);
}

// A listener or a connection, as getters see it. Refers to what it was made of.
struct KnownSocket {
  const SocketRecord& record;  // a listener's first member
  const Annotation& annotation;
  const Listener* listener = nullptr;             // null: it is a connection
  std::optional<std::uint64_t> connections = {};  // that a listener holds, where they were counted
  std::optional<Direction> direction = {};        // of a connection

  // Null where no process can own the socket: it is not accepted yet, or in TIME_WAIT.
  const Owner* owner() const;
};
KnownSocket known(const Listener& listener, std::optional<std::uint64_t> connections = std::nullopt);
KnownSocket known(const SocketRecord& connection, const Annotation& annotation, Direction direction);

struct Property {
  std::string_view name;  // JSON: "owner_state"; the journal: SOCKWATCH_OWNER_STATE
  PropertyType type;
  PropertyUses uses;
  // Nothing where it is not known. Asked of a connection only with that use.
  std::optional<Value> (*get)(const KnownSocket& socket);
  // Where documents leave out a value that a label has.
  bool (*shown)(const KnownSocket& socket) = nullptr;
  std::string_view label = {};  // of metrics, where that is not the name
  std::string_view title =
      {};  // of the line that `sockwatch explain` has for it; empty: a sentence of its own
  // What an alert's label says instead: the part that a restart does not change.
  std::optional<Value> (*lasting)(const KnownSocket& socket) = nullptr;
  // The families that have it; null: all. A rule that names it means their sockets alone.
  bool (*only)(Protocol protocol) = nullptr;
  // Makes it so: `value` is of its kind, and a word is one of the set.
  void (*set)(Listener& listener, const Value& value) = nullptr;

  // As documents have it.
  std::optional<Value> shown_value(const KnownSocket& socket) const {
    return shown == nullptr || shown(socket) ? get(socket) : std::nullopt;
  }
  std::string_view label_name() const { return label.empty() ? name : label; }
};

// In the order of output. A name is there twice where listeners and connections have it at different places.
std::span<const Property> properties();
// By those whose other value is a change.
bool same_properties(const Listener& before, const Listener& after);
// Null where rules do not match a property of that name.
const Property* matched_property(std::string_view name);

}  // namespace sockwatch
