#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""systemctl status says what is so, and stays true."""
import re

import machine as m


def numbers():
    """(listeners, unexpected) of the status text."""
    return tuple(int(n) for n in re.match(r"Watching (\d+) listeners, (\d+) unexpected", m.status_text()).groups())


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    m.equal(numbers(), (len(m.listeners()), 0))
    m.start(m.make_service(port=4444, last=4446))
    m.wait_alert(port=4446)
    m.wait_until(lambda: numbers()[1] == 3, "three unexpected in the status")
    m.equal(numbers(), (len(m.listeners()), 3))
    m.sh("systemctl stop demo.service")
    m.wait_until(lambda: numbers()[1] == 0, "none any more", 40)


m.run(case)
