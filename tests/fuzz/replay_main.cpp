// SPDX-License-Identifier: Apache-2.0
// Stands in for libFuzzer: hands every file of the folders on the command line to the target, once.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz.h"

int main(int count, char** arguments) {
  int files = 0;
  for (int i = 1; i < count; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(arguments[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::vector<char> content{std::istreambuf_iterator<char>(file), {}};
      // Of exactly this size, so that a sanitizer sees a step outside.
      const std::vector<std::uint8_t> input(content.begin(), content.end());
      (void)std::printf("%s\n", entry.path().c_str());
      (void)std::fflush(stdout);  // an input that kills the program is the last one named
      (void)LLVMFuzzerTestOneInput(input.data(), input.size());
      ++files;
    }
  }
  if (files == 0) (void)std::fprintf(stderr, "no input found\n");
  return files == 0 ? 1 : 0;
}
