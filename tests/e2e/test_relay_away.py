#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The relay into the journal is away, killed, or hangs: every alert comes all the same, once, and soon."""
import os
import signal

import machine as m


def relay():
    return m.wait_until(lambda: int(m.show("sockwatch-journal.service", "MainPID")), "the relay runs")


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    for port in range(4444, 4449):
        m.make_service(f"demo{port}.service", port)

    os.kill(relay(), signal.SIGKILL)
    m.start("demo4444.service")
    m.equal(m.wait_alert(port=4444)["_SYSTEMD_UNIT"], "sockwatch-journal.service", "systemd has started another")

    hung = relay()
    os.kill(hung, signal.SIGSTOP)
    m.start("demo4445.service")
    m.equal(m.wait_alert(port=4445, seconds=3)["_SYSTEMD_UNIT"], "sockwatch.service")
    m.start("demo4446.service")
    m.equal(m.wait_alert(port=4446, seconds=3)["_SYSTEMD_UNIT"], "sockwatch.service")
    os.kill(hung, signal.SIGCONT)
    m.wait_polls(10)

    m.sh("systemctl stop sockwatch-journal.socket sockwatch-journal.service")
    m.start("demo4447.service")
    m.equal(m.wait_alert(port=4447)["_SYSTEMD_UNIT"], "sockwatch.service")
    m.sh("systemctl start sockwatch-journal.socket && systemctl restart sockwatch")
    m.wait_active()
    m.start("demo4448.service")
    m.equal(m.wait_alert(port=4448)["_SYSTEMD_UNIT"], "sockwatch-journal.service")
    m.equal(sorted(alert["SOCKWATCH_PORT"] for alert in m.alerts()), ["4444", "4445", "4446", "4447", "4448"])


m.run(case)
