#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Out of memory: it ends, is started again by systemd, and its state is whole."""
import json

import machine as m


def case():
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    m.sh("mkdir -p /run/systemd/system/sockwatch.service.d")
    m.sh("printf '[Service]\\nLimitAS=24M\\n' > /run/systemd/system/sockwatch.service.d/90-as.conf")
    m.sh("systemctl daemon-reload")
    m.sh("systemctl restart sockwatch", check=False)
    m.wait_until(lambda: int(m.show("sockwatch.service", "NRestarts")) > 0 or m.is_active(), "it tried")
    json.loads((m.STATE / "state.json").read_text())

    m.sh("rm /run/systemd/system/sockwatch.service.d/90-as.conf && systemctl daemon-reload")
    m.sh("systemctl reset-failed sockwatch; systemctl restart sockwatch")
    m.wait_active()
    m.wait_polls()
    m.equal(len(m.alerts()), 1, "nothing is told twice")


m.run(case)
