#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Pages and API on both sockets of the socket unit; the local one is for root and its group only."""
import json

import machine as m

ASK = ("python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect(\"" + m.API + "\"); "
       "s.sendall(b\"GET /-/ready HTTP/1.0\\r\\n\\r\\n\"); print(s.recv(99))'")


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    for connection in (None, m.UnixConnection("localhost")):
        status, page = m.get("/metrics", connection)
        m.equal(status, 200)
        m.contains(page, "sockwatch_build_info", "process_resident_memory_bytes")
    m.equal(m.get("/-/healthy", m.UnixConnection("localhost"))[0], 200)
    json.loads(m.get("/api/v1/status", m.UnixConnection("localhost"))[1])
    m.equal(m.get("/nowhere")[0], 404)

    m.contains(m.sh(f"stat -c '%a %U %G' {m.API}"), "660 root sockwatch")
    assert m.status_of(f"setpriv --reuid=visitor --regid=visitor --clear-groups {ASK}") != 0, "not for everybody"
    m.equal(m.status_of(f"setpriv --reuid=visitor --regid=visitor --groups=sockwatch {ASK}"), 0)
    m.equal(m.sh("ss -Hlnt").count("127.0.0.1:10762"), 1)


m.run(case)
