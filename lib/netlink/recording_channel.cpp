// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/recording_channel.h"

namespace sockwatch {

Result<void> RecordingChannel::send(Bytes request) {
  writer_.request(request);
  return inner_.send(request);
}

Result<Bytes> RecordingChannel::receive() {
  auto datagram = inner_.receive();
  if (datagram.ok()) {
    writer_.reply(*datagram);
  } else {
    writer_.receive_error(datagram.error().code);
  }
  return datagram;
}

}  // namespace sockwatch
