#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Installing starts it, and the first thing it says is what it found and expects from now on."""
# nspawn: --capability=all --system-call-filter="bpf perf_event_open"
import machine as m


def case():
    m.start(m.make_service("already-there.service", 2222))
    m.wait_until(lambda: m.is_listening(2222), "it listens")
    m.install()
    m.wait_active()
    for unit in ("sockwatch.service", "sockwatch.socket"):
        m.equal(m.sh(f"systemctl is-enabled {unit}").strip(), "enabled")
    m.sh("getent passwd _sockwatch && getent group sockwatch")

    first = m.wait_until(lambda: m.entries("SYSLOG_IDENTIFIER=sockwatchd"), "an entry")[0]
    m.equal(first.get("MESSAGE_ID"), m.LEARNED, first["MESSAGE"])
    m.contains(first["MESSAGE"], "0.0.0.0:2222/tcp (already-there.service)", "reachable: any")
    m.wait_polls()
    m.equal(m.alerts(), [], "what was there is no alert, and neither is sockwatch itself")
    m.equal(m.listeners(verdict="unexpected"), [])


m.run(case)
