// SPDX-License-Identifier: Apache-2.0
// This machine, looked at as often as one likes. Blocks for as long as a look takes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/look.h"
#include "lib/annotate/owner.h"
#include "lib/monitor/monitor.h"
#include "lib/monitor/setup.h"
#include "lib/monitor/touring_source.h"

namespace sockwatch {

class Machine {
 public:
  // Where its facts are read.
  struct Place {
    ProcessRoots roots;
    std::string state_dir = "/var/lib/sockwatch";  // where a daemon keeps what it has learned
    bool with_memory = true;                       // whether that counts
  };
  // What is looked for.
  struct Families {
    std::vector<Protocol> protocols;
    // Somebody asked for just these, or for all there is: what of them cannot be seen is worth a word. Else
    // nobody misses a family that this kernel shows to no one.
    bool asked_for = false;
    bool bound = false;  // also sockets that are bound and no more
  };
  // As configured, but UNIX sockets only where a rule means them: they are many.
  static Families usual_families(const Setup& setup);
  static Result<std::unique_ptr<Machine>> open(const Place& place, const Setup& setup,
                                               const Families& families);

  // A later look is cheaper: it asks for the owners of new listeners only.
  Look look(Depth depth);

  // That are up in another network namespace, without its loopback device; nothing where it cannot be
  // entered.
  std::optional<std::vector<std::string>> interfaces_up(NamespaceId name_space);

  NamespaceId own_namespace() const { return source_.host().name_space(); }
  // Runs it with the calling thread in that network namespace; false where it cannot be entered.
  bool run_in(NamespaceId name_space, const std::function<void()>& run);

 private:
  Machine(std::unique_ptr<LiveSource> host, std::unique_ptr<NamespaceRoster> roster, Pipeline pipeline,
          OwnerResolver owners, ServiceTable services);

  SystemClock clock_;
  std::unique_ptr<NamespaceRoster> roster_;  // null: our own namespace alone
  TouringSource source_;                     // the monitor points to both
  Monitor monitor_;
  OwnerResolver owners_;
  ServiceTable services_;
  std::optional<Instant> first_look_;
  bool anything_learned_ = false;
  bool asked_for_ = false;
};

}  // namespace sockwatch
