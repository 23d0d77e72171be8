#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""journald is killed again and again and comes back by itself: no alert that met none is lost, none comes twice."""
import os
import signal

import machine as m


def journald():
    return m.wait_until(lambda: int(m.show("systemd-journald.service", "MainPID")), "journald runs")


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    pid = m.main_pid()
    for port in range(6001, 6006):
        m.make_service(f"demo{port}.service", port)
    for port in range(6001, 6006):
        os.kill(journald(), signal.SIGKILL)
        m.start(f"demo{port}.service")
        m.wait_alert(port=port, seconds=30)
    m.equal(len(m.alerts()), 5)
    m.equal(m.main_pid(), pid)


m.run(case)
