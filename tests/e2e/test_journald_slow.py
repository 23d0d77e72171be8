#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""journald hangs and its queue is full: the loop goes on, and all that was to tell is told when it wakes."""
import os
import signal
import socket

import machine as m


def fill_queue():
    """Until the kernel takes no more; other programs do that on a busy machine. How many went in."""
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.setblocking(False)
    count = 0
    try:
        while count < 100000:
            sender.sendto(b"MESSAGE=filler\n", "/run/systemd/journal/socket")
            count += 1
    except BlockingIOError:
        pass
    return count


def case():
    m.install()
    m.wait_active()
    m.wait_polls()
    pid = m.main_pid()
    m.make_service(port=6001, last=6020)
    journald = int(m.show("systemd-journald.service", "MainPID"))
    os.kill(journald, signal.SIGSTOP)
    try:
        print(fill_queue(), "entries fill the queue")
        m.start("demo.service")
        m.wait_until(lambda: len(m.listeners(verdict="unexpected")) == 20, "the page has all")
        m.wait_polls(10)
        assert m.metric("sockwatch_snapshot_age_seconds", kind="listeners") < 2
    finally:
        os.kill(journald, signal.SIGCONT)
    m.wait_until(lambda: len(m.alerts()) == 20, "all are told", 30)
    m.equal(m.metric("sockwatch_alerts_total", event="listener-opened"), 20)
    m.equal(m.main_pid(), pid)


m.run(case)
