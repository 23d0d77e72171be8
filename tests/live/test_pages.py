#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The pages: metrics that Prometheus accepts, the API, and what is refused."""
import json
import shutil
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
        for path in ("/api/v1/listeners", "/api/v1/status"):
            with self.subTest(path=path):
                status, body = daemon.request(path)
                self.assertEqual((status, json.loads(body)["schema"]), (200, 1))
        self.assertTrue(daemon.listeners(port=harness.METRICS_PORT, comm="sockwatchd"))

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
