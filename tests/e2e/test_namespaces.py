#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""With the drop-in for namespaces a listener in a network namespace of its own is told by the namespace's name; without
it the daemon says that there is one it may not enter."""
# nspawn: --capability=all --system-call-filter='bpf perf_event_open'
import machine as m


def case():
    m.sh("ip netns add early && ip -n early link set lo up")
    m.install()
    m.wait_active()
    m.wait_until(lambda: m.metric("sockwatch_namespaces", state="unreadable") == 1, "it says what it may not enter")

    m.drop_in("namespaces")
    m.wait_active()
    m.equal(m.sh("systemd-analyze verify --man=no sockwatch.service"), "")
    m.wait_until(lambda: m.metric("sockwatch_namespaces", state="watched") == 2, "it enters both")
    m.equal(m.metric("sockwatch_namespaces", state="unreadable"), 0)
    m.equal(m.capabilities("Eff"), {"CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"})
    m.sh("ip netns add late && ip -n late link set lo up")
    m.make_service("unused.service")
    for namespace, port in (("early", 4444), ("late", 5555)):
        m.write_unit(f"{namespace}.service", f"[Service]\nNetworkNamespacePath=/run/netns/{namespace}\n"
                     f"ExecStart=/usr/bin/python3 /opt/listener.py tcp 0.0.0.0 {port} {port}\n")
        m.start(f"{namespace}.service")
        alert = m.wait_alert(port=port)
        m.equal((alert["SOCKWATCH_NAMESPACE"], alert["SOCKWATCH_UNIT"]), (namespace, f"{namespace}.service"))
    m.equal({(row["namespace"], row["port"]) for row in m.listeners(verdict="unexpected")},
            {("early", 4444), ("late", 5555)})

    pid = m.main_pid()
    m.equal(m.sh(f"ls -l /proc/{pid}/fd | grep -c 'net:' || true").strip(), "0", "none is kept alive")
    m.sh("systemctl stop late.service && ip netns delete late")
    m.wait_until(lambda: m.metric("sockwatch_namespaces", state="watched") == 2, "it is gone")


m.run(case)
