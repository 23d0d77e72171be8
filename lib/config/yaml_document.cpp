// SPDX-License-Identifier: Apache-2.0
#include "lib/config/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>
#include <string>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kDeepest = 6;  // a header of http_server_config needs 3
// Aliases let a few lines stand for billions of values.
constexpr std::size_t kMostNodes = 10'000;

// What cannot be part of our tree, and where.
struct Refused {
  Position at;
  std::string what;
};

std::optional<bool> truth(const std::string& text) {
  for (const char* word : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}) {
    if (text == word) return true;
  }
  for (const char* word : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

// Copies yaml-cpp's tree into ours. Throws Refused, which does not leave this file.
class Copier {
 public:
  explicit Copier(std::string_view text) : lines_(split(text, '\n')) {}

  Table copy(const YAML::Node& root) {
    if (root.IsNull()) return {};
    if (!root.IsMap())
      throw Refused{position(root.Mark(), {1, 1}), "expected a mapping, \"key: value\" lines"};
    return copy_map(root, {1, 1});
  }

  // yaml-cpp counts bytes from 0; it has no mark for what is not there.
  Position position(const YAML::Mark& mark, Position otherwise) const {
    const auto line = static_cast<std::size_t>(mark.line);
    if (mark.is_null() || line >= lines_.size()) return otherwise;
    const std::string_view before = lines_[line].substr(0, static_cast<std::size_t>(mark.column));
    const auto starts =
        std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xC0) != 0x80; });
    return {static_cast<std::uint32_t>(line + 1), static_cast<std::uint32_t>(starts + 1)};
  }

 private:
  Table copy_map(const YAML::Node& from, Position at) {
    Table table;
    for (const auto& pair : from) {
      const Position key_at = position(pair.first.Mark(), at);
      if (!pair.first.IsScalar()) throw Refused{key_at, "this key is no text"};
      const std::string& key = pair.first.Scalar();
      if (key == "<<" && pair.first.Tag() == "?") continue;
      if (has_key(table, key)) throw Refused{key_at, "this key is there twice"};
      table.push_back({key, key_at, copy_node(pair.second, key_at)});
    }
    for (const auto& pair : from) {
      if (pair.first.Scalar() == "<<" && pair.first.Tag() == "?")
        merge(copy_node(pair.second, at), position(pair.first.Mark(), at), table);
    }
    return table;
  }

  static bool has_key(const Table& table, const std::string& key) {
    return std::any_of(table.begin(), table.end(), [&](const Entry& entry) { return entry.key == key; });
  }

  // yaml.org/type/merge: the keys of a mapping, or of several, which do not replace what is there.
  static void merge(const Node& from, Position at, Table& table) {
    if (const Array* several = from.as<Array>()) {
      for (const Node& each : *several) merge(each, at, table);
      return;
    }
    const Table* other = from.as<Table>();
    if (other == nullptr) throw Refused{at, "<< merges something else than mappings"};
    for (const Entry& entry : *other) {
      if (!has_key(table, entry.key)) table.push_back(entry);
    }
  }

  // `near` is the position of a node without one: yaml-cpp marks nothing by what comes next.
  Node copy_node(const YAML::Node& from, Position near) {
    Node node{from.IsNull() ? near : position(from.Mark(), near), Moment{}};
    if (++count_ > kMostNodes) throw Refused{node.at, "too many values, no such file needs them"};
    if (++depth_ > kDeepest) throw Refused{node.at, "nested too deep, no key is"};
    if (const std::string& tag = from.Tag(); !tag.empty() && tag != "?" && tag != "!")
      throw Refused{node.at, "has a tag, expected none"};
    if (from.IsMap()) {
      node.value = copy_map(from, node.at);
    } else if (from.IsSequence()) {
      Array& values = node.value.emplace<Array>();
      for (const YAML::Node& element : from) values.push_back(copy_node(element, node.at));
    } else {
      copy_scalar(from, node);
    }
    --depth_;
    return node;
  }

  static void copy_scalar(const YAML::Node& from, Node& node) {
    const std::string text = from.IsScalar() ? from.Scalar() : std::string();
    const std::optional<bool> flag = from.Tag() == "?" ? truth(text) : std::nullopt;
    if (flag) {
      node.value = *flag;
    } else {
      node.value = text;
    }
  }

  std::vector<std::string_view> lines_;
  std::size_t depth_ = 0;
  std::size_t count_ = 0;
};

// "the referenced anchor is not defined: hunter2": behind the colon stands what was read, perhaps a secret.
std::string without_quotation(const std::string& message) {
  return message.substr(0, message.find(':'));
}

// Where the last document begins that it is shown.
struct SecondDocument final : YAML::EventHandler {
  YAML::Mark at;

  void OnDocumentStart(const YAML::Mark& mark) override { at = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

// YAML 1.2 5.1. yaml-cpp takes some of them for the end of the text, and would leave out what follows.
bool is_forbidden(char c) {
  return (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

std::optional<Refused> forbidden_bytes(std::string_view text) {
  if (!is_utf8(text)) return Refused{{1, 1}, "is not valid UTF-8"};
  const auto found = std::find_if(text.begin(), text.end(), is_forbidden);
  if (found == text.end()) return std::nullopt;
  const auto lines = std::count(text.begin(), found, '\n');
  return Refused{{static_cast<std::uint32_t>(lines + 1), 1}, "a control character, expected text"};
}

// Before a last end of line yaml-cpp 0.7 takes a quoted text without its closing quote for complete.
Table parse(std::string_view text, Copier& copier) {
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  SecondDocument second;
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  // Not LoadAll(): of "'a',b" it finds the second document again and again, for ever.
  if (parser.HandleNextDocument(second) && parser.HandleNextDocument(second))
    throw Refused{copier.position(second.at, {1, 1}), "a second document, expected one"};
  return copier.copy(YAML::Load(std::string(text)));
}

}  // namespace

Result<Table> parse_yaml(std::string_view file, std::string_view text) {
  Problems problems;
  if (const auto refused = forbidden_bytes(text)) {
    problems.add(file, refused->at, refused->what);
    return problems.error();
  }
  Copier copier(text);
  try {
    return parse(text, copier);
  } catch (const Refused& refused) {
    problems.add(file, refused.at, refused.what);
  } catch (const YAML::Exception& error) {
    problems.add(file, copier.position(error.mark, {1, 1}), "bad YAML: " + without_quotation(error.msg));
  } catch (const std::exception& error) {  // nested too deep for the parser itself
    problems.add(file, {1, 1}, std::string("bad YAML: ") + error.what());
  }
  return problems.error();
}

}  // namespace sockwatch
