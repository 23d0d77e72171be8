// SPDX-License-Identifier: Apache-2.0
#include "daemon/status_text.h"

namespace sockwatch {

std::size_t count_unexpected(const View& view) {
  std::size_t count = 0;
  for (const Listener& listener : view.listeners)
    count += listener.verdict.kind == VerdictKind::Unexpected ? 1U : 0U;
  return count;
}

std::size_t count_hidden(const View& view) {
  std::size_t count = 0;
  for (const Listener& listener : view.listeners)
    count += listener.annotation.owner.state == OwnerState::NoPermission ? 1U : 0U;
  return count;
}

std::string status_text(const View& view, std::size_t out_of_sight) {
  std::string text = "Watching " + std::to_string(count_shown(view)) + " listeners, " +
                     std::to_string(count_unexpected(view)) +
                     " unexpected; events: " + std::string(word(view.event_source)) + ", sockets from " +
                     std::string(word(view.socket_source));
  if (view.namespaces_watched > 1)
    text += ", " + std::to_string(view.namespaces_watched) + " network namespaces";
  if (view.namespaces_unreadable > 0)
    text += ", " + std::to_string(view.namespaces_unreadable) + " not to be entered";
  if (const std::size_t hidden = count_hidden(view); hidden > 0)
    text += ", programs of " + std::to_string(hidden) + " hidden (no permission)";
  if (out_of_sight > 0) text += "; DEGRADED: " + std::to_string(out_of_sight) + " parts out of sight";
  return text;
}

}  // namespace sockwatch
