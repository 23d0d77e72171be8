#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The relay into the journal is root and can nothing: it sees no file, and passes on nothing but alerts of the daemon."""
import socket

import machine as m

ENTRY = f"MESSAGE=forged\nMESSAGE_ID={m.OPENED}\nSYSLOG_IDENTIFIER=sockwatchd\n"
CONNECT = ("import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
           "s.connect('/run/sockwatch/journal.sock')")


def answer(entry):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asking:
        asking.settimeout(10)
        asking.connect("/run/sockwatch/journal.sock")
        asking.send(entry.encode())
        return asking.recv(9).decode()


def case():
    m.install()
    m.wait_active()
    m.equal(answer(ENTRY), "+", "a well-formed one is passed on")
    for forged in (ENTRY + "COREDUMP_UNIT=ssh.service\n", "MESSAGE=hello\n",
                   ENTRY.replace("SYSLOG_IDENTIFIER=sockwatchd", "SYSLOG_IDENTIFIER=sudo"),
                   ENTRY.replace(m.OPENED, "fc2e22bc6ee647b6b90729ab34a250b1")):
        m.equal(answer(forged), "-", forged)
    m.equal(len([entry for entry in m.entries("_UID=0") if entry["MESSAGE"] == "forged"]), 1)
    m.contains(m.sh("journalctl --sync; journalctl --no-pager -u sockwatch-journal"), "refused an entry: it may not have this field: COREDUMP_UNIT")
    for user, allowed in (("_sockwatch", True), ("visitor", False)):
        code = m.status_of(f'setpriv --reuid={user} --regid=sockwatch --clear-groups python3 -c "{CONNECT}"')
        m.equal(code == 0, allowed, user)

    pid = m.show("sockwatch-journal.service", "MainPID")
    status = m.sh(f"cat /proc/{pid}/status")
    m.contains(status, "CapBnd:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2")
    for folder, wanted in {"etc": "", "var": "", "root": "", "home": "", "sys": "", "run": "systemd",
                           "run/systemd": "incoming journal"}.items():
        m.equal(m.sh(f"ls -A /proc/{pid}/root/{folder}").split(), wanted.split(), folder)
    m.equal(m.sh("systemd-analyze verify --man=no sockwatch-journal.service sockwatch-journal.socket"), "")
    m.sh("systemd-analyze security --no-pager --threshold=20 sockwatch-journal.service | tail -1")


m.run(case)
