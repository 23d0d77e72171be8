#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The state directory is full: alerts go on, the log says what is lost, and room brings it back."""
# nspawn: --tmpfs=/var/lib/sockwatch:size=64k,mode=0777
import machine as m


def case():
    m.install()
    m.wait_active()
    m.sh("dd if=/dev/zero of=/var/lib/sockwatch/filler bs=4k count=64", check=False)
    m.start(m.make_service())
    m.wait_alert(port=4444)
    m.wait_until(lambda: "No space left on device" in m.log_of_daemon(), "the log says so")
    m.contains(m.log_of_daemon(), "not remembered over a restart")
    assert m.is_active()

    m.sh("rm /var/lib/sockwatch/filler")
    m.start(m.make_service("other.service", 5555))
    m.wait_alert(port=5555)
    m.sh("systemctl restart sockwatch")
    m.wait_polls()
    m.equal(len(m.alerts()), 2, "it was remembered after all")


m.run(case)
