// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_draft.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include "lib/base/text.h"
#include "lib/model/display.h"
#include "lib/policy/allow.h"
#include "lib/policy/fit.h"
#include "lib/policy/identity.h"
#include "lib/policy/judge.h"

namespace sockwatch {
namespace {

constexpr std::size_t kPlacesShown = 8;

std::string place_of(const Listener& listener) {
  return printable(lasting_endpoint_text(listener));
}

std::string port_of(const Listener& listener) {
  return identity_of(listener).port;
}

// Where packages put programs (hier(7), FHS 3.0), and where those of snaps, flatpaks, Nix and Guix live.
// /usr/local and home directories are for what somebody put there by hand.
bool is_packaged(std::string_view exe) {
  constexpr std::array<std::string_view, 11> kFolders{
      "/usr/", "/bin/",  "/sbin/",      "/lib/",       "/lib64/",          "/opt/",
      "/app/", "/snap/", "/nix/store/", "/gnu/store/", "/var/lib/flatpak/"};
  if (exe.starts_with("/usr/local/")) return false;
  return std::any_of(kFolders.begin(), kFolders.end(),
                     [exe](std::string_view folder) { return exe.starts_with(folder); });
}

std::string strange_program(const Owner& owner) {
  // What a container's paths hold, its image decides.
  if (!owner.container.empty()) return "";
  for (const Holder& holder : owner.holders) {
    if (!holder.exe.empty() && !is_packaged(holder.exe)) return holder.exe;
  }
  return "";
}

std::string programs_of(const Owner& owner) {
  std::set<std::string> programs;
  for (const Holder& holder : owner.holders) {
    std::string program = holder.comm.empty() ? "a process" : holder.comm;
    if (!holder.exe.empty()) program += " (" + holder.exe + ")";
    programs.insert(std::move(program));
  }
  if (owner.state == OwnerState::Kernel) programs.insert("the kernel");
  std::string text;
  for (const std::string& program : programs) text += (text.empty() ? "" : ", ") + program;
  if (!text.empty() && !owner.user.empty()) text += ", user " + owner.user;
  return text;
}

std::string holder_text(const Owner& owner) {
  const OwnerName name = owner_of(owner);
  return name.kind == OwnerKind::None ? std::string(word(owner.state)) : name.name;
}

auto order_of(const Blessing& blessing) {
  const Listener& listener = blessing.listener;
  const bool assigned = listener.bind() == Bind::Assigned;
  return std::tuple(exposure_rank(listener.annotation.scope), listener.key.protocol, assigned,
                    assigned ? 0U : listener.key.local.port, allow_lines(listener));
}

std::string places_text(const std::set<std::string>& places) {
  std::string text;
  std::size_t shown = 0;
  for (const std::string& place : places) {
    if (++shown > kPlacesShown)
      return text + " and " + std::to_string(places.size() - kPlacesShown) + " more";
    text += (text.empty() ? "" : ", ") + place;
  }
  return text;
}

std::string comment_on(const Blessing& blessing) {
  const Listener& listener = blessing.listener;
  std::string text = "# " + places_text(blessing.places);
  if (listener.bind() == Bind::Assigned) text += ", on ports that the kernel hands out";
  if (!blessing.programs.empty()) text += ": " + printable(blessing.programs);
  if (const auto& service = listener.annotation.service) {
    text += "; usually " + printable(service->title.empty() ? service->name : service->title);
  }
  const std::string doubt = doubt_about(blessing);
  return text + "\n" + (doubt.empty() ? "" : "# LOOK: " + printable(doubt) + "\n");
}

}  // namespace

std::string doubt_about(const Blessing& blessing) {
  const Annotation& annotation = blessing.listener.annotation;
  std::string text;
  const auto add = [&text](const std::string& doubt) { text += (text.empty() ? "" : "; ") + doubt; };
  if (owner_of(annotation.owner).kind == OwnerKind::None && annotation.owner.state != OwnerState::Kernel) {
    add("owner unknown (" + std::string(word(annotation.owner.state)) + "), so anybody's is expected");
  }
  if (annotation.scope == Scope::Public) add("bound to a public address");
  if (const std::string exe = strange_program(annotation.owner); !exe.empty()) {
    add("program from outside any package: " + exe);
  }
  return text;
}

PolicyDraft::PolicyDraft(Policy policy) : policy_(std::move(policy)) {
  policy_.default_action = Action::Alert;
}

void PolicyDraft::see(const Listener& listener) {
  const Verdict verdict = judge(listener, policy_, {}, OwnerEvidence::Final);
  for (const Rule& rule : policy_.rules) {
    if (fit(rule, listener) != Fit::No) met_.insert(rule.name);
  }
  const std::string place = printable(endpoint_text(listener));
  if (verdict.rule != "default") {
    named_.insert(place);
    if (verdict.kind == VerdictKind::Unexpected) {
      refused_.insert(place + ": rule \"" + printable(verdict.rule) + "\", " + printable(verdict.origin));
    }
    return;
  }
  Blessing& blessing = by_lines_[allow_lines(listener)];
  if (blessing.places.empty()) {
    blessing.listener = listener;
    blessing.programs = programs_of(listener.annotation.owner);
  }
  blessing.places.insert(place_of(listener));
}

std::vector<Blessing> PolicyDraft::blessings() const {
  std::vector<Blessing> blessings;
  for (const auto& [lines, blessing] : by_lines_) blessings.push_back(blessing);
  std::sort(blessings.begin(), blessings.end(),
            [](const Blessing& a, const Blessing& b) { return order_of(a) < order_of(b); });
  std::set<std::string> taken;
  for (const Rule& rule : policy_.rules) taken.insert(rule.name);
  for (Blessing& blessing : blessings) {
    const std::string wanted = allow_name(blessing.listener);
    blessing.name = wanted;
    for (unsigned next = 2; !taken.insert(blessing.name).second; ++next)
      blessing.name = wanted + "-" + std::to_string(next);
  }
  return blessings;
}

std::vector<Rule> PolicyDraft::unmet(std::span<const Rule> rules) const {
  std::vector<Rule> unmet;
  for (const Rule& rule : rules) {
    if (rule.action == Action::Expect && met_.count(rule.name) == 0) unmet.push_back(rule);
  }
  return unmet;
}

std::string draft_heading() {
  return R"(# What was open here, as rules: one for each protocol, port, scope and owner, the most exposed first.
# Read it before you trust it: whoever was here first is expected from now on. Then it is yours to edit;
# `sockwatch learn --update FILE` adds what is new below and changes nothing else.
)";
}

std::string draft_text(std::span<const Blessing> blessings) {
  std::string text;
  for (const Blessing& blessing : blessings) {
    text += "\n" + comment_on(blessing) + allow_lines_named(blessing.name, blessing.listener);
  }
  return text;
}

TextTable blessing_table(std::span<const Blessing> blessings) {
  TextTable table({{""},
                   {"SCOPE"},
                   {"PROTO"},
                   {"PORT", Align::Right},
                   {"OWNER"},
                   {"RULE"},
                   {"LOOK", Align::Left, false, true}});
  for (const Blessing& blessing : blessings) {
    const Listener& listener = blessing.listener;
    const std::string doubt = doubt_about(blessing);
    table.add({{doubt.empty() ? " " : "!", Paint::Bad},
               {has_scope(listener.key.protocol) ? std::string(word(listener.annotation.scope)) : "-"},
               {std::string(word(listener.protocol()))},
               {port_of(listener)},
               {holder_text(listener.annotation.owner)},
               {blessing.name},
               {doubt, Paint::Doubtful}});
  }
  return table;
}

}  // namespace sockwatch
