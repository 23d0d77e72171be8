// SPDX-License-Identifier: Apache-2.0
#include "cli/listing.h"

#include <gtest/gtest.h>

#include "tests/cli/looks.h"

namespace sockwatch {
namespace {

Look one_of_each() {
  Look look;
  look.listeners = {sshd()};
  look.connections = {{connected("10.0.0.1", 22, "10.0.0.9", 50000, 1), Direction::Inbound, {}}};
  look.connections[0].annotation.name_space = "host";
  look.connections[0].annotation.scope = Scope::Private;
  look.connections[0].annotation.service = look.listeners[0].listener.annotation.service;
  look.connections[0].annotation.owner = owned_by("ssh.service", "sshd", 812, "root");
  return look;
}

TEST(Listing, the_document_is_the_contract_of_scripts) {
  Look look = one_of_each();
  look.unseen = {{"udp over IPv6", "sock_diag: Operation not permitted"}};
  EXPECT_EQ(
      listing_document(look),
      R"({"schema":1,"complete":false,"unseen":[{"what":"udp over IPv6","why":"sock_diag: Operation not permitted"}],)"
      R"("sockets":[{"protocol":"tcp","address":"0.0.0.0","port":22,"bind":"explicit","scope":"any",)"
      R"("category":"well-known","service":"ssh","namespace":"host","unit":"ssh.service","exe":"/usr/bin/sshd",)"
      R"("comm":"sshd","pid":812,"uid":0,"user":"root","creator_uid":1000,"owner_state":"known","verdict":"expected","rule":"ssh",)"
      R"("state":"listen","accept_queue_length":0,"accept_queue_limit":128,"drops":0,"inode":100022,"members":1,)"
      R"("holders":[{"pid":812,"comm":"sshd","exe":"/usr/bin/sshd","uid":0}]},)"
      R"({"protocol":"tcp","address":"10.0.0.1","port":22,"scope":"private","category":"well-known",)"
      R"("service":"ssh","namespace":"host","unit":"ssh.service","exe":"/usr/bin/sshd","comm":"sshd","pid":812,)"
      R"("uid":0,"user":"root","creator_uid":0,"owner_state":"known","state":"established","inode":7,"peer_address":"10.0.0.9",)"
      R"("peer_port":50000,"direction":"inbound",)"
      R"("holders":[{"pid":812,"comm":"sshd","exe":"/usr/bin/sshd","uid":0}]}]})");
}

TEST(Listing, a_view_of_nothing_can_be_complete) {
  EXPECT_EQ(listing_document({}), R"({"schema":1,"complete":true,"unseen":[],"sockets":[]})");
}

TEST(Listing, denied_owners_make_the_document_incomplete) {
  Look look;
  look.listeners = {open_listener(Protocol::Tcp, "::1", 631, owned_by_nobody(OwnerState::NoPermission))};
  EXPECT_TRUE(listing_document(look).starts_with(
      R"({"schema":1,"complete":false,"unseen":[{"what":"owner of 1 socket","why":"no permission)"));
}

TEST(Listing, connections_that_were_counted_are_in_the_document) {
  Look look;
  look.listeners = {sshd()};
  look.listeners[0].connections = 3;
  EXPECT_TRUE(listing_document(look).ends_with(
      R"("members":1,"connections":3,"holders":[{"pid":812,"comm":"sshd","exe":"/usr/bin/sshd","uid":0}]}]})"));
}

TEST(Listing, only_what_was_selected_is_kept) {
  Look look = one_of_each();
  keep_only(look, Selection::Connections);
  EXPECT_TRUE(look.listeners.empty());
  EXPECT_EQ(look.connections.size(), 1U);
  look = one_of_each();
  keep_only(look, Selection::Listeners);
  EXPECT_EQ(look.listeners.size(), 1U);
  EXPECT_TRUE(look.connections.empty());
  look = one_of_each();
  keep_only(look, Selection::All);
  EXPECT_EQ(look.listeners.size() + look.connections.size(), 2U);
}

TEST(Listing, connections_need_the_deep_look) {
  EXPECT_EQ(depth_of(Selection::Listeners), Depth::Listeners);
  EXPECT_EQ(depth_of(Selection::Connections), Depth::Everything);
  EXPECT_EQ(depth_of(Selection::All), Depth::Everything);
}

TEST(Listing, a_selection_without_a_socket_still_has_its_titles) {
  EXPECT_TRUE(listing_text({}, Selection::Listeners, {}).starts_with("PROTO  ADDRESS"));
  EXPECT_TRUE(listing_text({}, Selection::Connections, {}).starts_with("PROTO  STATE"));
}

TEST(Listing, all_is_two_tables) {
  EXPECT_EQ(
      listing_text(one_of_each(), Selection::All, {}),
      "PROTO  ADDRESS  PORT  SERVICE  SCOPE  OWNER        PROCESS  PID  USER  VERDICT\n"
      "tcp    0.0.0.0    22  ssh      any    ssh.service  sshd     812  root  expected\n"
      "\n"
      "PROTO  STATE        LOCAL        PEER            DIRECTION  SERVICE  OWNER        PROCESS  PID  USER\n"
      "tcp    established  10.0.0.1:22  10.0.0.9:50000  inbound    ssh      ssh.service  sshd     812  "
      "root\n");
}

TEST(Listing, without_names_there_is_no_column_for_them) {
  Look look = one_of_each();
  drop_service_names(look);
  EXPECT_EQ(listing_text(look, Selection::All, {}).find("ssh "), std::string::npos);
  EXPECT_EQ(listing_text(look, Selection::All, {}).find("SERVICE"), std::string::npos);
  EXPECT_EQ(listing_document(look).find("\"service\""), std::string::npos);
}

TEST(Listing, what_every_machine_has_too_many_of_is_shown_on_request) {
  Listener quiet = listener(unix_listening("/run/a.sock", 1));
  quiet.verdict.kind = VerdictKind::Ignored;
  SocketRecord mptcp = listening(Protocol::Tcp, "0.0.0.0", 80, 2);
  mptcp.mptcp = true;
  Look all;
  all.listeners = {{listener(mptcp), {}}, {quiet, {}}, {listener(packet_socket("eth0", 3, 3, true)), {}}};
  const auto shown = [&all](Selection selection, const std::vector<Protocol>& named) {
    Look look = all;
    keep_protocols(look, selection, named);
    return look.listeners.size();
  };
  EXPECT_EQ(shown(Selection::Listeners, {}), 2U);
  EXPECT_EQ(shown(Selection::All, {}), 3U);
  EXPECT_EQ(shown(Selection::Listeners, {Protocol::Unix}), 1U);
  EXPECT_EQ(shown(Selection::Listeners, {Protocol::Tcp}), 1U);
  EXPECT_EQ(shown(Selection::Listeners, {Protocol::Mptcp}), 1U);
  EXPECT_EQ(shown(Selection::Listeners, {Protocol::Udp}), 0U);
}

}  // namespace
}  // namespace sockwatch
