#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""journald is killed and comes back by itself: no alert is lost, none comes twice."""
import machine as m


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    pid = m.main_pid()
    for port in range(6001, 6006):
        m.make_service(f"demo{port}.service", port)
    for port in range(6001, 6006):
        m.sh("systemctl kill --signal=KILL systemd-journald")
        m.start(f"demo{port}.service")
        m.wait_until(lambda: m.show("systemd-journald.service", "ActiveState") == "active", "journald is back")
    for port in range(6001, 6006):
        m.wait_alert(port=port, seconds=30)
    m.equal(len(m.alerts()), 5)
    m.equal(m.main_pid(), pid)


m.run(case)
