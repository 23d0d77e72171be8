#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What was told about a unit is found from the unit.

`journalctl -u` asks for OBJECT_SYSTEMD_UNIT, which journald adds only where the sender's uid is 0; ours is not. So it is
a field of our own, which can be asked for together with the unit's own entries."""
import machine as m


def case():
    m.install()
    m.wait_active()
    m.start(m.make_service())
    alert = m.wait_alert(port=4444)
    m.equal(alert["OBJECT_PID"], m.show("demo.service", "MainPID"))
    about = m.entries("SOCKWATCH_UNIT=demo.service")
    m.equal([entry["MESSAGE"] for entry in about], [alert["MESSAGE"]])
    both = m.entries("_SYSTEMD_UNIT=demo.service", "+", "SOCKWATCH_UNIT=demo.service")
    m.equal({entry["_SYSTEMD_UNIT"] for entry in both}, {"demo.service", "sockwatch.service"})


m.run(case)
