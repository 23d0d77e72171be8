#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What opened while the daemon was stopped is told when it starts."""
import machine as m


def case():
    m.start(m.make_service("known.service", 2222))
    m.wait_until(lambda: m.is_listening(2222), "it listens")
    m.install()
    m.wait_active()
    m.wait_polls()
    m.sh("systemctl stop sockwatch")
    m.equal(m.show("sockwatch.service", "Result"), "success", "stopped in order")
    m.start(m.make_service())
    m.wait_until(lambda: m.is_listening(4444), "it listens")
    m.sh("systemctl start sockwatch")
    m.equal(m.wait_alert(port=4444)["SOCKWATCH_UNIT"], "demo.service")
    m.equal(len(m.alerts(m.LEARNED)), 1, "nothing is learned a second time")


m.run(case)
