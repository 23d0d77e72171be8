// SPDX-License-Identifier: Apache-2.0
// How sockwatch ends: a contract with scripts.
#pragma once

namespace sockwatch {

enum class ExitCode {
  Fine = 0,
  Findings = 1,    // something unexpected is open; a port or name that no table knows
  Usage = 2,       // wrong usage or configuration
  NoDaemon = 3,    // a running daemon was asked, and none answers
  Incomplete = 4,  // part of the machine could not be seen
};

}  // namespace sockwatch
