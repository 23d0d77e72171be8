// SPDX-License-Identifier: Apache-2.0
#include "lib/state/state_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <functional>
#include <iterator>

#include "tests/fakes/file_tree.h"
#include "tests/fakes/full_disk.h"
#include "tests/lib/state/memories.h"

namespace sockwatch {
namespace {

constexpr const char* kBoot = "11111111-2222-3333-4444-555555555555";

std::string content(const FileTree& tree, std::string_view name) {
  std::ifstream file(tree.at(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string file_text() {
  return serialize_memory(full_memory(), kBoot);
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::invalid_argument("not in the file: " + std::string(from));
  return text.replace(at, from.size(), to);
}

std::string error_of(std::string_view text) {
  const auto memory = parse_memory(text, kBoot, kHost);
  return memory.ok() ? "" : memory.error().message;
}

TEST(StateFileText, what_was_written_is_read) {
  const auto memory = parse_memory(file_text(), kBoot, kHost);
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(memory->learned, full_memory().learned);
  ASSERT_EQ(memory->known.size(), 2U);
  EXPECT_EQ(memory->known[0].members[0].id.cookie, 0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ(serialize_memory(*memory, kBoot), file_text()) << "nothing is lost on the way";
}

TEST(StateFileText, an_empty_memory_is_a_memory) {
  const auto memory = parse_memory(serialize_memory({}, kBoot), kBoot, kHost);
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(memory->learned.size(), 0U);
  EXPECT_TRUE(memory->known.empty());
}

TEST(StateFileText, the_text_is_ascii_or_utf8_whatever_programs_are_called) {
  EXPECT_TRUE(is_utf8(file_text()));
}

TEST(StateFileText, after_a_reboot_no_socket_is_the_same) {
  const auto memory = parse_memory(file_text(), "another boot", kHost);
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(memory->known[0].members[0].id.cookie, 0U);
  EXPECT_EQ(memory->learned, full_memory().learned);
}

TEST(StateFileText, boots_that_nobody_can_tell_apart_are_not_the_same) {
  const auto memory = parse_memory(serialize_memory(full_memory(), ""), "", kHost);
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(memory->known[0].members[0].id.cookie, 0U);
}

TEST(StateFileText, another_version_is_refused) {
  EXPECT_EQ(error_of(with(file_text(), "\"version\": 1", "\"version\": 2")), "version 2, expected 1");
  EXPECT_EQ(error_of(with(file_text(), "\"version\": 1", "\"version\": true")), "version true, expected 1");
  EXPECT_EQ(error_of(with(file_text(), "\"version\": 1", "\"version\": \"1\"")), "version \"1\", expected 1");
  EXPECT_EQ(error_of(with(file_text(), "\"version\": 1", "\"version\": 4294967297")),
            "version 4294967297, expected 1");
}

TEST(StateFileText, cut_short_anywhere_it_is_no_memory) {
  const std::string text = file_text();
  for (std::size_t length = 0; length + 1 < text.size(); ++length) {  // the last byte is the newline
    EXPECT_NE(error_of(text.substr(0, length)), "") << length << " bytes";
  }
}

TEST(StateFileText, mistakes_are_named) {
  const struct {
    const char* from;
    const char* to;
    const char* error;
  } cases[] = {
      {"\"port\": 443", "\"port\": 70000", "port = 70000, expected a whole number up to 65535"},
      {"\"protocol\": \"tcp\"", "\"protocol\": \"tpc\"",
       "protocol = \"tpc\", expected tcp, udp, mptcp, udplite, sctp, raw, packet, unix or vsock"},
      {"\"scope\": \"any\"", "\"scope\": \"some\"",
       "scope = \"some\", expected loopback, link-local, private, public, multicast or any"},
      {"\"listeners\"", "\"listener\"", "key 'listeners' not found"},
      {"\"boot_id\"", "\"boat_id\"", "key 'boot_id' not found"},
      {"\"v6only\": false", "\"v6only\": 0", "type must be boolean, but is number"},
      {"\"learned\": [", "\"learned\": {}, \"more\": [", "learned = {}, expected a list"},
  };
  for (const auto& [from, to, error] : cases) EXPECT_EQ(error_of(with(file_text(), from, to)), error);
}

TEST(StateFileText, of_two_equal_keys_the_later_counts) {
  const auto memory =
      parse_memory(with(file_text(), "\"port\": 443", "\"port\": 80, \"port\": 8080"), kBoot, kHost);
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(memory->known[0].key.local.port, 8080);
}

TEST(StateFileText, bytes_that_are_no_json_are_an_error_of_one_printable_line) {
  const std::string deep(100'000, '[');
  for (const std::string& text :
       {std::string(), std::string("\x1B[31m"), std::string("\"\xFF\n"), deep, std::string("[]"),
        std::string("null"), std::string("{}"), file_text() + "{}"}) {
    const std::string error = error_of(text);
    EXPECT_NE(error, "") << text.substr(0, 20);
    EXPECT_TRUE(is_utf8(error));
    EXPECT_EQ(error.find_first_of("\x1B\n"), std::string::npos) << error;
  }
}

TEST(BootId, is_one_word_of_the_kernel) {
  const FileTree proc("sys/kernel/random/boot_id = 1234-abcd");
  EXPECT_EQ(read_boot_id(proc.path()), "1234-abcd");
  EXPECT_EQ(read_boot_id(FileTree().path()), "");
  EXPECT_EQ(read_boot_id("/nowhere/at/all"), "");
}

TEST(StateFile, without_a_file_it_is_the_first_start) {
  const FileTree tree;
  const auto memory = StateFile(tree.path()).load(kBoot, kHost);
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_FALSE(memory->has_value());
}

TEST(StateFile, without_a_directory_it_is_the_first_start_too) {
  FileTree tree;
  tree.write("file", "");
  for (const char* directory : {"/missing", "/file"}) {
    const auto memory = StateFile(tree.path() + directory).load(kBoot, kHost);
    ASSERT_TRUE(memory.ok()) << memory.error().message;
    EXPECT_FALSE(memory->has_value());
  }
}

TEST(StateFile, what_was_saved_is_loaded) {
  const FileTree tree;
  StateFile file(tree.path());
  ASSERT_TRUE(file.save(full_memory(), kBoot).ok());
  EXPECT_EQ(file.path(), tree.path() + "/state.json");
  EXPECT_EQ(content(tree, "state.json"), file_text());
  const auto memory = file.load(kBoot, kHost);
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  ASSERT_TRUE(memory->has_value());
  EXPECT_EQ((*memory)->learned, full_memory().learned);
}

// What may stand where the state should, made in an empty folder.
struct Damage {
  const char* name;
  std::function<void(FileTree&)> make;
};
std::vector<Damage> damages() {
  const auto bytes = [](std::string text) {
    return [text = std::move(text)](FileTree& tree) { tree.write("state.json", text); };
  };
  const std::string whole = file_text();
  return {
      {"of another version", bytes("{\"version\": 3}")},
      {"empty", bytes("")},
      {"half of it", bytes(whole.substr(0, whole.size() / 2))},
      {"zeros", bytes(std::string(4096, '\0'))},
      {"a folder", [](FileTree& tree) { tree.add("state.json/inside = x"); }},
      {"a link to nowhere", [](FileTree& tree) { tree.link("state.json", "nowhere"); }},
      {"a link to itself", [](FileTree& tree) { tree.link("state.json", "state.json"); }},
      {"a pipe", [](FileTree& tree) { ASSERT_EQ(::mkfifo(tree.at("state.json").c_str(), 0600), 0); }},
      {"too large",
       [](FileTree& tree) {
         tree.write("state.json", "{");
         std::filesystem::resize_file(tree.at("state.json"), std::uintmax_t{300} << 20);
       }},
      {"set aside by a run that saved nothing",
       [](FileTree& tree) { tree.write("state.json.corrupt", "{"); }},
      {"a folder set aside by such a run", [](FileTree& tree) { tree.add("state.json.corrupt/inside = x"); }},
  };
}

TEST(StateFile, whatever_is_there_but_no_state_is_no_first_start_until_a_new_one_is_saved) {
  for (const auto& [name, make] : damages()) {
    FileTree tree;
    make(tree);
    for (int start = 1; start <= 2; ++start)
      EXPECT_FALSE(StateFile(tree.path()).load(kBoot, kHost).ok()) << name << ", start " << start;
    StateFile file(tree.path());
    EXPECT_FALSE(file.load(kBoot, kHost).ok()) << name;
    ASSERT_TRUE(file.save(full_memory(), kBoot).ok()) << name;
    EXPECT_TRUE(tree.open().has("state.json.corrupt")) << name << ": kept to be looked at";
    const auto memory = StateFile(tree.path()).load(kBoot, kHost);
    EXPECT_TRUE(memory.ok() && memory->has_value()) << name;
  }
}

TEST(StateFile, where_the_disk_is_full_the_damage_stays_in_place) {
  for (const auto& [name, make] : damages()) {
    FileTree tree;
    make(tree);
    StateFile file(tree.path());
    EXPECT_FALSE(file.load(kBoot, kHost).ok()) << name;
    {
      const FullDisk disk(10);
      EXPECT_FALSE(file.save(full_memory(), kBoot).ok()) << name;
    }
    EXPECT_FALSE(StateFile(tree.path()).load(kBoot, kHost).ok()) << name;
  }
}

TEST(StateFile, a_crash_at_any_point_of_a_save_leaves_a_state_or_its_damage) {
  // In the order in which a save makes them of a damaged state.
  for (const char* files :
       {"state.json = {\nstate.json.new = half", "state.json.corrupt = {\nstate.json.new = whole"}) {
    const FileTree tree(files);
    EXPECT_FALSE(StateFile(tree.path()).load(kBoot, kHost).ok()) << files;
  }
}

TEST(StateFile, a_state_that_cannot_be_read_is_set_aside_by_the_save_that_replaces_it) {
  FileTree tree;
  tree.write("state.json", "{\"version\": 3}");
  StateFile file(tree.path());
  EXPECT_EQ(file.load(kBoot, kHost).error().message, tree.path() + "/state.json: version 3, expected 1");
  EXPECT_EQ(content(tree, "state.json"), "{\"version\": 3}");
  ASSERT_TRUE(file.save(full_memory(), kBoot).ok());
  EXPECT_EQ(content(tree, "state.json.corrupt"), "{\"version\": 3}");
  ASSERT_TRUE(file.save({}, kBoot).ok());
  EXPECT_EQ(content(tree, "state.json.corrupt"), "{\"version\": 3}") << "what was saved since is no damage";
}

TEST(StateFile, a_first_start_that_saves_leaves_nothing_else) {
  const FileTree tree;
  StateFile file(tree.path());
  ASSERT_TRUE(file.begin().ok());
  ASSERT_TRUE(file.save(full_memory(), kBoot).ok());
  EXPECT_EQ(tree.open().entries().value(), std::vector<std::string>{"state.json"});
}

TEST(StateFile, a_first_start_that_cannot_save_is_the_last_first_one) {
  const FileTree tree;
  StateFile file(tree.path());
  ASSERT_TRUE(file.begin().ok()) << "an empty file fits on a full disk";
  {
    const FullDisk disk(10);
    EXPECT_FALSE(file.save(full_memory(), kBoot).ok());
  }
  EXPECT_EQ(StateFile(tree.path()).load(kBoot, kHost).error().message, tree.path() + "/state.json: empty");
  ASSERT_TRUE(file.save(full_memory(), kBoot).ok()) << "there is room again";
  const auto memory = StateFile(tree.path()).load(kBoot, kHost);
  EXPECT_TRUE(memory.ok() && memory->has_value());
}

TEST(StateFile, a_first_start_that_was_cut_short_before_it_saved_was_none) {
  const FileTree tree;
  ASSERT_TRUE(StateFile(tree.path()).begin().ok());
  StateFile next(tree.path());
  const auto memory = next.load(kBoot, kHost);
  EXPECT_TRUE(memory.ok() && !memory->has_value());
  EXPECT_TRUE(next.begin().ok());
}

TEST(StateFile, where_nothing_can_be_kept_a_first_start_does_not_begin) {
  const FileTree tree("file = no directory");
  EXPECT_EQ(StateFile(tree.path() + "/missing").begin().error().code, ENOENT);
  EXPECT_EQ(StateFile(tree.path() + "/file").begin().error().code, ENOTDIR);
}

TEST(StateFile, reading_touches_nothing) {
  FileTree tree;
  tree.write("state.json", "nonsense");
  const auto memory = StateFile(tree.path()).read(kBoot, kHost);
  ASSERT_FALSE(memory.ok());
  EXPECT_EQ(memory.error().code, EBADMSG);
  EXPECT_EQ(content(tree, "state.json"), "nonsense");
  EXPECT_FALSE(std::filesystem::exists(tree.at("state.json.corrupt")));
}

TEST(StateFile, what_cannot_be_read_is_not_called_corrupt) {
  const FileTree tree("state.json/");
  const auto memory = StateFile(tree.path()).load(kBoot, kHost);
  ASSERT_FALSE(memory.ok());
  EXPECT_EQ(memory.error().code, EISDIR);
  EXPECT_TRUE(std::filesystem::is_directory(tree.at("state.json")));
}

TEST(StateFile, saving_replaces_the_file_so_that_an_open_one_stays_whole) {
  FileTree tree;
  tree.write("state.json", "old");
  const UniqueFd reader(::open(tree.at("state.json").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(StateFile(tree.path()).save(full_memory(), kBoot).ok());
  struct stat facts {};
  ASSERT_EQ(::fstat(reader.get(), &facts), 0);
  EXPECT_EQ(facts.st_size, 3);
  EXPECT_EQ(facts.st_nlink, 0U);
  EXPECT_EQ(content(tree, "state.json"), file_text());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(tree.path()), {}), 1)
      << "nothing else is left behind";
}

TEST(StateFile, a_failed_save_is_an_error_and_leaves_the_old_file) {
  FileTree tree("file = no directory");
  EXPECT_EQ(StateFile(tree.path() + "/missing").save({}, kBoot).error().code, ENOENT);
  EXPECT_EQ(StateFile(tree.path() + "/file").save({}, kBoot).error().code, ENOTDIR);
  // Where the temporary file should go, something is in the way. (Root may write into a read-only directory.)
  tree.write("state.json", "old");
  tree.add("state.json.new/inside = x");
  EXPECT_EQ(StateFile(tree.path()).save({}, kBoot).error().code, EEXIST);
  EXPECT_EQ(content(tree, "state.json"), "old");
}

TEST(ParseMemory, nesting_without_end_is_an_error_and_no_overflow) {
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  const auto memory = parse_memory("{\"version\": " + deep + "}", "boot", NamespaceId{7});
  ASSERT_FALSE(memory.ok());
  EXPECT_EQ(memory.error().message, "nested too deeply");
}

TEST(SerializeMemory, what_is_only_counted_is_not_worth_a_line) {
  Listener quiet = listener(unix_listening("/run/a.sock", 1));
  quiet.verdict.kind = VerdictKind::Ignored;
  const auto nothing = parse_memory(serialize_memory({{}, {quiet}}, "boot"), "boot", NamespaceId{5});
  ASSERT_TRUE(nothing.ok()) << nothing.error().message;
  EXPECT_TRUE(nothing->known.empty());
}

}  // namespace
}  // namespace sockwatch
