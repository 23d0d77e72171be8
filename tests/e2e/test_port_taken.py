#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Port 10762 is taken at installation: the unit fails and says what is wrong; once it is free, all is well."""
import machine as m


def case():
    m.start(m.make_service("squatter.service", 10762, address="127.0.0.1"))
    m.wait_until(lambda: m.is_listening(10762), "it listens")
    m.status_of(f"DEBIAN_FRONTEND=noninteractive dpkg -i {m.PACKAGE}")
    m.equal(m.show("sockwatch.socket", "ActiveState"), "failed")
    assert not m.is_active()
    m.contains(m.sh("journalctl --no-pager -u sockwatch.socket"), "Address already in use")
    m.sh("systemctl stop squatter.service; systemctl start sockwatch")
    m.wait_active()
    m.equal(m.get("/-/ready")[0], 200)


m.run(case)
