#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL: systemd starts it again, nothing is told twice, and what opened meanwhile is told."""
import os
import signal

import machine as m


def case():
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    killed = m.main_pid()
    m.make_service("other.service", 5555)
    os.kill(killed, signal.SIGKILL)
    m.start("other.service")
    m.wait_until(lambda: m.is_active() and m.main_pid() not in (0, killed), "a new process")
    m.wait_alert(port=5555)
    m.wait_polls()
    m.equal(sorted(alert["SOCKWATCH_PORT"] for alert in m.alerts()), ["4444", "5555"])
    m.equal(m.show("sockwatch.service", "NRestarts"), "1")


m.run(case)
