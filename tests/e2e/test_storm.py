#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hundreds of ports at once: at most 25 entries of one unit and one that counts the rest, and the sum is right."""
import re

import machine as m

FOLDED = "cfd0ddfeecf14e0988088b15b071c9c7"


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    m.start(m.make_service(port=7001, last=7300))
    m.wait_until(lambda: m.metric("sockwatch_unexpected_listeners") == 300, "all are seen", 20)
    folded = m.wait_alert(FOLDED, 30)
    print(folded["MESSAGE"])
    m.contains(folded["MESSAGE"], "demo.service")
    # What was folded and still stands is told one by one afterwards.
    m.equal(25 + int(re.search(r"\d+", folded["MESSAGE"])[0]), 300)
    m.wait_until(lambda: len(m.alerts()) > 25, "the first of those that were folded", 30)


m.run(case)
