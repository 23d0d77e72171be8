#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The state directory cannot be written: it watches and alerts all the same, and says what is not remembered."""
import machine as m


def case():
    m.install()
    m.wait_active()
    m.sh("systemctl stop sockwatch")
    m.sh("mkdir -p /run/systemd/system/sockwatch.service.d")
    m.sh("printf '[Service]\\nReadOnlyPaths=/var/lib/sockwatch /var/lib/private\\n' "
         "> /run/systemd/system/sockwatch.service.d/90-ro.conf; systemctl daemon-reload; systemctl start sockwatch")
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    m.wait_until(lambda: "not remembered over a restart" in m.log_of_daemon(), "the log says so")
    assert m.is_active()


m.run(case)
