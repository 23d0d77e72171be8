// SPDX-License-Identifier: Apache-2.0
// What a document says of a listener, a connection or an alert, by the name of the field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/model/fields.h"

namespace sockwatch {

// "-" where the document has no such field.
inline std::string said(const std::vector<Field>& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name == name) return text_of(field.value);
  }
  return "-";
}
inline std::string said(const Listener& listener, std::string_view name) {
  return said(fields_of(listener), name);
}

}  // namespace sockwatch
