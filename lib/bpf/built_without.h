// SPDX-License-Identifier: Apache-2.0
// What everything that needs a BPF program answers where the programs could not be built.
#pragma once

namespace sockwatch {

inline constexpr const char* kBuiltWithoutBpf =
    "this sockwatchd was built without BPF (clang, bpftool and libbpf were not all there)";

}  // namespace sockwatch
