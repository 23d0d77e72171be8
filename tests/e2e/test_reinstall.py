#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Removed and installed again: rules and memory are still there, so nothing is learned or told a second time."""
import machine as m


def case():
    m.start(m.make_service("known.service", 2222))
    m.wait_until(lambda: m.is_listening(2222), "it listens")
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    with m.CONFIG.open("a") as settings:
        settings.write("# mine\n")
    m.sh("DEBIAN_FRONTEND=noninteractive dpkg --remove sockwatch")
    assert not m.is_active() and not m.is_listening(10762)
    m.sh(f"DEBIAN_FRONTEND=noninteractive dpkg -i {m.PACKAGE}")
    m.wait_active()
    m.wait_polls()
    m.contains(m.CONFIG.read_text(), "# mine\n")
    m.equal((len(m.alerts()), len(m.alerts(m.LEARNED))), (1, 1))
    m.equal(m.listeners(port=2222)[0]["verdict"], "expected")


m.run(case)
