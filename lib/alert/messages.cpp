// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/messages.h"

#include <algorithm>
#include <vector>

#include "lib/base/text.h"
#include "lib/model/display.h"
#include "lib/model/owner_identity.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMaxListed = 100;

// Who opened it, where nobody is found who has it.
const Holder* last_known(const Owner& owner) {
  return owner.holders.empty() && owner.opener && owner.state != OwnerState::Kernel ? &*owner.opener
                                                                                    : nullptr;
}

// "nc", or what is known in place of a name.
std::string program(const Owner& owner) {
  if (const Holder* opener = last_known(owner)) return printable(program_name(*opener));
  if (!owner.holders.empty()) return printable(program_name(owner.holders.front()));
  if (owner.state == OwnerState::Kernel) return "the kernel";
  return "an unknown program (" + std::string(word(owner.state)) + ")";
}

// "nc (pid 4711, user max)"
std::string who(const Owner& owner) {
  std::string text = program(owner);
  const Holder* opener = last_known(owner);
  if (owner.holders.empty() && opener == nullptr) return text;
  const Holder& first = opener != nullptr ? *opener : owner.holders.front();
  if (first.id.pid == 0) return text;  // remembered from an earlier run
  text += " (pid " + std::to_string(first.id.pid);
  const std::size_t more = owner.holders.empty() ? 0 : owner.holders.size() - 1 + owner.left_out.count;
  if (more > 0) text += " and " + std::to_string(more) + " more";
  const std::string& user = opener != nullptr ? opener->user : owner.user;
  if (!user.empty()) text += ", user " + printable(user);
  if (opener != nullptr) text += "; who holds it now is not known: " + std::string(word(owner.state));
  return text + ")";
}

// " in session-3.scope", " in container docker:0123", or nothing.
std::string where(const Owner& owner) {
  if (!owner.container.empty()) return " in container " + printable(owner.container);
  return owner.unit.empty() ? "" : " in " + printable(owner.unit);
}

// "0.0.0.0:4444/tcp", "/run/a.sock/unix", "eth0 (any)/packet"
std::string place(const Listener& listener) {
  return printable(endpoint_text(listener));
}

// "0.0.0.0:4444/tcp (krb524, registered, explicit, reachable: any)"
std::string described_place(const Listener& listener) {
  const Annotation& annotation = listener.annotation;
  std::string text = place(listener) + " (";
  if (listener.key.promiscuous)
    return text + "promiscuous: it reads traffic that is not this machine's, too)";
  if (listener.key.type != SocketType::None) text += std::string(word(listener.key.type)) + ", ";
  if (annotation.service) text += printable(annotation.service->name) + ", ";
  if (has_port(listener.key.protocol)) text += std::string(word(annotation.category)) + ", ";
  if (listener.bind() != Bind::Unknown) text += std::string(word(listener.bind())) + ", ";
  if (!has_scope(listener.key.protocol)) return text.substr(0, text.size() - 2) + ")";
  return text + "reachable: " + std::string(word(annotation.scope)) + ")";
}

// "12 us", "5 ms", "3 s": rounded down to one unit.
std::string brief(Duration duration) {
  using namespace std::chrono_literals;
  if (duration >= 1s) return std::to_string(duration / 1s) + " s";
  if (duration >= 1ms) return std::to_string(duration / 1ms) + " ms";
  return std::to_string(duration / 1us) + " us";
}

// The host's own namespace goes without saying.
std::string name_space(const Listener& listener) {
  const std::string& name = listener.annotation.name_space;
  return name.empty() || name == "host" ? "" : " of namespace " + printable(name);
}

std::string rule_name(std::string_view rule, std::string_view origin) {
  std::string text = "rule \"" + printable(rule) + "\"";
  if (!origin.empty()) text += " (" + printable(origin) + ")";
  return text;
}

// Why the verdict is what it is, as the end of a sentence.
std::string because(const Verdict& verdict) {
  const bool expected = verdict.kind == VerdictKind::Expected;
  if (verdict.kind == VerdictKind::Ignored) return "; ignored by " + rule_name(verdict.rule, verdict.origin);
  if (expected && verdict.rule == "default") return "; expected by default";
  if (!expected && (verdict.rule.empty() || verdict.rule == "default")) return "; no rule expects it";
  if (expected && verdict.rule == "learned") return "; expected since the baseline was learned";
  std::string text = expected ? "; expected by " : "; unwanted by ";
  text += rule_name(verdict.rule, verdict.origin);
  if (!verdict.reason.empty()) text += ": " + printable(verdict.reason);
  return text;
}

std::string program_path(const Owner& owner) {
  const std::string exe = identity_of(owner).exe;
  return exe.empty() ? program(owner) : printable(exe);
}

// What everybody on the way can read, and what to use instead. On loopback there is no way.
std::string plaintext(const Listener& listener) {
  if (listener.annotation.scope == Scope::Loopback) return "";
  const auto& service = listener.annotation.service;
  if (!service || service->encryption != Encryption::No || listener.bind() == Bind::Assigned) return "";
  return "; usually not encrypted" + (service->safer.empty() ? "" : ", safer: " + printable(service->safer));
}

std::string port_and_protocol(const HiddenPort& port) {
  return std::to_string(port.port) + "/" + std::string(word(port.protocol));
}

std::string plaintext_message(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  return "plaintext exposed: " + described_place(listener) + " of " + who(owner) + where(owner) +
         name_space(listener) + plaintext(listener) + because(listener.verdict) +
         (listener.verdict.rule == "default" ? "" : ", which names no address");
}

