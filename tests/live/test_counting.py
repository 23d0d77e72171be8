#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Connections are counted alike by netlink and by BPF, and where BPF may not run the daemon says so and goes on."""
import harness


class Counting(harness.LiveTest):
    def start_counting(self, source):
        """A daemon that counts this way, or the test is skipped."""
        self.write_settings(f'[watch]\nconnections_source = "{source}"\n')
        daemon = self.launch()
        harness.wait_until(lambda: daemon.process.poll() is not None or daemon.is_ready(), "it runs or has ended", 20)
        if daemon.process.poll() is not None:
            self.skipTest("no BPF here: " + daemon.stderr)
        return daemon

    def open_connections(self):
        """To a wildcard and to one address; one half closed, one closed, and one from the port of another listener."""
        server = self.open_socket("tcp", "0.0.0.0", 8001)
        other = self.open_socket("tcp", "10.1.2.3", 8002)
        self.ends = []
        for listener, address, source in [(server, "127.0.0.1", None), (server, "10.1.2.3", None),
                                          (other, "10.1.2.3", None), (server, "127.0.0.1", ("127.0.0.1", 8002)),
                                          (server, "127.0.0.1", None), (server, "127.0.0.1", None)]:
            with self.net:
                client = harness.socket.socket()
                if source:
                    client.bind(source)
                client.connect((address, listener.getsockname()[1]))
            accepted, _ = listener.accept()
            self.ends.append((client, accepted))
            self.addCleanup(client.close)
            self.addCleanup(accepted.close)
        self.ends[-2][0].shutdown(harness.socket.SHUT_WR)
        self.ends[-1][0].close()
        self.ends[-1][1].close()

    @staticmethod
    def counts(daemon):
        """But for the ones that ask for the page."""
        page = daemon.metrics()
        rows = page.rows("sockwatch_connections") + page.rows("sockwatch_listener_connections")
        return sorted((sorted(labels.items()), value) for labels, value in rows
                      if "sockwatch" not in labels.get("port_name", "") and labels.get("port") != "10762" and value)

    @staticmethod
    def source(daemon):
        return [labels["source"] for labels, _ in daemon.metrics().rows("sockwatch_connections_source_info")]

    def test_both_ways_come_to_the_same(self):
        self.open_connections()
        daemon = self.start_counting("netlink")
        harness.wait_until(lambda: self.source(daemon) == ["netlink"], "connections are counted")
        harness.wait_until(lambda: any("fin-wait-2" in str(row) for row in self.counts(daemon)), "all is acknowledged")
        by_netlink = self.counts(daemon)
        self.assertEqual(daemon.stop(), 0)
        daemon = self.start_counting("bpf")
        harness.wait_until(lambda: self.source(daemon) == ["bpf"], "connections are counted")
        self.assertEqual(self.counts(daemon), by_netlink)
        self.assertIn("'8001'", str(by_netlink))
        self.assertEqual([line for line in daemon.log if "counted by" in line], [])

    def test_few_are_told_by_netlink(self):
        self.open_connections()
        daemon = self.start_counting("auto")
        daemon.wait_polls(10)
        self.assertEqual(self.source(daemon), ["netlink"])

    def test_without_the_capability_netlink_does_it_and_the_log_says_so(self):
        self.write_settings('[watch]\nconnections_source = "auto"\n')
        daemon = self.launch_without("bpf", "perfmon", "sys_admin").wait_ready()
        harness.wait_until(lambda: self.source(daemon) == ["netlink"], "connections are counted")
        told = [line for line in daemon.log if "connections are counted by netlink alone" in line]
        self.assertEqual(len(told), 1, daemon.log)

    def test_who_insists_on_bpf_where_it_may_not_run_gets_an_error(self):
        self.write_settings('[watch]\nconnections_source = "bpf"\n')
        daemon = self.launch_without("bpf", "perfmon", "sys_admin")
        self.assertEqual(daemon.wait_exit(), 1)
        self.assertIn('watch.connections_source = "bpf": bpf load', daemon.stderr)


if __name__ == "__main__":
    harness.main()
