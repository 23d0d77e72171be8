#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What each event source tells of sockets that no look ever shows. A source that this kernel or its privileges do not
allow skips its tests, with the daemon's own words."""
import os
import pathlib
import socket

import harness
from event_harness import (DUAL, IPPROTO_MPTCP, V6ONLY, EventTest, Resident, autobound, close_all, connect_often,
                           fail_to_listen, flood, open_one, pass_by, pass_by_as, two_bound, udp_clients)

NOBODY = 65534
COMM = pathlib.Path("/proc/self/comm").read_text().rstrip("\n")
EXE = os.readlink("/proc/self/exe")


class EverySource:
    """Mixed into a test of each source, `events`. `names` tells whether it knows who opened a socket."""
    names = True

    def started(self):
        return self.start_with(self.events)

    def owner_of(self, alert):
        return {key: alert.get(key) for key in ("pid", "comm", "exe", "uid")}

    def test_says_that_it_runs_and_has_lost_nothing(self):
        page = self.started().metrics()
        self.assertEqual(page.rows("sockwatch_event_source_info"), [({"source": self.events}, 1)])
        self.assertEqual(page.value("sockwatch_events_lost_total"), 0)

    def test_a_listener_of_no_time_is_told_with_who_it_was(self):
        daemon = self.started()
        alert, _ = self.told_as_short_lived(daemon, pass_by, "tcp", "0.0.0.0", 4444)
        self.assertEqual((alert["address"], alert["protocol"], alert["scope"]), ("0.0.0.0", "tcp", "any"))
        if self.names:
            self.assertEqual(self.owner_of(alert), {"pid": self.resident.pid, "comm": COMM, "exe": EXE, "uid": 0})
        else:
            self.assertEqual(self.owner_of(alert), {"pid": None, "comm": None, "exe": None, "uid": None})
            self.assertIn("may have listened", alert["message"])
        harness.wait_until(lambda: self.short_lived(daemon, verdict="unexpected") == 1, "it is counted")

    def test_each_of_many_in_one_place_is_counted_and_five_are_told(self):
        daemon = self.started()
        for _ in range(20):
            self.resident.do(pass_by, "tcp", "127.0.0.1", 4445)
        harness.wait_until(lambda: self.passed(daemon) >= 20, "all twenty are counted")
        self.resident.do(open_one, "tcp", "10.1.2.3", 4998)
        daemon.wait_alert(event="listener-opened", port=4998)
        harness.wait_until(lambda: self.passed(daemon) == 20 + 1, "it is the only one more")
        told = daemon.alerts(port=4445, tone="wrong")
        self.assertEqual(len(told), 5, "from then on it flaps")
        self.assertIn("number 5 within", told[-1]["message"])
        self.assertGreater(daemon.metrics().value("sockwatch_alerts_suppressed_total", reason="flapping"), 0)
        daemon.stop()
        self.assertIn("folded into this one", daemon.alerts(port=4445)[-1]["message"])

    def test_what_stays_is_told_with_its_owner_and_is_no_short_life(self):
        daemon = self.started()
        self.resident.do(open_one, "tcp", "0.0.0.0", 4446)
        alert = daemon.wait_alert(event="listener-opened", port=4446)
        self.assertEqual(self.owner_of(alert), {"pid": self.resident.pid, "comm": COMM, "exe": EXE, "uid": 0})
        self.assertEqual(alert["bind"], "explicit")
        self.resident.do(close_all)
        harness.wait_until(lambda: not daemon.listeners(port=4446), "it is gone")
        self.assertEqual(self.short_lived(daemon), 0)

    def test_an_assigned_port_is_known_in_the_end(self):
        daemon = self.started()
        self.told_as_short_lived(daemon, autobound)

    def test_both_versions_of_ip_are_told(self):
        daemon = self.started()
        cases = {"::": [DUAL], "fd00::1": [], "::ffff:10.1.2.3": [DUAL], "::1": [V6ONLY]}
        for number, (address, options) in enumerate(cases.items()):
            alert, _ = self.told_as_short_lived(daemon, pass_by, "tcp", address, 4450 + number, options)
            self.assertEqual(alert["address"], address.removeprefix("::ffff:"))

    def test_connections_made_and_refused_are_no_events(self):
        self.resident.do(open_one, "tcp", "127.0.0.1", 4460)
        daemon = self.started()
        self.resident.do(connect_often, 4460, 4461)
        self.expect_no_other_alert(daemon)
        self.assertEqual(self.short_lived(daemon), 0)

    def test_sockets_of_other_namespaces_are_not_ours(self):
        other = harness.Namespace()
        self.addCleanup(other.close)
        foreigner = Resident(other)
        self.addCleanup(foreigner.end)
        daemon = self.started()
        for protocol in ("tcp", "udp"):
            foreigner.do(pass_by, protocol, "0.0.0.0", 4470)
            foreigner.do(open_one, protocol, "0.0.0.0", 4471)
        self.expect_no_other_alert(daemon)
        self.assertEqual(self.short_lived(daemon), 0)

    def test_what_a_rule_expects_is_no_alert(self):
        self.write_policy('[[rule]]\nname = "lab"\naction = "expect"\nport = "4480-4489"\n')
        daemon = self.started()
        self.resident.do(pass_by, "tcp", "0.0.0.0", 4480)
        harness.wait_until(lambda: self.short_lived(daemon, verdict="expected") == 1, "it is counted")
        self.assertEqual(daemon.alerts(port=4480), [])

    def test_a_udp_port_that_stays_is_found(self):
        daemon = self.start_with(self.events, listeners="100ms")
        self.resident.do(open_one, "udp", "10.1.2.3", 4490)
        daemon.wait_alert(event="listener-opened", port=4490, protocol="udp")

    def test_ten_thousand_in_a_moment_are_told_or_counted_as_lost(self):
        daemon = self.started()
        self.resident.do(flood, 10_000)

        def accounted_for():
            return self.passed(daemon) + daemon.metrics().value("sockwatch_events_lost_total") >= 10_000

        harness.wait_until(accounted_for, "each listener is told or its loss counted", seconds=20)
        self.assertLessEqual(self.short_lived(daemon), 10_000)