std::string plaintext_over_message(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  return "plaintext no longer exposed: " + described_place(listener) + " of " + who(owner) + where(owner) +
         name_space(listener) + (listener.closed ? "; it was closed" : because(listener.verdict));
}

}  // namespace

std::string opened_message(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  return "unexpected listener: " + who(owner) + " opened " + described_place(listener) + where(owner) +
         name_space(listener) + because(listener.verdict) + plaintext(listener);
}

std::string short_lived_message(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  const std::string lasted = listener.closed
                                 ? "for " + brief(listener.closed->monotonic - listener.opened.monotonic)
                                 : "between two looks";
  // At its end a socket that was only bound looks the same.
  const std::string did =
      listener.seen_by == EventSource::Destroy ? " may have listened on " : " listened on ";
  return "short-lived listener: " + who(owner) + did + described_place(listener) + where(owner) +
         name_space(listener) + " " + lasted + because(listener.verdict);
}

std::string closed_message(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  return "unexpected listener closed: " + described_place(listener) + " of " + who(owner) + where(owner) +
         name_space(listener) + "; first seen " + to_rfc3339(listener.first_seen.wall);
}

std::string owner_changed_message(const Listener& before, const Listener& after) {
  const Owner& was = before.annotation.owner;
  const Owner& is = after.annotation.owner;
  return "owner changed: " + described_place(after) + name_space(after) + " was " + who(was) + where(was) +
         " and is now " + who(is) + where(is) + because(after.verdict);
}

std::string accepted_message(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  return "no longer unexpected: " + described_place(listener) + " of " + who(owner) + where(owner) +
         name_space(listener) + because(listener.verdict);
}

std::string upgraded_message(const Listener& before, const Listener& after) {
  return "program replaced: " + described_place(after) + name_space(after) + " was " +
         program_path(before.annotation.owner) + " and is now " + program_path(after.annotation.owner) +
         where(after.annotation.owner) + ", the same unit: an upgrade, as a rule" + because(after.verdict);
}

std::string second_owner_message(const Listener& first, const Listener& second) {
  const Owner& joined = second.annotation.owner;
  const Owner& was = first.annotation.owner;
  return "second owner: " + who(joined) + where(joined) + " shares " + described_place(second) +
         name_space(second) + " with " + who(was) + where(was) + because(second.verdict);
}

std::string second_owner_left_message(const Listener& second, const Listener& remaining) {
  const Owner& left = second.annotation.owner;
  const Owner& owner = remaining.annotation.owner;
  return "second owner gone: " + described_place(second) + name_space(second) + " was shared with " +
         who(left) + where(left) + "; it is now held by " + who(owner) + where(owner);
}

std::string transition_message(const Transition& transition) {
  const bool wrong = transition.tone == AlertTone::Wrong;
  const Listener& listener = transition.listener;
  if (transition.event == Event::PlaintextExposed)
    return wrong ? plaintext_message(listener) : plaintext_over_message(listener);
  const Owner& owner = listener.annotation.owner;
  return std::string(word(transition.event)) + (wrong ? ": " : " no longer: ") + described_place(listener) +
         " of " + who(owner) + where(owner) + name_space(listener) + because(listener.verdict);
}

std::string missing_message(const RequiredRule& rule) {
  return "required listener missing: nothing satisfies " + rule_name(rule.rule, rule.origin) + " since " +
         to_rfc3339(rule.since.wall);
}

std::string found_message(const RequiredRule& rule) {
  return "required listener back: " + rule_name(rule.rule, rule.origin) + " is satisfied again";
}

std::string hidden_message(const HiddenPort& port) {
  return "hidden listener: " + port_and_protocol(port) + " is open by " + printable(port.shown_by) +
         ", and " + printable(port.denied_by) + " denies it";
}

std::string not_hidden_message(const HiddenPort& port) {
  return "no longer hidden: " + port_and_protocol(port);
}

std::string degraded_message(std::string_view what, std::string_view why) {
  return "monitoring degraded: " + printable(what) + ": " + one_line(why);
}

std::string recovered_message(std::string_view what) {
  return "monitoring recovered: " + printable(what);
}

std::string baseline_message(std::span<const Listener> learned) {
  std::vector<const Listener*> sorted;
  for (const Listener& listener : learned) sorted.push_back(&listener);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Listener* left, const Listener* right) {
    return exposure_rank(left->annotation.scope) < exposure_rank(right->annotation.scope);
  });
  std::string text = "baseline learned: " + std::to_string(sorted.size()) +
                     (sorted.size() == 1 ? " listener is" : " listeners are") + " expected from now on";
  const std::size_t listed = std::min(sorted.size(), kMaxListed);
  for (std::size_t i = 0; i < listed; ++i) {
    const Listener& listener = *sorted[i];
    const bool new_scope = i == 0 || sorted[i - 1]->annotation.scope != listener.annotation.scope;
    text += new_scope ? "; reachable: " + std::string(word(listener.annotation.scope)) + ": " : ", ";
    text += place(listener) + (listener.key.promiscuous ? " promiscuous" : "") + " (" + culprit(listener) +
            (plaintext(listener).empty() ? ")" : ", not encrypted)");
  }
  if (listed < sorted.size()) text += "; and " + std::to_string(sorted.size() - listed) + " more";
  return text;
}

std::string culprit(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  if (!owner.container.empty()) return printable(owner.container);
  const std::string unit = identity_of(owner).unit;
  return unit.empty() ? program(owner) : printable(unit);
}

}  // namespace sockwatch
