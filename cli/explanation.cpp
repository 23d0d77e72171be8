// SPDX-License-Identifier: Apache-2.0
#include "cli/explanation.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/colour.h"
#include "cli/reach_report.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "lib/model/display.h"
#include "lib/model/properties.h"
#include "lib/policy/allow.h"

namespace sockwatch {
namespace {

constexpr std::size_t kNameWidth = 15;
constexpr std::size_t kHoldersShown = 8;

// Lines of a name and what there is to say, without those that have nothing to say.
class Facts {
 public:
  // The text must be printable.
  void add(std::string_view name, const std::string& text) {
    if (text.empty()) return;
    std::string padded(name);
    padded.resize(kNameWidth, ' ');
    lines_ += "  " + padded + text + "\n";
  }
  std::string take() { return std::move(lines_); }

 private:
  std::string lines_;
};

std::string place_of(const Listener& listener) {
  return printable(endpoint_text(listener));
}

std::string heading(const Listener& listener, bool colour) {
  constexpr PerWord<VerdictKind, std::string_view> kSentences{
      "that is expected", "that is unexpected", "the policy ignores it", "its owner is still sought"};
  constexpr PerWord<VerdictKind, Paint> kPaints{Paint::Good, Paint::Bad, Paint::Plain, Paint::Doubtful};
  const auto kind = static_cast<std::size_t>(listener.verdict.kind);
  const std::string place = place_of(listener);
  const std::string sentence(kSentences[kind]);
  return (colour ? painted(place, Paint::Heading) : place) + " is open, and " +
         (colour ? painted(sentence, kPaints[kind]) : sentence) + ".\n";
}

std::string holder_text(const Holder& holder) {
  std::string text = holder.comm.empty() ? "a process" : printable(holder.comm);
  text += ", pid " + std::to_string(holder.id.pid);
  if (!holder.exe.empty()) text += ", " + printable(holder.exe);
  return text;
}

std::string why_nobody(OwnerState state) {
  switch (state) {
    case OwnerState::Known:
      return "";
    case OwnerState::Kernel:
      return "the kernel itself; no process holds it";
    case OwnerState::Exited:
      return "nobody any more: whoever opened it has exited";
    case OwnerState::InFlight:
      return "nobody right now: it is on its way from one process to another";
    case OwnerState::OtherPidNamespace:
      return "a process of another pid namespace, which does not show here";
    case OwnerState::NoPermission:
      return "unknown (no-permission): other users' /proc/PID/fd may not be read";
    case OwnerState::Budget:
      return "unknown: still sought";
    case OwnerState::Unexplained:
      return "unexplained: no process holds it, and no reason for that was found";
  }
  return "";
}

// Those that have no sentence of their own.
void add_properties(Facts& facts, const Listener& listener) {
  for (const Property& property : properties()) {
    if (property.title.empty()) continue;
    if (const auto value = property.shown_value(known(listener)))
      facts.add(property.title, printable(text_of(*value)));
  }
}

void add_holders(Facts& facts, const Owner& owner) {
  if (owner.holders.empty()) facts.add("held by", why_nobody(owner.state));
  const std::size_t shown = std::min(owner.holders.size(), kHoldersShown);
  for (std::size_t i = 0; i < shown; ++i) facts.add(i == 0 ? "held by" : "", holder_text(owner.holders[i]));
  if (owner.holders.size() > shown)
    facts.add("", "and " + std::to_string(owner.holders.size() - shown) + " more");
}

std::string shared_text(const Owner& other) {
  std::string text = other.holders.empty() ? why_nobody(other.state) : holder_text(other.holders.front());
  if (!other.unit.empty()) text += ", " + printable(other.unit);
  if (!other.container.empty()) text += ", " + printable(other.container);
  return other.user.empty() ? text : text + ", user " + printable(other.user);
}

std::string everybody_else(const Owner& owner) {
  std::string text;
  for (const Owner& other : owner.others) text += (text.empty() ? "" : "; ") + shared_text(other);
  return text;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return text;
}

// Of a listener in another network namespace than the machine's own.
std::string reach_in_namespace(Scope scope, const std::optional<std::vector<std::string>>& interfaces) {
  const std::string closed = "its own network namespace only";
  if (scope == Scope::Loopback) return closed;
  if (interfaces && interfaces->empty()) return closed + ": no interface but loopback is up there";
  std::string text = "its network namespace";
  if (interfaces) text += ", where " + join(*interfaces) + (interfaces->size() == 1 ? " is up" : " are up");
  if (scope == Scope::Any) return "every address of " + text;
  return "the networks of " + text;
}

std::string reach_by_address(const Explained& explained) {
  constexpr PerWord<Scope, std::string_view> kReach{
      "this machine only",
      "the networks it is directly attached to",
      "private networks",
      "a public address: the internet, where no firewall is in between",
      "whoever sends to a multicast group",
      "every address of this machine: all networks it is in, where no firewall is in between"};
  const Annotation& annotation = explained.open.listener.annotation;
  if (annotation.name_space != kHostNamespace)
    return reach_in_namespace(annotation.scope, explained.interfaces);
  return std::string(kReach[static_cast<std::size_t>(annotation.scope)]);
}

std::string reach_of(const Explained& explained) {
  const Listener& listener = explained.open.listener;
  const SocketRecord& record = listener.members.front();
  const Scope scope = listener.annotation.scope;
  const bool ip = has_ip_address(listener.key.protocol);
  const bool transparent = ip && listener.transparent().value_or(false);
  std::string text = reach_by_address(explained);
  if (transparent)
    text = "what firewall and routes hand to it, to whatever address it was sent (IP_TRANSPARENT)";
  if (listener.may_be_v6only() && !transparent)
    text += listener.covers_ipv4() ? "; IPv6 and IPv4" : "; IPv6 only";
  if (ip && !record.device.empty() && scope != Scope::LinkLocal)
    text += "; only by " + printable(record.device);
  if (ip && !listener.transparent() && scope == Scope::Loopback)
    text += "; whether it is transparent to other addresses is not known";
  return text + " (" + std::string(word(scope)) + ")";
}

void add_reach(Facts& facts, const firewall::Reach& reach) {
  const bool shut = reach.word == firewall::ReachWord::Filtered;
  facts.add("reach", std::string(word(reach.word)));
  facts.add("from", ways_text(reach));
  facts.add(shut ? "stopped by" : "let in by", list_text(reach.decided_by));
  facts.add("published to", list_text(reach.published_to));
  facts.add("not decided", list_text(reach.unknown));
}

std::string port_text(const Listener& listener) {
  std::string text =
      std::to_string(listener.key.local.port) + ", " + std::string(word(listener.annotation.category));
  if (listener.bind() == Bind::Explicit) text += ", chosen by the program";
  if (listener.bind() == Bind::Assigned) text += ", handed out by the kernel";
  return text;
}

std::string service_text(const Annotation& annotation) {
  if (!annotation.service) return "";
  constexpr PerWord<ServiceSource, std::string_view> kSources{
      "your own file", "the common ports", "the ports people really run", "the IANA registry"};
  const Service& service = *annotation.service;
  std::string text = printable(service.name);
  if (!service.title.empty()) text += ", " + printable(service.title);
  return text + " (a hint from " + std::string(kSources[static_cast<std::size_t>(service.source)]) + ")";
}

std::string traffic_text(const Annotation& annotation) {
  if (!annotation.service) return "";
  const Service& service = *annotation.service;
  constexpr PerWord<Encryption, std::string_view> kTraffic{
      "", "usually plaintext", "plaintext until upgraded to TLS", "usually encrypted"};
  std::string text(kTraffic[static_cast<std::size_t>(service.encryption)]);
  if (!text.empty() && !service.safer.empty()) text += "; safer: " + printable(service.safer);
  return text;
}

// What the kernel did not tell is left out.
std::string queue_text(const Listener& listener) {
  const SocketRecord& socket = listener.members.front();
  if (!socket.queue_told) return "";
  const bool accepts = socket.state == SocketState::Listen;
  std::string text = std::to_string(listener.queue_length()) +
                     (accepts ? " connections wait to be accepted" : " bytes wait to be read");
  if (accepts && socket.limit_told) text += ", the limit is " + std::to_string(listener.queue_limit());
  if (socket.drops_told) text += "; " + std::to_string(listener.drops_total) + " dropped so far";
  return text;
}

std::string sockets_text(const Listener& listener) {
  const std::size_t members = listener.members.size();
  return members == 1 ? "" : std::to_string(members) + ", which share the port (SO_REUSEPORT)";
}

std::string decision_text(const Verdict& verdict) {
  if (verdict.rule == "default") return "no rule: the default for what no rule names";
  if (verdict.rule == "learned") return "what was learned: it was open when sockwatch first ran here";
  std::string text = "rule \"" + printable(verdict.rule) + "\"";
  if (!verdict.origin.empty()) text += ", " + printable(verdict.origin);
  if (!verdict.reason.empty()) text += ": " + printable(verdict.reason);
  return text;
}

std::string time_text(std::optional<WallTime> time) {
  return time && *time != WallTime{} ? to_rfc3339(*time) : std::string();
}

// Where a rule expects it already there is nothing to add.
bool wants_lines(const Verdict& verdict) {
  return verdict.kind == VerdictKind::Unexpected || verdict.kind == VerdictKind::Pending ||
         verdict.rule == "learned";
}

void add_text(std::vector<Field>& fields, std::string_view name, const std::string& text) {
  if (!text.empty()) fields.push_back({name, text});
}

}  // namespace

std::string explanation_text(const Explained& explained, bool colour) {
  const Listener& listener = explained.open.listener;
  const Annotation& annotation = listener.annotation;
  const Owner& owner = annotation.owner;
  Facts facts;
  add_properties(facts, listener);
  add_holders(facts, owner);
  facts.add("child of", printable(explained.parents));
  for (const Owner& other : owner.others) facts.add("shared with", shared_text(other));
  if (owner.more_others > 0) facts.add("shared with", std::to_string(owner.more_others) + " more");
  facts.add("user", printable(owner.user));
  if (annotation.name_space != kHostNamespace)
    facts.add("network", "namespace " + printable(annotation.name_space));
  facts.add("running since", time_text(explained.process_started));
  facts.add("first seen", time_text(listener.first_seen.wall));
  facts.add("reached by", reach_of(explained));
  if (explained.open.reach) add_reach(facts, *explained.open.reach);
  facts.add("port", port_text(listener));
  facts.add("service", service_text(annotation));
  facts.add("traffic", traffic_text(annotation));
  facts.add("sockets", sockets_text(listener));
  if (explained.open.connections) facts.add("connections", std::to_string(*explained.open.connections));
  facts.add("queue", queue_text(listener));
  facts.add("decided by", decision_text(listener.verdict));

  std::string text = heading(listener, colour) + facts.take();
  if (!wants_lines(listener.verdict)) return text;
  return text + "\nThese lines in a file of " + printable(explained.policy_directory) +
         " would expect it:\n\n" + allow_lines(listener);
}

std::string explanation_json(const Explained& explained) {
  const Listener& listener = explained.open.listener;
  std::vector<Field> fields = fields_of(listener, explained.open.connections);
  if (const auto& service = listener.annotation.service) {
    add_text(fields, "title", service->title);
    add_text(fields, "title_ja", service->title_ja);
    if (service->encryption != Encryption::Unknown) {
      add_text(fields, "encrypted", std::string(word(service->encryption)));
    }
    add_text(fields, "safer", service->safer);
    add_text(fields, "service_source", std::string(word(service->source)));
  }
  add_text(fields, "process_started", time_text(explained.process_started));
  add_text(fields, "parents", explained.parents);
  add_text(fields, "shared_with", everybody_else(listener.annotation.owner));
  add_text(fields, "rule_origin", listener.verdict.origin);
  add_text(fields, "rule_reason", listener.verdict.reason);
  add_text(fields, "allow", allow_lines(listener));
  std::string object = json_object(fields, listener.annotation.owner);
  return explained.open.reach ? with_reach(std::move(object), *explained.open.reach) : object;
}

}  // namespace sockwatch
