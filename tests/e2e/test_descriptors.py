#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Out of file descriptors: looks go on and are complete, the alert comes, and pages are back when clients let go."""
import os
import socket

import machine as m

LIMIT = 40


def open_descriptors():
    return len(os.listdir(f"/proc/{m.main_pid()}/fd"))


def case():
    m.install(drop_in=f"[Service]\nLimitNOFILE={LIMIT}\n")
    m.wait_active()
    m.wait_polls()
    pid = m.main_pid()
    held = [socket.create_connection(("127.0.0.1", 10762)) for _ in range(60)]
    m.wait_until(lambda: open_descriptors() == LIMIT, "every descriptor is in use")
    m.start(m.make_service())
    m.wait_alert(port=4444, seconds=30)
    for connection in held:
        connection.close()
    m.wait_until(lambda: m.get("/-/healthy")[0] == 200, "pages are back")
    m.wait_until(lambda: open_descriptors() < LIMIT, "and so are descriptors")
    m.equal(m.metric("process_max_fds"), LIMIT)
    m.wait_polls()
    m.wait_until(lambda: m.listeners(port=4444)[0].get("unit") == "demo.service", "its unit is found late", 20)
    m.equal((m.main_pid(), m.show("sockwatch.service", "NRestarts")), (pid, "0"))
    m.equal(len(m.alerts()), 1)


m.run(case)
