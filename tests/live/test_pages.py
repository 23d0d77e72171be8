#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The pages: metrics that Prometheus accepts, the API, and what is refused."""
import json
import shutil
import socket
import subprocess

import harness


class Pages(harness.LiveTest):
    def test_promtool_finds_nothing_in_the_metrics(self):
        promtool = shutil.which("promtool")
        if not promtool:
            self.skipTest("promtool is not installed")
        for protocol in ("tcp", "udp"):
            self.open_socket(protocol, "0.0.0.0", 8000)
        daemon = self.start()
        self.open_socket("tcp", "::1", 8001)
        daemon.wait_alert(port=8001)
        page = daemon.metrics()
        checked = subprocess.run([promtool, "check", "metrics"], input=page.text, capture_output=True, text=True,
                                 check=False)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def test_every_listener_has_one_series_and_every_known_value_starts_at_zero(self):
        self.open_socket("tcp", "0.0.0.0", 8002)
        page = self.start().metrics()
        [(labels, value)] = page.rows("sockwatch_listener_info", port="8002")
        self.assertEqual((labels["protocol"], labels["address"], labels["verdict"], value),
                         ("tcp", "0.0.0.0", "expected", 1))
        self.assertEqual(page.rows("sockwatch_alerts_total", event="owner-changed"), [({"event": "owner-changed"}, 0)])
        self.assertEqual(page.value("sockwatch_build_info"), 1)

    def test_drops_of_assigned_ports_do_not_fall_when_one_is_closed(self):
        full = self.open_socket("udp", "0.0.0.0", options=[harness.SMALL_BUFFER])
        port = full.getsockname()[1]
        self.open_socket("udp", "0.0.0.0")
        daemon = self.start()

        def drops():
            [(_, value)] = daemon.metrics().rows("sockwatch_listener_drops_total", protocol="udp", port="assigned")
            return value

        self.assertEqual(drops(), 0)
        self.send_datagrams(port)
        dropped = harness.wait_until(drops, "drops are counted")
        full.close()
        harness.wait_until(lambda: not daemon.listeners(port=port), "it is gone")
        self.assertGreaterEqual(drops(), dropped)

    def test_the_api_is_json_with_a_schema(self):
        daemon = self.start()
        for path in ("/api/v1/listeners", "/api/v1/connections", "/api/v1/alerts", "/api/v1/status"):
            with self.subTest(path=path):
                status, body = daemon.request(path)
                self.assertEqual((status, json.loads(body)["schema"]), (200, 1))
        self.assertTrue(daemon.listeners(port=harness.METRICS_PORT, comm="sockwatchd"))

    def test_connections_are_told_one_by_one_and_counted(self):
        listening = self.open_socket("tcp", "127.0.0.1", 8003)
        with self.net:
            client = socket.create_connection(("127.0.0.1", 8003))
        self.addCleanup(client.close)
        self.addCleanup(listening.accept()[0].close)
        daemon = self.start()

        def ends():
            document = json.loads(daemon.request("/api/v1/connections")[1])
            return document, [row for row in document["sockets"] if 8003 in (row["port"], row["peer_port"])]

        document, found = harness.wait_until(lambda: (told := ends()) and told[1] and told, "the connection is told")
        self.assertEqual({(row["direction"], row["state"]) for row in found},
                         {("inbound", "established"), ("outbound", "established")})
        self.assertTrue(all(row["peer_address"] == "127.0.0.1" and "verdict" not in row for row in found))
        self.assertEqual(document["total"], len(document["sockets"]))
        [count] = [row for row in document["counts"] if row["direction"] == "inbound" and row.get("port") == 8003]
        self.assertEqual((count["state"], count["connections"]), ("established", 1))

    def test_alerts_are_kept_for_who_looks_later(self):
        daemon = self.start()
        for port in (8004, 8005):
            self.open_socket("tcp", "0.0.0.0", port)
            daemon.wait_alert(event="listener-opened", port=port)
        document = harness.wait_until(
            lambda: (told := json.loads(daemon.request("/api/v1/alerts")[1])) and told["total"] == 2 and told, "both")
        self.assertEqual([(alert["event"], alert["port"]) for alert in document["alerts"]],
                         [("listener-opened", 8005), ("listener-opened", 8004)])
        told = daemon.alerts(port=8005)[0]
        self.assertEqual({key: told[key] for key in document["alerts"][0]}, document["alerts"][0], "as in the log")

    def test_probes_and_landing_page_answer(self):
        daemon = self.start()
        for path in ("/-/healthy", "/-/ready", "/", "/metrics"):
            with self.subTest(path=path):
                self.assertEqual(daemon.request(path)[0], 200)
                self.assertEqual(daemon.request(path, "HEAD"), (200, ""))

    def test_everything_else_is_refused(self):
        daemon = self.start()
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            with self.subTest(method=method):
                self.assertEqual(daemon.request("/metrics", method)[0], 405)
        for path in ("/metric", "/metrics/", "/../etc/passwd", "/api/v1/"):
            with self.subTest(path=path):
                self.assertEqual(daemon.request(path)[0], 404)


if __name__ == "__main__":
    harness.main()
