#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An upgrade restarts the service on its old state: nothing is told twice, and changed settings stay."""
import machine as m


def case():
    m.start(m.make_service("known.service", 2222))
    m.wait_until(lambda: m.is_listening(2222), "it listens")
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    m.CONFIG.write_text(m.CONFIG.read_text() + "# mine\n")
    before = m.main_pid()

    m.upgrade()
    m.wait_active()
    assert m.main_pid() != before, "the new program runs"
    m.wait_polls()
    m.contains(m.CONFIG.read_text(), "# mine\n")
    m.equal((len(m.alerts()), len(m.alerts(m.LEARNED))), (1, 1))
    m.equal(m.get("/-/ready", m.UnixConnection("localhost"))[0], 200)
    m.equal(m.show("sockwatch.socket", "ActiveState"), "active")


m.run(case)
