// SPDX-License-Identifier: Apache-2.0
#include "lib/model/alert_labels.h"

#include <algorithm>
#include <array>

#include "lib/base/text.h"
#include "lib/model/endpoint_labels.h"
#include "lib/model/properties.h"

namespace sockwatch {
namespace {

constexpr std::array<std::string_view, 2> kOfTheAlert{"alertname", "severity"};

// "SockwatchListenerOpened" from "listener-opened".
std::string alert_name(Event event) {
  std::string name = "Sockwatch";
  for (const std::string_view part : split(word(event), '-')) {
    name += static_cast<char>(part.front() - 'a' + 'A');
    name += part.substr(1);
  }
  return name;
}

void add(AlertLabels& labels, std::string_view name, std::string value) {
  if (!value.empty()) labels.emplace_back(name, std::move(value));
}

void add_listener(AlertLabels& labels, const Listener& listener) {
  EndpointLabels endpoint = endpoint_labels(listener);
  add(labels, "namespace", std::move(endpoint.name_space));
  add(labels, "protocol", std::move(endpoint.protocol));
  endpoint.address = printable(endpoint.address);
  // Another listener than the ordinary one there.
  if (listener.key.promiscuous) endpoint.address += " promiscuous";
  add(labels, "address", std::move(endpoint.address));
  add(labels, "port", std::move(endpoint.port));
  const KnownSocket socket = known(listener);
  for (const Property& property : properties()) {
    if (!property.uses.has(PropertyUse::AlertLabel)) continue;
    const auto value = property.lasting != nullptr ? property.lasting(socket) : property.get(socket);
    if (value) add(labels, property.name, text_of(*value));
  }
}

}  // namespace

AlertLabels alert_labels(const Alert& alert) {
  AlertLabels labels;
  add(labels, "alertname", alert_name(alert.event));
  const Severity severity = alert.tone == AlertTone::Right ? Severity::Info : alert.severity;
  add(labels, "severity", std::string(word(severity)));
  if (alert.listener) {
    add_listener(labels, *alert.listener);
    return labels;
  }
  if (alert.hidden) {
    add(labels, "protocol", std::string(word(alert.hidden->protocol)));
    add(labels, "port", std::to_string(alert.hidden->port));
  }
  add(labels, "rule", alert.rule);
  return labels;
}

bool is_alert_label(std::string_view name) {
  const auto is_name = [name](std::string_view label) { return label == name; };
  return std::any_of(kOfTheAlert.begin(), kOfTheAlert.end(), is_name) ||
         std::any_of(kEndpointLabels.begin(), kEndpointLabels.end(), is_name) ||
         std::any_of(properties().begin(), properties().end(), [name](const Property& property) {
           return property.uses.has(PropertyUse::AlertLabel) && property.name == name;
         });
}

}  // namespace sockwatch
