#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""perf events under the unit as installed, where BPF cannot be had: a listener that lives for a moment is told."""
# nspawn: --capability=all --system-call-filter='bpf perf_event_open'
import machine as m


def case():
    m.install(drop_in="[Service]\nSystemCallFilter=~bpf\n")
    m.wait_active()
    m.contains(m.status_text(), "events: perf")
    m.contains(m.log_of_daemon(), "event source not available: bpf:")
    m.wait_polls()
    m.listen_for_a_moment("moment.service", 4444)
    # By unit: the tracepoint tells of the whole kernel, so also of what other machines of this test run open.
    told = m.wait_until(lambda: m.entries("SOCKWATCH_PORT=4444", "SOCKWATCH_UNIT=moment.service"), "an alert")[0]
    # Opened and not short-lived, where it was still open when the first event was read.
    assert told["SOCKWATCH_EVENT"] in ("listener-short-lived", "listener-opened"), told


m.run(case)
