#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the daemon told is read back out of the machine's journal; who may not read it is told so."""
import json

import machine as m


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    m.start(m.make_service(user="visitor"))
    m.wait_alert(port=4444)

    told = m.sh("sockwatch history --json --port 4444/tcp --event listener-opened --since 1h")
    alerts = json.loads(told)["alerts"]
    m.equal(len(alerts), 1)
    for field, value in {"event": "listener-opened", "port": 4444, "unit": "demo.service", "user": "visitor",
                         "verdict": "unexpected", "rule": "default"}.items():
        m.equal(alerts[0].get(field), value, field)
    m.contains(alerts[0]["allow"], 'unit = "demo.service"')
    m.contains(m.sh("sockwatch history --unit 'demo*'"), "listener-opened", "0.0.0.0:4444/tcp")

    # Anybody may write what looks like ours.
    m.sh("printf 'SOCKWATCH_EVENT=listener-opened\\nMESSAGE=forged\\n' | runuser -u visitor -- logger --journald")
    m.wait_until(lambda: "forged" in m.sh("sockwatch history --sender ''"), "the forged entry is in the journal")
    m.equal("forged" in m.sh("sockwatch history"), False)
    # As docs/alerts.md asks the journal itself; what came by the relay is found all the same.
    asked = m.sh("journalctl --no-pager -u sockwatch SOCKWATCH_EVENT=listener-opened")
    m.equal(("forged" in asked, "0.0.0.0:4444/tcp" in asked), (False, True))

    refused = "runuser -u visitor -- sockwatch history"
    m.equal(m.status_of(refused), 4)
    m.contains(m.sh(refused, check=False), "no permission")

    # The daemon's own socket answers, too.
    m.contains(m.sh("sockwatch list --idle 1ms"), "4444", "never seen")


m.run(case)
