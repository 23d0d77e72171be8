#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""BPF events under the unit as installed: the sandbox lets them work, and a listener that lives for a moment is told."""
# nspawn: --capability=all --system-call-filter='bpf perf_event_open'
import machine as m


def case():
    m.install()
    m.wait_active()
    m.contains(m.status_text(), "events: bpf")
    m.equal(m.metric("sockwatch_event_source_info", source="bpf"), 1)
    for kind in ("Eff", "Prm"):
        m.equal(m.capabilities(kind), {"CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"}, "what only loading needed is given up")
    m.wait_polls()
    m.listen_for_a_moment("moment.service", 4444)
    told = m.wait_until(lambda: m.entries("SOCKWATCH_PORT=4444"), "an alert")[0]
    # Opened and not short-lived, where it was still open when the first event was read.
    assert told["SOCKWATCH_EVENT"] in ("listener-short-lived", "listener-opened"), told
    m.equal(told["SOCKWATCH_UNIT"], "moment.service")
    m.start(m.make_service("demo.service", 5555))
    m.equal(m.wait_alert(port=5555, seconds=1)["SOCKWATCH_UNIT"], "demo.service")
    m.equal(m.metric("sockwatch_events_lost_total", source="bpf"), 0)


m.run(case)
