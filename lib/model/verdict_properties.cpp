// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "lib/model/property_lists.h"
#include "lib/model/property_values.h"

namespace sockwatch {
namespace {

using namespace property;

// Of a port whose usual service is known to be readable on the way, or not to be.
const Service* service_with_encryption(Socket s) {
  const auto& service = s.annotation.service;
  return service && service->encryption != Encryption::Unknown ? &*service : nullptr;
}

Maybe encrypted(Socket s) {
  const Service* service = service_with_encryption(s);
  return service == nullptr ? Maybe() : word_of(service->encryption);
}

Maybe safer(Socket s) {
  const Service* service = service_with_encryption(s);
  return service == nullptr ? Maybe() : text(service->safer);
}

constexpr std::array kVerdictRows = {
    Property{"verdict", kWord<VerdictKind>, kStanding | kLabel,
             [](Socket s) { return word_of(s.listener->verdict.kind); }},
    Property{.name = "rule",
             .type = kText,
             .uses = kStanding | kLabel | kAlertLabel | kState,
             .get = [](Socket s) { return text(s.listener->verdict.rule); },
             .set = [](Listener& l, const Value& value) { l.verdict.rule = text_in(value); }},
    Property{"first_seen", kTime, kStanding, [](Socket s) { return time(s.listener->first_seen.wall); }},
    Property{"rule_origin", kText, kAlert, [](Socket s) { return text(s.listener->verdict.origin); }},
    Property{"rule_reason", kText, kAlert, [](Socket s) { return text(s.listener->verdict.reason); }},
    Property{"encrypted", kWord<Encryption>, kAlert, encrypted},
    Property{"safer", kText, kAlert, safer},
};

}  // namespace

std::span<const Property> verdict_properties() {
  return kVerdictRows;
}

}  // namespace sockwatch
