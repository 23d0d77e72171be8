// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/listener_subject.h"

#include <gtest/gtest.h>

#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

TEST(ListenerSubject, what_stands_beside_a_listener_s_own_alert_has_a_name_of_its_own) {
  std::set<std::string> beside;
  for (const Event event : all_of<Event>()) {
    const std::string subject = subject_of(netcat(), event);
    if (stands_beside(event)) {
      EXPECT_TRUE(beside.insert(subject).second) << word(event);
    }
    if (!stands_beside(event) && event != Event::ListenerShortLived) {
      EXPECT_EQ(subject, "host tcp 0.0.0.0 4444") << word(event);
    }
  }
  EXPECT_EQ(beside, (std::set<std::string>{"plaintext on host tcp 0.0.0.0 4444",
                                           "second owner /usr/bin/nc||max of host tcp 0.0.0.0 4444"}));
  EXPECT_EQ(subject_of(netcat(), Event::ListenerShortLived), "") << "over once it is reported";
}

TEST(ListenerSubject, one_address_on_two_interfaces_is_one) {
  Listener first = netcat();
  Listener second = netcat();
  first.key.local.interface_index = 2;
  second.key.local.interface_index = 3;
  EXPECT_EQ(raised_of(first), raised_of(second));
}

TEST(ListenerSubject, flaps_are_told_apart_by_endpoint_and_owner) {
  Listener other = netcat();
  own(other, "other", "other.service");
  EXPECT_NE(place_and_owner(alert_about(netcat())), place_and_owner(alert_about(other)));
  EXPECT_EQ(place_and_owner(alert_about(netcat())), place_and_owner(alert_about(netcat())));
  EXPECT_EQ(place_and_owner(Alert{}), "");
}

}  // namespace
}  // namespace sockwatch
