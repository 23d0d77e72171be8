// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "lib/model/owner_identity.h"
#include "lib/model/property_lists.h"
#include "lib/model/property_values.h"

namespace sockwatch {
namespace {

using namespace property;

template <auto field>
Maybe owner_text(Socket s) {
  return s.owner() == nullptr ? Maybe() : text(s.owner()->*field);
}

// The first one, which stands for the owner.
const Holder* holder(Socket s) {
  return s.owner() == nullptr || s.owner()->holders.empty() ? nullptr : &s.owner()->holders.front();
}

template <auto field>
Maybe holder_text(Socket s) {
  return holder(s) == nullptr ? Maybe() : text(holder(s)->*field);
}

Maybe pid(Socket s) {
  return holder(s) == nullptr ? Maybe() : number(static_cast<std::uint64_t>(holder(s)->id.pid));
}

// The kernel reports uid 0 where it means "nobody yet"; only a socket with an inode has a creator.
bool is_creator_known(Socket s) {
  return s.owner() != nullptr && s.record.inode != 0 && s.record.uid_told;
}

Maybe creator_uid(Socket s) {
  return number_if(is_creator_known(s), s.record.uid);
}

Maybe uid(Socket s) {
  return holder(s) == nullptr ? creator_uid(s) : number(holder(s)->uid);
}

Maybe owner_state(Socket s) {
  return s.owner() == nullptr ? Maybe() : word_of(s.owner()->state);
}

Maybe more_holders(Socket s) {
  std::uint64_t count = s.annotation.owner.left_out.count;
  for (const Owner& other : s.annotation.owner.others) count += other.left_out.count;
  return number_over_0(count);
}

template <auto field>
Maybe lasting_text(Socket s) {
  return text(identity_of(s.annotation.owner).*field);
}

template <auto field>
void set_text(Listener& listener, const Value& value) {
  listener.annotation.owner.*field = text_in(value);
}

constexpr std::array kOwnerRows = {
    Property{.name = "unit",
             .type = kText,
             .uses = kEverywhere | kLabel | kAlertLabel | kTest,
             .get = owner_text<&Owner::unit>,
             .title = "unit",
             .lasting = lasting_text<&OwnerIdentity::unit>,
             .set = set_text<&Owner::unit>},
    Property{.name = "holder_unit",
             .type = kText,
             .uses = kEverywhere,
             .get = owner_text<&Owner::holder_unit>,
             .title = "served by"},
    Property{.name = "container",
             .type = kText,
             .uses = kEverywhere | kLabel | kAlertLabel | kTest,
             .get = owner_text<&Owner::container>,
             .title = "container",
             .lasting = lasting_text<&OwnerIdentity::container>,
             .set = set_text<&Owner::container>},
    Property{.name = "exe",
             .type = kText,
             .uses = kEverywhere | kAlertLabel,
             .get = holder_text<&Holder::exe>,
             .lasting = lasting_text<&OwnerIdentity::exe>},
    Property{.name = "comm",
             .type = kText,
             .uses = kEverywhere | kLabel,
             .get = holder_text<&Holder::comm>,
             .label = "process"},
    Property{"pid", kNumber, kEverywhere, pid},
    Property{"uid", kNumber, kEverywhere, uid},
    Property{.name = "user",
             .type = kText,
             .uses = kEverywhere | kLabel | kAlertLabel | kTest,
             .get = owner_text<&Owner::user>,
             .shown = [](Socket s) { return holder(s) != nullptr || is_creator_known(s); },
             .set = set_text<&Owner::user>},
    Property{"creator_uid", kNumber, kEverywhere, creator_uid},
    Property{.name = "owner_state",
             .type = kWord<OwnerState>,
             .uses = kEverywhere | kLabel | kTest,
             .get = owner_state,
             .set = [](Listener& l,
                       const Value& value) { l.annotation.owner.state = word_in<OwnerState>(value); }},
    Property{"more_owners", kNumber, kStanding,
             [](Socket s) { return number_over_0(s.annotation.owner.more_others); }},
    Property{"more_holders", kNumber, kStanding, more_holders},
};

}  // namespace

std::span<const Property> owner_properties() {
  return kOwnerRows;
}

}  // namespace sockwatch
