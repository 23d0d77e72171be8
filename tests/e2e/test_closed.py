#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An unexpected listener that is gone for longer than the grace is told as gone, once."""
import machine as m


def case():
    m.install(settings='[policy]\nrestart_grace = "1s"\n')
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    m.sh("systemctl stop demo.service")
    closed = m.wait_alert(m.CLOSED, port=4444)
    m.equal(closed["PRIORITY"], "5", "a notice")
    m.equal(closed["SOCKWATCH_UNIT"], "demo.service")
    m.wait_polls()
    m.equal(len(m.alerts(m.CLOSED)), 1)
    m.equal(m.metric("sockwatch_unexpected_listeners"), 0)


m.run(case)
