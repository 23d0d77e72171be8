#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The tool on an installed machine: the same verdicts as the daemon, honest about what a plain user cannot see."""
import json

import machine as m

AS_VISITOR = "setpriv --reuid=visitor --regid=visitor --clear-groups"


def case():
    m.start(m.make_service("known.service", 2222))
    m.wait_until(lambda: m.is_listening(2222), "it listens")
    m.install()
    m.wait_active()
    m.wait_polls()
    m.equal(m.status_of("sockwatch check --now"), 0)
    m.start(m.make_service(user="visitor"))
    m.wait_alert(port=4444)
    m.equal(m.status_of("sockwatch check --now"), 1)
    listing = json.loads(m.sh("sockwatch list --json"))
    m.equal({s["port"]: s["verdict"] for s in listing["sockets"] if s["port"] in (2222, 4444)},
            {2222: "expected", 4444: "unexpected"})
    m.contains(m.sh("sockwatch explain 4444"), "demo.service", "[[rule]]")
    m.contains(m.sh("sockwatch lookup 22"), "ssh")

    m.equal(m.status_of(f"{AS_VISITOR} sockwatch list"), 4)
    m.contains(m.sh(f"{AS_VISITOR} sockwatch list", check=False), "demo.service", "known.service", "no permission")


m.run(case)
