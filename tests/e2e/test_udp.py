#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""UDP on a port that a program chose is a listener, too; a client's port that the kernel handed out is none."""
import machine as m


def case():
    m.install()
    m.wait_active()
    m.start(m.make_service("client.service", 0, protocol="udp"))
    m.start(m.make_service(protocol="udp", address="::"))
    alert = m.wait_alert(port=4444)
    m.equal((alert["SOCKWATCH_PROTOCOL"], alert["SOCKWATCH_ADDRESS"]), ("udp", "::"))
    m.equal(alert["SOCKWATCH_UNIT"], "demo.service")
    m.wait_polls()
    m.equal(len(m.alerts()), 1, "only one alert")


m.run(case)
