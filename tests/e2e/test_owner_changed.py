#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Another unit on an expected port is told, although the port itself was expected."""
import machine as m

CHANGED = "5134613b86ea431a9eeee03271eba31a"


def case():
    m.start(m.make_service("known.service", 2222))
    m.wait_until(lambda: m.is_listening(2222), "it listens")
    m.install()
    m.wait_active()
    m.wait_polls()
    m.sh("systemctl stop known.service")
    m.start(m.make_service("impostor.service", 2222, user="visitor"))
    told = m.wait_until(lambda: m.entries("SOCKWATCH_PORT=2222", "SOCKWATCH_UNIT=impostor.service"), "an alert")[0]
    print(told["MESSAGE"])
    m.equal(told["MESSAGE_ID"], CHANGED)
    m.contains(told["MESSAGE"], "known.service", "impostor.service")


m.run(case)