class Bpf(EverySource, EventTest):
    events = "bpf"

    def test_a_process_that_is_gone_is_known_by_pid_name_and_user(self):
        daemon = self.started()
        alert, pid = self.told_as_short_lived(daemon, pass_by_as, NOBODY, "tcp", "0.0.0.0", 4500, port=4500)
        self.assertEqual((alert["pid"], alert["comm"], alert["uid"], alert["owner_state"]),
                         (pid, COMM, NOBODY, "known"))
        self.assertIn(alert["exe"], (EXE, os.path.basename(EXE)))

    def test_a_process_that_is_gone_is_known_also_where_it_spoke_mptcp(self):
        try:
            socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP).close()
        except OSError as error:
            self.skipTest(f"no MPTCP here: {error}")
        daemon = self.started()
        alert, pid = self.told_as_short_lived(daemon, pass_by_as, NOBODY, "mptcp", "0.0.0.0", 4501, port=4501)
        self.assertEqual((alert["pid"], alert["comm"], alert["uid"]), (pid, COMM, NOBODY))

    def test_a_udp_port_of_no_time_is_told_with_who_it_was(self):
        daemon = self.started()
        for number, address in enumerate(("10.1.2.3", "::1")):
            alert, _ = self.told_as_short_lived(daemon, pass_by, "udp", address, 4510 + number, protocol="udp")
            self.assertEqual((alert["address"], alert["pid"], alert["comm"]), (address, self.resident.pid, COMM))

    def test_udp_clients_are_no_alert(self):
        daemon = self.started()
        self.resident.do(udp_clients)
        self.resident.do(pass_by, "udp", "127.0.0.1", 0)
        self.expect_no_other_alert(daemon)
        self.assertEqual(self.short_lived(daemon), 0, "nothing has waited for strangers")

    def test_a_listen_that_fails_is_no_event(self):
        daemon = self.started()
        self.resident.do(two_bound, 4530)
        daemon.wait_alert(event="listener-opened", port=4530)
        self.assertTrue(self.resident.do(fail_to_listen))
        self.resident.do(open_one, "tcp", "10.1.2.3", 4531)
        daemon.wait_alert(event="listener-opened", port=4531)
        self.assertEqual(self.short_lived(daemon), 0)

    def test_a_socket_of_the_kernel_is_the_kernels(self):
        daemon = self.start_with("bpf", listeners="100ms")
        made = self.run_program("ip", "link", "add", "vx0", "type", "vxlan", "id", "7", "dstport", "4789", "dev", "lo")
        up = self.run_program("ip", "link", "set", "vx0", "up") if made.returncode == 0 else made
        if up.returncode != 0:
            self.skipTest(f"no vxlan here: {up.stderr}")
        alert = daemon.wait_alert(event="listener-opened", port=4789, protocol="udp")
        self.assertIsNone(alert.get("pid"), "ip(8) has asked for it and does not hold it")
        # Where not every process may be looked into, one of them might.
        self.assertIn(alert["owner_state"], ("kernel", "no-permission"))

    def test_its_privileges_are_gone_when_it_runs(self):
        daemon = self.started()
        given_up = 1 << 12 | 1 << 38 | 1 << 39  # CAP_NET_ADMIN, CAP_PERFMON, CAP_BPF
        for thread in pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir():
            for line in (thread / "status").read_text().splitlines():
                if line.startswith(("CapPrm", "CapEff", "CapInh", "CapAmb")):
                    self.assertEqual(int(line.split()[1], 16) & given_up, 0, f"{thread.name}: {line}")


class Perf(EverySource, EventTest):
    events = "perf"

    def test_a_process_that_is_gone_is_told_and_nobody_else_is_blamed(self):
        daemon = self.started()
        pid = self.resident.do(pass_by_as, NOBODY, "tcp", "0.0.0.0", 4500)
        alert = daemon.wait_alert(port=4500)  # once in a while a look meets it open
        self.assertIn(alert.get("pid"), (pid, None))
        self.assertIn(alert.get("uid"), (NOBODY, None))


class Destroy(EverySource, EventTest):
    events = "destroy"
    names = False

    def started(self):
        return self.start_with("destroy", listeners="100ms")  # it tells ends only

    def test_a_udp_port_of_no_time_is_told(self):
        daemon = self.started()
        self.told_as_short_lived(daemon, pass_by, "udp", "10.1.2.3", 4510, protocol="udp")

    def test_udp_clients_are_no_alert(self):
        daemon = self.started()
        self.resident.do(udp_clients)
        harness.wait_until(lambda: self.short_lived(daemon, verdict="ignored") == 1, "it counts as a client")
        self.expect_no_other_alert(daemon)


if __name__ == "__main__":
    harness.main()
