#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What was told about a unit is found from the unit: `journalctl -u` of the culprit shows the alert, among its own
lines, and that of sockwatch shows it, too."""
import json

import machine as m


def told(unit, user=""):
    """Alerts that journalctl shows for a unit, as anybody would ask."""
    shown = m.sh(f"journalctl --no-pager -o json {user} -u {unit}")
    return [entry["SOCKWATCH_EVENT"] for entry in map(json.loads, shown.splitlines()) if "SOCKWATCH_EVENT" in entry]


def case():
    m.install(settings='[policy]\nrestart_grace = "1s"\n')
    m.wait_active()
    m.start(m.make_service())
    alert = m.wait_alert(port=4444)
    m.equal(told("demo.service"), ["listener-opened"])
    m.contains(told("sockwatch.service"), "listener-opened")
    m.equal(alert["OBJECT_PID"], m.show("demo.service", "MainPID"))
    m.equal(alert["OBJECT_SYSTEMD_UNIT"], ["demo.service", "sockwatch.service"])
    m.contains(alert["OBJECT_CMDLINE"], "4444")
    m.contains(m.sh("systemctl status --no-pager demo.service"), "unexpected listener")
    m.equal(len(m.alerts()), 1, "one entry, not two")

    m.sh("systemctl stop demo.service")
    m.wait_alert(m.CLOSED, port=4444)
    m.equal(told("demo.service"), ["listener-opened", "listener-closed"])
    m.equal(m.metric("sockwatch_alert_sink_errors_total"), 0)


m.run(case)
