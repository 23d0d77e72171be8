// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <gtest/gtest.h>

#include <iostream>

#include "tests/fakes/captured_stream.h"

namespace sockwatch {
namespace {

struct Values {
  bool flag = false;
  std::string text = "as it was";
  std::vector<std::string> list;
  std::vector<std::string> each;
  std::size_t count = 7;
  std::optional<double> seconds;
};

struct Said {
  ParsedCommand parsed;
  std::string out;
  std::string error;
};

Said parse(const Command& program, std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "program");
  const CapturedStream out(std::cout);
  const CapturedStream error(std::cerr);
  ParsedCommand parsed =
      parse_command_line(program, "program 1.2", static_cast<int>(arguments.size()), arguments.data());
  return {std::move(parsed), out.text(), error.text()};
}

Command of(Values& values) {
  Command command{.name = "show", .help = "Shows", .run = [] { return ExitCode::Fine; }};
  command.options = {
      {.names = "-f,--flag", .target = &values.flag, .help = "A flag"},
      {.names = "--text", .target = &values.text, .help = "A text", .value = "TEXT", .choices = {"a", "b"}},
      {.names = "--list",
       .target = &values.list,
       .help = "A list",
       .value = "WORD,...",
       .excludes = {"--flag", "--text"},
       .commas = true},
      {.names = "--each", .target = &values.each, .help = "Words", .value = "WORD", .one_each = true},
      {.names = "--count", .target = &values.count, .help = "A number", .range = OptionRange{1, 9}},
      {.names = "--watch",
       .target = &values.seconds,
       .help = "Again",
       .value = "SECONDS",
       .range = OptionRange{0.1, 60},
       .bare = "2"},
  };
  return command;
}

Command program_of(Command command) {
  return {.name = "program",
          .help = "A program",
          .run = [] { return ExitCode::Findings; },
          .commands = {std::move(command)}};
}

std::string complaint(std::vector<const char*> arguments) {
  Values values;
  arguments.insert(arguments.begin(), "show");
  const Said said = parse(program_of(of(values)), std::move(arguments));
  EXPECT_FALSE(said.parsed.run);
  EXPECT_EQ(said.parsed.exit_code, 2);
  EXPECT_EQ(said.out, "");
  return said.error.substr(0, said.error.find('\n'));
}

Values given(std::vector<const char*> arguments) {
  Values values;
  arguments.insert(arguments.begin(), "show");
  const Said said = parse(program_of(of(values)), std::move(arguments));
  EXPECT_TRUE(said.parsed.run);
  EXPECT_EQ(said.out + said.error, "");
  return values;
}

TEST(CommandLine, what_is_not_given_stays_as_it_was) {
  const Values values = given({});
  EXPECT_FALSE(values.flag);
  EXPECT_EQ(values.text, "as it was");
  EXPECT_TRUE(values.list.empty());
  EXPECT_EQ(values.count, 7U);
  EXPECT_FALSE(values.seconds);
}

TEST(CommandLine, values_are_put_where_the_options_say) {
  const Values values = given({"-f", "--text", "b", "--count=9", "--watch", "0.5"});
  EXPECT_TRUE(values.flag);
  EXPECT_EQ(values.text, "b");
  EXPECT_EQ(values.count, 9U);
  EXPECT_EQ(values.seconds, 0.5);
  EXPECT_EQ(given({"--list", "a,b"}).list, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(given({"--each", "a,b", "--each", "c"}).each, (std::vector<std::string>{"a,b", "c"}));
}

TEST(CommandLine, an_option_may_have_a_value_for_when_it_is_given_without_one) {
  EXPECT_EQ(given({"--watch"}).seconds, 2.0);
  EXPECT_EQ(given({"--watch", "--flag"}).seconds, 2.0);
}

TEST(CommandLine, a_mistake_is_named_and_nothing_runs) {
  EXPECT_EQ(complaint({"--text", "c"}), "--text: c not in {a,b}");
  EXPECT_EQ(complaint({"--text"}), "--text: 1 required TEXT:{a,b} missing");
  EXPECT_EQ(complaint({"--list", "a", "--flag"}), "--flag excludes --list");
  EXPECT_EQ(complaint({"--text", "a", "--list", "b"}), "--text excludes --list");
  EXPECT_EQ(complaint({"--each", "a", "b"}), "The following argument was not expected: b");
  EXPECT_EQ(complaint({"--count", "0"}), "--count: Value 0 not in range 1 to 9");
  EXPECT_EQ(complaint({"--count", "-1"}), "--count: Value -1 not in range 1 to 9");
  EXPECT_EQ(complaint({"--watch=61"}), "--watch: Value 61 not in range 0.100000 to 60.000000");
  EXPECT_EQ(complaint({"--watch=soon"}), "--watch: Value soon not in range 0.100000 to 60.000000");
  EXPECT_EQ(complaint({"--other"}), "The following argument was not expected: --other");
  EXPECT_EQ(complaint({"word"}), "The following argument was not expected: word");
}

TEST(CommandLine, a_required_argument_is_asked_for) {
  std::string what;
  const Command command{.name = "look",
                        .run = [] { return ExitCode::Fine; },
                        .options = {{.names = "what", .target = &what, .help = "A port", .required = true}}};
  EXPECT_EQ(parse(program_of(command), {"look"}).error.substr(0, 16), "what is required");
  EXPECT_TRUE(parse(program_of(command), {"look", "22"}).parsed.run);
  EXPECT_EQ(what, "22");
}

TEST(CommandLine, the_command_named_is_the_one_that_runs) {
  Values values;
  const Command program = program_of(of(values));
  EXPECT_EQ(parse(program, {"show"}).parsed.run(), ExitCode::Fine);
  EXPECT_EQ(parse(program, {}).parsed.run(), ExitCode::Findings);
  EXPECT_EQ(parse(program, {"shows"}).parsed.exit_code, 2);
}

TEST(CommandLine, a_command_without_a_run_needs_one_of_its_own) {
  Values values;
  const Command program = program_of({.name = "suggest", .commands = {of(values)}});
  EXPECT_EQ(parse(program, {"suggest", "show"}).parsed.run(), ExitCode::Fine);
  const Said alone = parse(program, {"suggest"});
  EXPECT_FALSE(alone.parsed.run);
  EXPECT_EQ(alone.parsed.exit_code, 2);
  EXPECT_EQ(alone.error.substr(0, 24), "A subcommand is required");
}

TEST(CommandLine, help_and_version_are_answered_on_standard_output) {
  Values values;
  Command command = of(values);
  command.footer = "Examples:\n  program show";
  const Command program = program_of(command);
  const Said help = parse(program, {"show", "--help"});
  EXPECT_FALSE(help.parsed.run);
  EXPECT_EQ(help.parsed.exit_code, 0);
  EXPECT_EQ(help.error, "");
  for (const char* part :
       {"Shows\n", "-f,--flag", "--text TEXT:{a,b}", "=2", "Again", "Examples:\n  program show\n"})
    EXPECT_NE(help.out.find(part), std::string::npos) << part << " in\n" << help.out;
  EXPECT_EQ(parse(program, {"--version"}).out, "program 1.2\n");
  EXPECT_EQ(parse(program, {"--version"}).parsed.exit_code, 0);
}

}  // namespace
}  // namespace sockwatch
