#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A fleet of twenty hosts with the shipped examples: what happens on several of them at once is told once, and what is
kept of them all does not grow with their number."""
import subprocess
import unittest

import fleet
import stack
from harness import wait_until

ALERT = "SockwatchUnexpectedListener"


class Fleet(fleet.FleetTest):
    def test_one_port_on_three_of_twenty_hosts_is_one_notification(self):
        for number in range(20):
            host = self.add_host(f"host-{number:02}", "web" if number < 12 else "database")
            self.open_socket("tcp", "0.0.0.0", 22, net=host.net)
            self.open_socket("tcp", "10.1.2.3", 8000 + number, net=host.net)  # before the daemon: learned
        self.start_fleet()
        self.assertEqual(self.prometheus.query("sum(sockwatch_unexpected_listeners)"), [({}, 0)])

        hit = [self.hosts[number] for number in (2, 7, 15)]
        for host in hit:
            self.open_socket("tcp", "0.0.0.0", 4444, net=host.net)
        wait_until(lambda: self.receiver.notifications, "the webhook is called", seconds=30)
        # Another port later: whatever the first one still had to say would have come before.
        self.open_socket("tcp", "0.0.0.0", 5555, net=self.hosts[0].net)
        wait_until(lambda: self.receiver.told("firing", port="5555"), "the webhook is called again", seconds=30)
        told = [(notification["groupLabels"], sorted(alert["labels"]["instance"] for alert in notification["alerts"]))
                for notification in self.receiver.notifications]
        self.assertEqual(told, [
            ({"alertname": ALERT, "protocol": "tcp", "port": "4444"}, [host.name for host in hit]),
            ({"alertname": ALERT, "protocol": "tcp", "port": "5555"}, ["host-00"]),
        ])

        self.assertEqual(sorted((labels["role"], value) for labels, value
                                in self.prometheus.query("role:sockwatch_unexpected_hosts:sum")),
                         [("database", 1), ("web", 3)])
        self.assertEqual(sorted((labels["role"], labels["port"], value) for labels, value
                                in self.prometheus.query("port:sockwatch_unexpected_hosts:count")),
                         [("database", "4444", 1), ("web", "4444", 2), ("web", "5555", 1)])

    def test_each_example_keeps_less_and_still_alerts_and_sends_on_what_is_recorded(self):
        for number in range(3):
            self.add_host(f"host-{number}", "web", fleet.POLICY)
            self.open_socket("tcp", "0.0.0.0", 22, net=self.hosts[number].net)
        self.start_fleet()
        self.open_socket("tcp", "0.0.0.0", 4444, net=self.hosts[0].net)
        # Takes what others send on, like a Mimir, and scrapes nobody.
        store = self.folder / "store.yml"
        store.write_text("global: {scrape_interval: 1s}\n")
        central = self.serve(stack.Prometheus, self.folder, store, "--web.enable-remote-write-receiver", port=9009)

        series = {"prometheus.yml": self.series_of_a_host(self.prometheus)}
        for port, example in ((9091, "prometheus-lean.yml"), (9092, "prometheus-shard.yml")):
            prometheus = self.serve(stack.Prometheus, self.folder, self.sending_to(central, example), port=port)
            wait_until(prometheus.is_ready, f"{example} runs", seconds=20)
            wait_until(lambda prometheus=prometheus: prometheus.firing(alertname=ALERT, port="4444", instance="host-0"),
                       f"the alert fires with {example}", seconds=20)
            series[example] = self.series_of_a_host(prometheus)
        self.assertLess(series["prometheus-lean.yml"], series["prometheus.yml"] * 0.75)
        self.assertLess(series["prometheus-shard.yml"], 20)

        wait_until(lambda: central.query("role:sockwatch_unexpected_hosts:sum == 1"), "recorded series arrive",
                   seconds=20)
        names = {labels["__name__"] for labels, _ in central.query('{__name__=~".+"}')}
        self.assertEqual({name for name in names if ":" not in name}, {"ALERTS"})

    def series_of_a_host(self, prometheus):
        kept = 'scrape_samples_post_metric_relabeling{instance="host-1"} > 0'
        [(_, count)] = wait_until(lambda: prometheus.query(kept), "a scrape", seconds=20)
        return count

    def sending_to(self, central, example):
        """The example, but for where it sends to."""
        path = self.folder / example
        text = (fleet.EXAMPLES / example).read_text()
        path.write_text(text.replace("http://mimir.example:9009/api/v1/push",
                                     f"http://127.0.0.1:{central.port}/api/v1/write"))
        return path


class Routes(unittest.TestCase):
    def test_each_alert_reaches_who_is_named(self):
        config = f"--config.file={fleet.EXAMPLES / 'alertmanager.yml'}"
        self.amtool("check-config", fleet.EXAMPLES / "alertmanager.yml")
        for receiver, alert, severity in (
                ("day", ALERT, "warning"), ("pager", f"{ALERT}Privileged", "critical"),
                ("pager", "SockwatchListenerMissing", "critical"), ("pager", "SockwatchManyDown", "critical"),
                ("day", "SockwatchUdpDrops", "warning"), ("week", "SockwatchPolicyDrift", "info")):
            with self.subTest(alert=alert):
                self.assertEqual(self.amtool("config", "routes", "test", config, f"alertname={alert}",
                                             f"severity={severity}").strip(), receiver)

    def amtool(self, *arguments):
        done = subprocess.run(["amtool", *arguments], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


if __name__ == "__main__":
    stack.main()
