#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A broken file at the start: the unit fails with its line and is not started over and over."""
import machine as m


def case():
    m.install(settings='[watch]\nlisteners = "soon"\n')
    m.wait_until(lambda: m.show("sockwatch.service", "ActiveState") == "failed", "the unit has failed")
    m.equal(m.show("sockwatch.service", "ExecMainStatus"), "78")
    m.equal(m.show("sockwatch.service", "NRestarts"), "0")
    m.contains(m.sh("journalctl --no-pager -u sockwatch"), "/etc/sockwatch/conf.d/10-test.toml:2:13: ")
    m.equal(m.status_of("sockwatch check"), 2)

    (m.CONFIG.parent / "conf.d/10-test.toml").unlink()
    m.wait_until(lambda: m.status_of("systemctl start sockwatch") == 0, "it starts")
    m.wait_active()


m.run(case)
