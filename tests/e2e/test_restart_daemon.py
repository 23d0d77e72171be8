#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A restart of the daemon forgets nothing: no alert a second time, nothing learned again, and the socket stays open."""
import machine as m


def case():
    m.start(m.make_service("known.service", 2222))
    m.wait_until(lambda: m.is_listening(2222), "it listens")
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    for _ in range(3):
        m.sh("systemctl restart sockwatch")
        m.wait_polls()
    m.equal(len(m.alerts()), 1, "one alert for one listener")
    m.equal(len(m.alerts(m.LEARNED)), 1, "learned once")
    m.equal(m.listeners(port=2222)[0]["verdict"], "expected")
    m.equal(m.listeners(port=4444)[0]["verdict"], "unexpected")
    m.equal(m.get("/-/ready", m.UnixConnection("localhost"))[0], 200)


m.run(case)
