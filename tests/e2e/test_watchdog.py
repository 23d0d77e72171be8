#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A daemon that hangs is killed by the watchdog and started again, and misses nothing that is still open."""
import os
import signal

import machine as m


def case():
    m.install(drop_in="[Service]\nWatchdogSec=2\n")
    m.wait_active()
    m.wait_polls()
    hung = m.main_pid()
    os.kill(hung, signal.SIGSTOP)
    m.start(m.make_service())
    m.wait_until(lambda: m.is_active() and m.main_pid() not in (0, hung), "a new process", 20)
    m.wait_alert(port=4444)
    m.contains(m.sh("journalctl --no-pager -u sockwatch"), "Watchdog timeout")
    m.wait_polls()
    m.equal(m.show("sockwatch.service", "NRestarts"), "1", "and it is fed again")


m.run(case)
