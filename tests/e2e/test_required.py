#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A required listener that goes away is told, and told again when it is back."""
import machine as m

MISSING = "81cf57245b0c47338531d8e753a9182e"


def case():
    m.start(m.make_service())
    m.wait_until(lambda: m.is_listening(4444), "it listens")
    m.install(settings='[policy]\nrestart_grace = "1s"\n',
              policy='[[rule]]\nname = "demo"\naction = "expect"\nport = 4444\nrequired = true\n')
    m.wait_active()
    m.wait_polls()
    m.equal(m.alerts(MISSING), [])
    m.sh("systemctl stop demo.service")
    m.contains(m.wait_alert(MISSING, rule="demo")["MESSAGE"], "missing")
    m.equal(m.metric("sockwatch_missing_listeners", rule="demo"), 1)
    m.start("demo.service")
    back = m.wait_until(lambda: m.alerts(MISSING)[1:], "a second entry")[0]
    m.equal(back["PRIORITY"], "5")


m.run(case)
