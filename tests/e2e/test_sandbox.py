#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the running service may do is what the unit promises."""
import machine as m

PROBE = "nsenter --target={pid} --mount -- {command}"


def case():
    m.install()
    m.wait_active()
    pid = m.main_pid()
    status = m.sh(f"cat /proc/{pid}/status")
    m.contains(status, "NoNewPrivs:\t1", "Seccomp:\t2")
    m.contains(m.sh(f"stat -c %U /proc/{pid}"), "_sockwatch")
    for path in ("/etc/x", "/usr/x", "/sys/x", "/home/x", "/root/x"):
        assert m.status_of(PROBE.format(pid=pid, command=f"touch {path}")) != 0, path
    m.equal(m.status_of(PROBE.format(pid=pid, command="touch /var/lib/sockwatch/x")), 0)
    m.equal(m.sh("stat -c '%a %U' /var/lib/sockwatch").split(), ["750", "_sockwatch"])
    m.equal(m.sh("stat -c '%a %U' /run/sockwatch/journal.sock").split(), ["600", "_sockwatch"])
    m.equal(m.sh("stat -c '%a %U' /etc/sockwatch").split(), ["755", "root"])
    for unit in ("sockwatch.service", "sockwatch-journal.service"):
        m.equal(sorted(m.sh(f"systemctl show -P IPAddressDeny {unit}").split()), ["0.0.0.0/0", "::/0"])
    m.sh("systemd-analyze security --no-pager --threshold=20 sockwatch.service | tail -1")
    m.equal(m.sh("systemd-analyze verify --man=no sockwatch.service sockwatch.socket"), "")
    m.equal(m.sh("ss -Hantup | grep -c sockwatchd", check=False).strip(), "1", "its own listener and no more")


m.run(case)
