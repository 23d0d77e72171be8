#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Out of file descriptors: looks go on, and the alert comes once idle clients have been put off."""
import socket

import machine as m


def case():
    m.install(drop_in="[Service]\nLimitNOFILE=40\n")
    m.wait_active()
    m.wait_polls()
    held = [socket.create_connection(("127.0.0.1", 10762)) for _ in range(60)]
    m.start(m.make_service())
    m.wait_alert(port=4444, seconds=30)
    for connection in held:
        connection.close()
    m.wait_until(lambda: m.get("/-/healthy")[0] == 200, "pages are back")
    m.equal(m.show("sockwatch.service", "NRestarts"), "0")
    assert m.is_active()


m.run(case)
