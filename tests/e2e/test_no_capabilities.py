#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Without any capability it still tells what opens, where and in which unit, and says what it cannot see."""
import machine as m


def case():
    m.install()
    m.drop_in("no-capabilities")
    m.wait_active()
    m.contains(m.sh(f"grep -E 'Cap(Prm|Eff|Bnd|Amb)' /proc/{m.main_pid()}/status"), "CapEff:\t0000000000000000")
    m.start(m.make_service())
    alert = m.wait_alert(port=4444)
    m.equal((alert["SOCKWATCH_UNIT"], alert["SOCKWATCH_OWNER_STATE"]), ("demo.service", "no-permission"))
    assert "SOCKWATCH_EXE" not in alert
    m.contains(m.status_text(), "events: destroy")
    m.contains(m.log_of_daemon(), "event source not available: bpf:")
    assert m.metric("sockwatch_sockets_unattributed", owner_state="no-permission") > 0


m.run(case)
