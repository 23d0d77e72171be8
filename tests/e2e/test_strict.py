#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""With first_run = "strict" nothing is learned: what no rule names is told at the very first start."""
import machine as m


def case():
    m.start(m.make_service("known.service", 2222))
    m.start(m.make_service())
    m.wait_until(lambda: m.is_listening(2222) and m.is_listening(4444), "both listen")
    m.install(settings='[policy]\nfirst_run = "strict"\n',
              policy='[[rule]]\nname = "known"\naction = "expect"\nport = 2222\nunit = "known.service"\n')
    m.wait_active()
    m.wait_alert(port=4444)
    m.wait_polls()
    m.equal([alert["SOCKWATCH_PORT"] for alert in m.alerts()], ["4444"])
    m.equal(m.alerts(m.LEARNED), [])


m.run(case)
