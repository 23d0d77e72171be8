#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A socket-activated service: the port is its socket unit's before anybody came, and stays so when the service runs."""
# nspawn: --capability=all --system-call-filter="bpf perf_event_open"
import machine as m


def case():
    m.install()
    m.wait_active()
    m.write_unit("demo.socket", "[Socket]\nListenStream=4444\n")
    m.write_unit("demo.service", "[Service]\nExecStart=/usr/bin/sleep 3600\n")
    m.start("demo.socket")
    alert = m.wait_alert(port=4444)
    m.equal(alert["SOCKWATCH_UNIT"], "demo.socket")
    m.sh("systemctl start demo.service")
    serving = m.show("demo.service", "MainPID")
    m.contains(m.sh("sockwatch explain 4444", check=False), "demo.socket", f"sleep, pid {serving}, /usr/bin/sleep",
               "served by      demo.service",
               "systemd, pid 1,")
    # Who holds a socket that has not changed is looked up again when systemd alone had it and somebody connects.
    client = m.sh("bash -c 'exec 3<>/dev/tcp/127.0.0.1/4444; exec sleep 60' >/dev/null 2>&1 & echo $!").strip()
    row = m.wait_until(lambda: [row for row in m.listeners(port=4444) if row.get("pid") == int(serving)],
                       "the row names who serves, and not pid 1", 30)[0]
    m.equal((row["unit"], row["exe"], row["holder_unit"]), ("demo.socket", "/usr/bin/sleep", "demo.service"))
    m.sh(f"kill {client}")
    m.sh("systemctl stop demo.service")
    m.wait_polls(2)
    m.equal(len(m.alerts()), 1)
    m.equal(m.listeners(port=4444)[0]["unit"], "demo.socket")


m.run(case)
