#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Services that restart, one expected and one not, are no news."""
import machine as m


def case():
    m.start(m.make_service("known.service", 2222))
    m.wait_until(lambda: m.is_listening(2222), "it listens")
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    for _ in range(3):
        m.sh("systemctl restart known.service demo.service")
        m.wait_until(lambda: m.is_listening(2222) and m.is_listening(4444), "both listen again")
        m.wait_polls()
    m.equal([alert["SOCKWATCH_PORT"] for alert in m.alerts()], ["4444"])
    m.equal(m.alerts(m.CLOSED), [])


m.run(case)
