// SPDX-License-Identifier: Apache-2.0
#include "lib/model/endpoint_labels.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

std::string labels_of(const SocketRecord& record) {
  const EndpointLabels labels = endpoint_labels(listener(record));
  return labels.protocol + " " + labels.address + " " + labels.port;
}

SocketRecord assigned(SocketRecord record) {
  record.bind = Bind::Assigned;
  return record;
}

TEST(EndpointLabels, each_family_has_its_own_words) {
  SocketRecord bound = listening(Protocol::Tcp, "fe80::1", 80, 1);
  bound.local.interface_index = 2;
  EXPECT_EQ(labels_of(bound), "tcp fe80::1 80") << "on whatever interface";
  EXPECT_EQ(labels_of(listening(Protocol::Raw, "0.0.0.0", 1, 1)), "raw 0.0.0.0 1");
  EXPECT_EQ(labels_of(listening(Protocol::Vsock, "0.0.0.0", 22, 1)), "vsock any 22");
  EXPECT_EQ(labels_of(unix_listening("/run/a.sock", 1)), "unix /run/a.sock ");
  EXPECT_EQ(labels_of(packet_socket("eth0", 0x0800, 1)), "packet eth0 0x0800");
}

TEST(EndpointLabels, what_the_kernel_chose_will_be_another_next_time) {
  EXPECT_EQ(labels_of(assigned(listening(Protocol::Tcp, "0.0.0.0", 40001, 1))), "tcp 0.0.0.0 assigned");
  EXPECT_EQ(labels_of(assigned(unix_listening(std::string("\0"
                                                          "00a1b",
                                                          6),
                                              1))),
            "unix assigned ");
}

}  // namespace
}  // namespace sockwatch
