// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/origin.h"

#include <gtest/gtest.h>

#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

std::string origin(const std::string& container, const std::string& unit, const std::string& comm = "nc") {
  Listener listener = netcat();
  own(listener, comm, unit);
  listener.annotation.owner.container = container;
  return origin_of(alert_about(listener));
}

TEST(Origin, is_what_nobody_can_choose_for_himself) {
  EXPECT_EQ(origin("docker:0123456789ab", "docker.service"), "docker:0123456789ab");
  EXPECT_EQ(origin("", "nginx.service"), "nginx.service");
  EXPECT_EQ(origin("", "session-3.scope"), "session-3.scope") << "not the program in it";
  EXPECT_EQ(origin("", "user@1000.service/app-1.service"), "user@1000.service");
  EXPECT_EQ(origin("user@1000.service/podman:0123456789ab", ""), "user@1000.service");
  EXPECT_EQ(origin("", ""), "user max");
  for (const char* comm : {"decoy-001", "decoy-002", "rule ssh"}) EXPECT_EQ(origin("", "", comm), "user max");
}

TEST(Origin, of_an_unknown_owner_is_the_user_who_made_the_socket) {
  Listener listener = netcat();
  listener.annotation.owner = Owner{};
  listener.members[0].uid = 4002;
  EXPECT_EQ(origin_of(alert_about(listener)), "user 4002");
  listener.annotation.owner.state = OwnerState::Kernel;
  EXPECT_EQ(origin_of(alert_about(listener)), "the kernel");
}

TEST(Origin, is_not_the_user_of_a_process_that_merely_holds_the_socket) {
  Listener listener = netcat();
  own(listener, "su", "");
  listener.annotation.owner.holders[0].uid = 0;
  listener.annotation.owner.user = "root";
  listener.members[0].uid = 4002;
  EXPECT_EQ(origin_of(alert_about(listener)), "user 4002");
}

TEST(Origin, of_what_is_about_no_listener_is_its_rule_or_sockwatch) {
  Alert alert;
  EXPECT_EQ(origin_of(alert), "sockwatch itself");
  alert.rule = "s\nsh";
  EXPECT_EQ(origin_of(alert), "rule s\\x0ash");
}

}  // namespace
}  // namespace sockwatch
