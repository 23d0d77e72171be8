#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The relay into the journal is root and can nothing: it sees no file, and passes on nothing but alerts of the daemon."""
import errno
import json
import os
import pathlib
import re
import socket

import machine as m

ENTRY = f"MESSAGE=forged\nMESSAGE_ID={m.OPENED}\nSYSLOG_IDENTIFIER=sockwatchd\n"
CONNECT = ("import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
           "s.connect('/run/sockwatch/journal.sock')")

# In the relay's own sandbox, in place of the relay: as root, and still refused.
PROBE = """
import json, os, socket
def attempt(work):
    try:
        work()
        return "done"
    except OSError as error:
        return os.strerror(error.errno)
said = {family: attempt(lambda: socket.socket(getattr(socket, family), socket.SOCK_DGRAM))
        for family in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_UNIX")}
local = socket.socket(socket.AF_UNIX)
for name in ("/run/systemd/journal/stdout", "\\0name"):
    said["connect to " + repr(name)] = attempt(lambda: local.connect(name))
for path in ("/usr/x", "/run/x"):
    said["write " + path] = attempt(lambda: os.close(os.open(path, os.O_WRONLY | os.O_CREAT)))
print(json.dumps(said), flush=True)
"""


def said_in_sandbox():
    pathlib.Path("/usr/local/probe.py").write_text(PROBE)
    unit = pathlib.Path("/lib/systemd/system/sockwatch-journal.service").read_text()
    unit = re.sub(r"^(Type|Exec\w+|Restart\w*|WatchdogSec|Requires|Wants|After)=.*\n", "", unit, flags=re.M)
    added = ("[Service]\nType=oneshot\nStandardOutput=truncate:/var/probe.json\n"
             "ExecStart=/usr/bin/python3 -c 'exec(open(\"/usr/local/probe.py\").read())'\n")
    m.write_unit("probe.service", unit.replace("[Service]\n", added, 1))
    m.sh("systemctl start probe.service")
    return json.loads(pathlib.Path("/var/probe.json").read_text())


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
    no_family, refused, read_only = (os.strerror(each) for each in (errno.EAFNOSUPPORT, errno.EPERM, errno.EROFS))
    m.equal(said_in_sandbox(), {
        **dict.fromkeys(("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET"), no_family), "AF_UNIX": "done",
        "connect to '/run/systemd/journal/stdout'": refused, "connect to '\\x00name'": refused,
        "write /usr/x": read_only, "write /run/x": read_only})
    m.equal(m.sh("systemd-analyze verify --man=no sockwatch-journal.service sockwatch-journal.socket"), "")
    m.sh("systemd-analyze security --no-pager --threshold=20 sockwatch-journal.service | tail -1")


m.run(case)
