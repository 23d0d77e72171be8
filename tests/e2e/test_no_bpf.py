#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Without BPF whose a socket is stays known, and looks alone find it within a second."""
# nspawn: --capability=all --system-call-filter='bpf perf_event_open'
import machine as m


def case():
    m.install()
    m.drop_in("no-bpf")
    m.wait_active()
    m.contains(m.status_text(), "events: destroy")
    m.equal(m.metric("sockwatch_event_source_info", source="destroy"), 1)
    for source in ("bpf", "perf"):
        m.equal(m.log_of_daemon(since_start=True).count(f"event source not available: {source}:"), 1, "said once")
    m.equal(m.capabilities("Bnd"), {"CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"})
    m.start(m.make_service())
    alert = m.wait_alert(port=4444, seconds=2)
    m.equal((alert["SOCKWATCH_UNIT"], alert["SOCKWATCH_OWNER_STATE"]), ("demo.service", "known"))


m.run(case)
