#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Without any capability it still tells what opens, where and in which unit, and says what it cannot see."""
import machine as m


def case():
    m.install()
    m.drop_in("no-capabilities")
    m.wait_active()
    for kind in ("Eff", "Prm", "Inh", "Bnd", "Amb"):
        m.equal(m.capabilities(kind), set(), kind)
    m.start(m.make_service())
    alert = m.wait_alert(port=4444)
    m.equal((alert["SOCKWATCH_UNIT"], alert["SOCKWATCH_OWNER_STATE"]), ("demo.service", "no-permission"))
    assert "SOCKWATCH_EXE" not in alert
    m.wait_polls()
    m.contains(m.status_text(), "events: destroy", "programs of 1 hidden (no permission)")
    m.equal(m.metric("sockwatch_event_source_info", source="destroy"), 1)
    m.equal(m.metric("sockwatch_sockets_unattributed", owner_state="no-permission"), 1)
    m.sh("systemctl restart sockwatch")
    m.wait_polls()
    for said in ("event source not available: bpf:", "programs of other users may stay unknown: that takes CAP_SYS_PTRACE"):
        m.equal(m.log_of_daemon(since_start=True).count(said), 1, f"{said} is said once a start")


m.run(case)
