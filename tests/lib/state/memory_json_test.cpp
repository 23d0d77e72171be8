// SPDX-License-Identifier: Apache-2.0
#include "lib/state/memory_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/lib/state/memories.h"

namespace sockwatch {
namespace {

using Json = nlohmann::ordered_json;

// Written and read: a number in memory and one out of a file are not quite the same to the library.
Json root_of(const Memory& memory) {
  Json written{{"learned", to_json(memory.learned)}, {"listeners", Json::array()}};
  for (const Listener& listener : memory.known) written["listeners"].push_back(to_json(listener));
  return Json::parse(written.dump());
}

// What is wrong, in our words or the library's; empty where nothing is.
template <typename Read>
std::string complaint(Read read) {
  try {
    (void)read();
  } catch (const MalformedMemory& failure) {
    return failure.what();
  } catch (const Json::exception& failure) {
    return failure.what();
  }
  return {};
}

// Of a listener's row in which `key` has this value.
std::string complaint_about(const std::string& key, Json value) {
  Json root = root_of({{}, {remembered_group()}});
  root["listeners"][0][key] = std::move(value);
  return complaint([&] { return listeners_from_json(root, kHost, true); });
}

std::string complaint_about_learned(const std::string& key, Json value) {
  Json root = {{"learned", to_json(full_memory().learned)}};
  root["learned"][0][key] = std::move(value);
  return complaint([&] { return learned_from_json(root, true); });
}

void expect_same(const Listener& read, const Listener& written) {
  EXPECT_EQ(read.key, written.key);
  ASSERT_EQ(read.members.size(), written.members.size());
  for (std::size_t i = 0; i < read.members.size(); ++i) {
    EXPECT_EQ(read.members[i].id, written.members[i].id);
    EXPECT_EQ(read.members[i].drops, written.members[i].drops);
    EXPECT_EQ(read.members[i].protocol, written.members[i].protocol);
    EXPECT_EQ(read.members[i].state, written.members[i].state);
    EXPECT_EQ(read.members[i].local, written.members[i].local);
    EXPECT_EQ(read.members[i].bind, written.members[i].bind);
    EXPECT_EQ(read.members[i].v6only, written.members[i].v6only);
  }
  EXPECT_EQ(read.verdict.rule, written.verdict.rule);
  EXPECT_EQ(read.annotation.name_space, written.annotation.name_space);
  EXPECT_EQ(read.annotation.owner.state, written.annotation.owner.state);
  EXPECT_EQ(read.annotation.owner.unit, written.annotation.owner.unit);
  EXPECT_EQ(read.annotation.owner.container, written.annotation.owner.container);
  EXPECT_EQ(read.verdict.kind, written.verdict.kind);
  EXPECT_EQ(read.first_seen.wall, written.first_seen.wall);
  EXPECT_EQ(read.opened.wall, written.opened.wall);
  EXPECT_EQ(read.last_connection, written.last_connection);
  EXPECT_EQ(read.drops_total, written.drops_total);
  EXPECT_EQ(read.predecessor, written.predecessor);
  EXPECT_EQ(read.sharers, written.sharers);
  EXPECT_EQ(read.exposed, written.exposed);
  EXPECT_EQ(read.decided, written.decided);
}

TEST(MemoryJson, listeners_come_back_as_they_were) {
  const Memory memory = full_memory();
  const std::vector<Listener> read = listeners_from_json(root_of(memory), kHost, true);
  ASSERT_EQ(read.size(), 2U);
  expect_same(read[0], memory.known[0]);
  expect_same(read[1], memory.known[1]);
}

TEST(MemoryJson, the_process_that_stands_for_an_owner_is_kept_and_its_pid_until_the_next_boot) {
  const Memory memory = full_memory();
  std::vector<Listener> read = listeners_from_json(root_of(memory), kHost, true);
  Holder named = memory.known[0].annotation.owner.holders.front();
  EXPECT_EQ(read[0].annotation.owner.holders, std::vector<Holder>{named});
  read = listeners_from_json(root_of(memory), kHost, false);
  named.id = {};
  EXPECT_EQ(read[0].annotation.owner.holders, std::vector<Holder>{named});
  EXPECT_TRUE(read[1].annotation.owner.holders.empty());
  EXPECT_EQ(identity_of(read[0]), identity_of(memory.known[0]));
}

TEST(MemoryJson, who_created_and_who_opened_a_socket_comes_back) {
  Memory memory = full_memory();
  Listener known = memory.known[0];
  Owner& owner = known.annotation.owner;
  owner.creator_uid = 1000;
  owner.creator_user = "max";
  owner.opener = Holder{{77, 5}, kHostileComm, kHostileExe, 1000, "max"};
  memory.known = {known};
  const Owner read = listeners_from_json(root_of(memory), kHost, true)[0].annotation.owner;
  EXPECT_EQ(read.creator_uid, owner.creator_uid);
  EXPECT_EQ(read.creator_user, owner.creator_user);
  EXPECT_EQ(read.opener, owner.opener);
}

TEST(MemoryJson, learned_identities_come_back_as_they_were) {
  const LearnedSet learned = full_memory().learned;
  EXPECT_EQ(learned_from_json({{"learned", to_json(learned)}}, true), learned);
  EXPECT_EQ(learned_from_json({{"learned", to_json(LearnedSet())}}, true), LearnedSet());
}

TEST(MemoryJson, any_name_survives) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name = "a" + std::string(1, static_cast<char>(byte)) + "\\z";
    LearnedSet learned;
    learned.insert({name, Protocol::Tcp, "22", Scope::Any, name});
    const std::string text = to_json(learned).dump();  // throws on what is no UTF-8
    EXPECT_EQ(learned_from_json({{"learned", Json::parse(text)}}, true), learned) << "byte " << byte;
  }
}

