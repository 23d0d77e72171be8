#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A service opens a port that nobody expects: within a second there is an alert that names the culprit."""
import json

import machine as m


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    m.start(m.make_service(user="visitor"))
    alert = m.wait_alert(port=4444)

    opened = float(m.wait_until(lambda: m.entries("_SYSTEMD_UNIT=demo.service"), "when it opened")[0]["MESSAGE"])
    late = int(alert["__REALTIME_TIMESTAMP"]) / 1e6 - opened
    print(f"told {late:.3f} s after it opened")
    assert late < 1, late

    for field, value in {"EVENT": "listener-opened", "PROTOCOL": "tcp", "ADDRESS": "0.0.0.0", "BIND": "explicit",
                         "SCOPE": "any", "CATEGORY": "registered", "NAMESPACE": "host", "UNIT": "demo.service",
                         "USER": "visitor", "UID": "1000", "OWNER_STATE": "known", "VERDICT": "unexpected",
                         "PID": m.show("demo.service", "MainPID")}.items():
        m.equal(alert.get("SOCKWATCH_" + field), value, field)
    m.contains(alert["SOCKWATCH_EXE"], "/usr/bin/python3")
    m.contains(alert["SOCKWATCH_ALLOW"], "[[rule]]", 'unit = "demo.service"', "port = 4444")
    m.equal(alert["PRIORITY"], "4")
    m.contains(alert["MESSAGE"], "0.0.0.0:4444/tcp", "demo.service", "user visitor")
    print(json.dumps(alert, indent=1))


m.run(case)
