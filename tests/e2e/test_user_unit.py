#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A unit of a user's own manager is named with the user's manager in front."""
import machine as m

AS_VISITOR = "setpriv --reuid=visitor --regid=visitor --init-groups env XDG_RUNTIME_DIR=/run/user/1000"


def case():
    m.install()
    m.wait_active()
    m.make_service("unused.service")
    m.sh("systemctl start user@1000.service")
    m.sh(f"{AS_VISITOR} systemd-run --user --unit=demo /usr/bin/python3 /opt/listener.py tcp 0.0.0.0 4444 4444")
    alert = m.wait_alert(port=4444)
    m.equal(alert["SOCKWATCH_UNIT"], "user@1000.service/demo.service")
    m.equal(alert["SOCKWATCH_USER"], "visitor")


m.run(case)