TEST(MemoryJson, cookies_of_another_boot_are_dropped_but_every_socket_stays) {
  const std::vector<Listener> read = listeners_from_json(root_of(full_memory()), kHost, false);
  ASSERT_EQ(read[0].members.size(), 2U);
  for (const SocketRecord& member : read[0].members) EXPECT_EQ(member.id, (SocketId{kHost, 0}));
}

TEST(MemoryJson, the_host_namespace_is_called_what_it_is_called_now) {
  constexpr NamespaceId kNow{99};
  const std::vector<Listener> read = listeners_from_json(root_of(full_memory()), kNow, true);
  EXPECT_EQ(read[0].key.name_space, kNow);
  EXPECT_EQ(read[0].members[0].id.name_space, kNow);
}

TEST(MemoryJson, listeners_are_sorted_and_the_first_of_two_with_one_key_counts) {
  Listener again = remembered_group();
  again.drops_total = 5;
  const Json root = root_of({{}, {remembered_stranger(), remembered_group(), again}});
  const std::vector<Listener> read = listeners_from_json(root, kHost, true);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].key.protocol, Protocol::Tcp);
  EXPECT_EQ(read[0].drops_total, remembered_group().drops_total);
  EXPECT_EQ(read[1].key.protocol, Protocol::Udp);
}

TEST(MemoryJson, a_value_that_does_not_fit_is_named_with_what_was_expected) {
  EXPECT_EQ(complaint_about("port", 70000), "port = 70000, expected a whole number up to 65535");
  EXPECT_EQ(complaint_about("port", -1), "port = -1, expected a whole number up to 65535");
  EXPECT_EQ(complaint_about("port", 1.5), "port = 1.5, expected a whole number up to 65535");
  EXPECT_EQ(complaint_about("port", "22"), "port = \"22\", expected a whole number up to 65535");
  EXPECT_EQ(complaint_about("port", true), "port = true, expected a whole number up to 65535");
  EXPECT_EQ(complaint_about("port", nullptr), "port = null, expected a whole number up to 65535");
  EXPECT_EQ(complaint_about("interface", 4294967296),
            "interface = 4294967296, expected a whole number up to 4294967295");
  EXPECT_EQ(complaint_about("opened_ns", 9223372036854775808U),
            "opened_ns = 9223372036854775808, expected a whole number up to 9223372036854775807");
  EXPECT_EQ(complaint_about("address", "10.0.0.256"), "address = \"10.0.0.256\", expected an IP address");
  EXPECT_EQ(complaint_about("bind", "maybe"), "bind = \"maybe\", expected unknown, explicit or assigned");
  EXPECT_EQ(complaint_about("verdict", "fine"),
            "verdict = \"fine\", expected expected, unexpected, ignored or pending");
  EXPECT_EQ(complaint_about("drops", Json::array({1, 2, 3})),
            "drops = [1,2,3], expected as many as there are cookies");
  EXPECT_EQ(complaint_about("cookies", 12), "cookies = 12, expected a list");
  EXPECT_EQ(complaint_about("cookies", nullptr), "cookies = null, expected a list");
  EXPECT_EQ(complaint_about("drops", Json::array({4294967296, 0})),
            "drops = 4294967296, expected a whole number up to 4294967295");
  EXPECT_EQ(complaint_about("cookies", Json::array({-3, 4})),
            "cookies = -3, expected a whole number up to 18446744073709551615");
  EXPECT_EQ(complaint_about("unit", "a\\q"),
            "unit = \"a\\\\q\", expected \\xNN wherever there is a backslash");
  EXPECT_EQ(complaint_about_learned("port", "70000"), "port = \"70000\", expected a port or \"assigned\"");
  EXPECT_EQ(complaint_about_learned("port", ""), "port = \"\", expected a port or \"assigned\"");
  EXPECT_EQ(complaint_about_learned("owner", "\\x4"),
            "owner = \"\\\\x4\", expected \\xNN wherever there is a backslash");
}

