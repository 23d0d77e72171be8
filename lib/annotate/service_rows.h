// SPDX-License-Identifier: Apache-2.0
// The text form of a port table, which the compiled-in ones and the user's override file share: a port a
// line, with a tab between the columns port, transport, service, title, title_ja, encrypted and safer. The
// last four may be missing, empty or "-"; blank lines and lines that start with # are skipped. Pure; any
// bytes may come in.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

// The texts point into the table that was read.
struct ServiceRow {
  std::uint16_t port = 0;
  Protocol protocol = Protocol::Tcp;  // Tcp, Udp or Sctp
  ServiceSource source = ServiceSource::Iana;
  Encryption encryption = Encryption::Unknown;
  std::string_view name;
  std::string_view title;
  std::string_view title_ja;
  std::string_view safer;
};

// In the order of the file; "tcp,udp" makes two rows. `text` must outlive them. A line that is not of the
// form is an error that says "file:line:column: what, and what was expected".
Result<std::vector<ServiceRow>> read_service_rows(std::string_view file_name, std::string_view text,
                                                  ServiceSource source);

}  // namespace sockwatch
