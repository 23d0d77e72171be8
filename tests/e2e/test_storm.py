#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hundreds of ports at once: at most 25 entries of one unit and one that counts the rest, and the sum is right."""
import re

import machine as m


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    m.start(m.make_service(port=7001, last=7300))
    m.wait_until(lambda: m.metric("sockwatch_unexpected_listeners") == 300, "all are seen", 20)
    folded = m.wait_until(lambda: [e for e in m.alerts() if "SOCKWATCH_PORT" not in e], "the summary", 30)
    single = [entry for entry in m.alerts() if "SOCKWATCH_PORT" in entry]
    m.equal(len(single), 25)
    numbers = [int(re.search(r"\d+", entry["MESSAGE"])[0]) for entry in folded]
    print([entry["MESSAGE"] for entry in folded])
    m.equal(len(single) + sum(numbers), 300)
    m.contains(folded[0]["MESSAGE"], "demo.service")
    m.equal(m.metric("sockwatch_alerts_total", event="listener-opened")
            + m.metric("sockwatch_alerts_suppressed_total"), 300)


m.run(case)