TEST(MemoryJson, a_long_value_is_cut_short_in_the_message) {
  const std::string complaint = complaint_about("protocol", std::string(1'000'000, 'x'));
  EXPECT_LT(complaint.size(), 200U);
  EXPECT_NE(complaint.find("expected tcp, udp"), std::string::npos);
}

TEST(MemoryJson, every_wrong_type_is_refused) {
  const Json row = root_of({{}, {remembered_group()}})["listeners"][0];
  for (const auto& [key, right] : row.items()) {
    for (const Json& wrong :
         {Json(nullptr), Json(true), Json(-1), Json(0.5), Json("?\\"), Json::object(), Json::array()}) {
      if (wrong.type() == right.type()) continue;
      EXPECT_NE(complaint_about(key, wrong), "") << key << " = " << wrong;
    }
  }
}

TEST(MemoryJson, only_what_an_older_version_did_not_keep_may_be_missing) {
  const std::set<std::string> optional{"last_connection_ns",
                                       "rule",
                                       "user",
                                       "predecessor",
                                       "sharers",
                                       "exposed",
                                       "decided",
                                       "holder",
                                       "creator_uid",
                                       "creator_user",
                                       "opener",
                                       "decided_rule"};
  const Json row = root_of({{}, {remembered_group()}})["listeners"][0];
  for (const auto& [key, value] : row.items()) {
    Json without = row;
    without.erase(key);
    const Json root{{"listeners", Json::array({without})}};
    const bool refused = !complaint([&] { return listeners_from_json(root, kHost, true); }).empty();
    EXPECT_EQ(refused, !optional.contains(key)) << key;
  }
}

TEST(MemoryJson, what_should_be_a_list_is_one) {
  for (const Json& wrong : {Json(nullptr), Json("x"), Json::object(), Json(1)}) {
    EXPECT_NE(complaint([&] { return learned_from_json({{"learned", wrong}}, true); }), "") << wrong;
    EXPECT_NE(complaint([&] {
                return listeners_from_json({{"listeners", wrong}}, kHost, true);
              }),
              "")
        << wrong;
  }
}

TEST(MemoryJson, sockets_without_ports_come_back_under_their_own_key) {
  using namespace std::string_literals;
  const Listener sniffer = remembered(packet_socket("eth0", 3, 21, true));
  const Listener server = remembered(unix_listening("\0a\nb\xFF"s, 22, SocketType::Seqpacket));
  SocketRecord far = listening(Protocol::Vsock, "0.0.0.2", 80, 23);
  far.local.port = 100000;
  far.state = SocketState::Listen;
  Memory memory;
  memory.known = {sniffer, server, remembered(far)};
  memory.learned.insert({"host", Protocol::Packet, "eth0", Scope::Any, ""});
  const Json root = root_of(memory);
  EXPECT_EQ(learned_from_json(root, true), memory.learned);
  const auto read = listeners_from_json(root, kHost, true);
  ASSERT_EQ(read.size(), 3U);
  for (const Listener& each : memory.known) {
    const auto found =
        std::find_if(read.begin(), read.end(), [&](const Listener& l) { return l.key == each.key; });
    ASSERT_NE(found, read.end());
    EXPECT_EQ(key_of(found->members.front()), each.key);
    EXPECT_EQ(found->members.front().id, each.members.front().id);
  }
}

}  // namespace
}  // namespace sockwatch
