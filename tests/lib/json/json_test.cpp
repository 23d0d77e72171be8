// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

std::string object(std::vector<Field> fields) {
  return json_object(fields);
}

TEST(Json, members_come_in_the_order_of_the_fields) {
  EXPECT_EQ(
      object({{"protocol", "tcp"}, {"port", std::uint64_t{22}}, {"encrypted", true}, {"address", "::"}}),
      R"({"protocol":"tcp","port":22,"encrypted":true,"address":"::"})");
}

TEST(Json, a_text_is_quoted_and_ascii) {
  EXPECT_EQ(json_text("a\"b\n\u6771"), R"("a\"b\n\u6771")");
  EXPECT_EQ(json_text("\xff"), R"("\\xff")");
}

TEST(Json, nothing_is_an_empty_object) {
  EXPECT_EQ(object({}), "{}");
}

TEST(Json, a_socket_ends_with_all_that_hold_it) {
  Owner owner;
  EXPECT_EQ(json_object(std::vector<Field>{{"port", std::uint64_t{22}}}, owner), R"({"port":22})");
  owner.holders = {{{812, 1}, "sshd", "/usr/sbin/sshd", 0, "root"}, {{900, 2}, "\xff", "", 33}};
  owner.others.emplace_back().holders = {{{901, 3}, "nc", "/bin/nc", 1000, "max"}};
  EXPECT_EQ(
      json_object(std::vector<Field>{}, owner),
      R"({"holders":[{"pid":812,"comm":"sshd","exe":"/usr/sbin/sshd","uid":0,"user":"root"},)"
      R"({"pid":900,"comm":"\\xff","uid":33},{"pid":901,"comm":"nc","exe":"/bin/nc","uid":1000,"user":"max"}]})");
}

TEST(Json, the_largest_number_stays_exact) {
  EXPECT_EQ(object({{"drops", UINT64_MAX}}), R"({"drops":18446744073709551615})");
}

TEST(Json, foreign_text_is_escaped_to_plain_ascii) {
  struct {
    std::string raw;
    std::string_view json;
  } const cases[] = {
      {"plain", R"("plain")"},
      {"say \"hi\"", R"("say \"hi\"")"},
      {"two\nlines", R"("two\nlines")"},
      {"dev\\x2dsda", R"("dev\\x2dsda")"},  // a systemd unit keeps its true name
      {"\x1b[2Jgone", R"("\u001b[2Jgone")"},
      {"\xc2\x9b"  // the one-character form of ESC [
       "2J",
       R"("\u009b2J")"},
      {"\xe3\x83\x9d", R"("\u30dd")"},
      {"\xff\xfe", R"("\\xff\\xfe")"},
      {"cut \xe3\x83", R"("cut \\xe3\\x83")"},
      {std::string("nul\0byte", 8), R"("nul\u0000byte")"},
      {"\x7f", R"("\u007f")"},
  };
  for (const auto& [raw, json] : cases) {
    EXPECT_EQ(object({{"comm", raw}}), "{\"comm\":" + std::string(json) + "}");
  }
}

TEST(Json, any_two_bytes_make_one_printable_line) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string raw{static_cast<char>(first), static_cast<char>(second)};
      const std::string json = object({{"comm", raw}});
      ASSERT_TRUE(std::all_of(json.begin(), json.end(), [](char c) { return c >= 0x20 && c < 0x7F; }))
          << first << " " << second;
    }
  }
}

TEST(Json, a_list_takes_its_elements_as_they_are) {
  EXPECT_EQ(json_list({}), "[]");
  EXPECT_EQ(json_list(std::vector<std::string>{"{}", "[1]"}), "[{},[1]]");
}

TEST(Json, a_document_begins_with_its_schema) {
  EXPECT_EQ(json_document(std::vector<JsonMember>{{"ports", "[]"}, {"complete", "true"}}),
            R"({"schema":1,"ports":[],"complete":true})");
}

TEST(Json, a_listing_says_what_it_could_not_see) {
  const std::vector<Unseen> unseen{{"tcp sockets over IPv6", "Permission denied"}};
  EXPECT_EQ(list_document(false, unseen, std::vector<std::string>{"{}"}),
            R"({"schema":1,"complete":false,)"
            R"("unseen":[{"what":"tcp sockets over IPv6","why":"Permission denied"}],"sockets":[{}]})");
  EXPECT_EQ(list_document(true, {}, {}), R"({"schema":1,"complete":true,"unseen":[],"sockets":[]})");
}

TEST(Json, listeners_connections_and_alerts_use_the_same_names) {
  const Listener udp = listener(listening(Protocol::Udp, "127.0.0.1", 53, 1));
  EXPECT_EQ(
      listener_json(udp, 2),
      R"({"protocol":"udp","address":"127.0.0.1","port":53,"bind":"explicit","scope":"any",)"
      R"("category":"well-known","namespace":"host","uid":1000,"creator_uid":1000,"owner_state":"budget","verdict":"pending",)"
      R"("state":"close","receive_queue_bytes":0,"drops":0,"inode":100001,"members":1,"connections":2})");

  SocketRecord half_open = udp.members.front();
  half_open.state = SocketState::SynRecv;
  half_open.remote = {ip("::1"), 9, 0};
  EXPECT_EQ(
      connection_json(half_open, udp.annotation, Direction::Outbound),
      R"({"protocol":"udp","address":"127.0.0.1","port":53,"scope":"any","category":"well-known",)"
      R"("namespace":"host","state":"syn-recv","inode":100001,"peer_address":"::1","peer_port":9,"direction":"outbound"})");

  Alert alert;
  alert.event = Event::MonitorDegraded;
  alert.message = "blind";
  EXPECT_EQ(alert_json(alert),
            R"({"event":"monitor-degraded","message":"blind","severity":"warning","tone":"wrong"})");
}

}  // namespace
}  // namespace sockwatch
