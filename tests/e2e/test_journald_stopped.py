#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""journald is stopped for a while: looks go on, and the alert comes when it is back, with the time it happened."""
import time

import machine as m

UNITS = "systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket systemd-journald.service"


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    pid = m.main_pid()
    m.make_service()
    m.sh(f"systemctl stop {UNITS}", check=False)
    stopped = time.time()
    m.start("demo.service")
    m.wait_until(lambda: m.listeners(port=4444, verdict="unexpected"), "the page has it")
    m.wait_polls(5)
    m.sh("systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service")
    started = time.time()
    alert = m.wait_alert(port=4444, seconds=30)
    print(f"journald was away for {started - stopped:.1f} s; {alert['SOCKWATCH_TIME']}")
    m.equal(len(m.alerts()), 1)
    m.equal(m.metric("sockwatch_alerts_total", event="listener-opened"), 1)
    m.equal(m.main_pid(), pid)


m.run(case)
