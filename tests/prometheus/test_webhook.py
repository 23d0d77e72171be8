#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The daemon's own alerts to a real Alertmanager, without any Prometheus: it receives, groups, resolves, and is told
again what it forgot. The configuration is the one that docs/alerts.md shows."""
import re
import shutil

import stack
from harness import wait_until

PLACE = {"alertname": "SockwatchListenerOpened", "port": "4444", "address": "0.0.0.0", "protocol": "tcp"}


def documented():
    """The example for Alertmanager, with an interval that a test can wait for."""
    page = (stack.REPOSITORY / "docs/alerts.md").read_text()
    example = re.search(r"```toml settings\n((?:[^`]*\n)?\[\[alerts\.webhook\]\][^`]*/api/v2/alerts[^`]*)```", page)[1]
    assert f"127.0.0.1:{stack.ALERTMANAGER_PORT}" in example, example
    return re.sub(r'resend_interval = "\w+"', 'resend_interval = "1s"', example)


class Webhook(stack.StackTest):
    def setUp(self):
        super().setUp()
        self.write_settings(documented())
        self.receiver = self.serve(stack.Receiver)

    def start_alertmanager(self, **options):
        server = self.serve(lambda net, folder: stack.Alertmanager(net, folder, stack.routed(**options)), self.folder)
        wait_until(server.is_ready, "Alertmanager is ready", seconds=20)
        return server

    def wait_told(self, status, seconds=10, **labels):
        return wait_until(lambda: self.receiver.told(status, **labels), f"{status} {labels}", seconds=seconds)[-1]

    def forget(self):
        shutil.rmtree(self.folder / "alertmanager", ignore_errors=True)

    def test_an_unexpected_port_is_told_and_taken_back(self):
        self.start_alertmanager()
        daemon = self.start()
        opened = self.open_socket("tcp", "0.0.0.0", 4444)
        alert = self.wait_told("firing", **PLACE)
        told = daemon.wait_alert(port=4444)
        self.assertEqual(alert["labels"]["severity"], "warning")
        self.assertEqual(alert["labels"]["job"], "sockwatch")
        self.assertEqual(alert["labels"]["site"], "tokyo")
        self.assertTrue(alert["labels"]["instance"])
        self.assertNotIn("pid", alert["labels"])
        self.assertEqual(alert["annotations"]["summary"], told["message"])
        self.assertEqual(alert["annotations"]["allow"], told["allow"])
        self.assertEqual(alert["startsAt"], told["time"])
        self.assertTrue(alert["generatorURL"].startswith("http://"))
        opened.close()
        ended = self.wait_told("resolved", **PLACE)
        self.assertEqual(ended["labels"], alert["labels"])
        self.assertEqual(daemon.metrics().value("sockwatch_alert_sink_errors_total"), 0)
        wait_until(lambda: daemon.metrics().value("sockwatch_alerts_waiting") == 0, "nothing waits")

    def test_alerts_of_one_kind_are_one_group(self):
        self.start_alertmanager(group_by="[alertname, instance]", group_wait="3s")
        self.start()
        for port in (4444, 4445, 4446):
            self.open_socket("tcp", "0.0.0.0", port)
        self.wait_told("firing", port="4446")
        groups = [sorted(alert["labels"]["port"] for alert in group) for group in self.receiver.groups()
                  if group[0]["labels"]["alertname"] == PLACE["alertname"]]
        self.assertEqual(groups, [["4444", "4445", "4446"]])

    def test_what_stands_is_told_again_to_a_receiver_that_forgot_it_and_after_a_restart(self):
        first = self.start_alertmanager()
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        self.wait_told("firing", **PLACE)
        first.stop()
        self.forget()
        second = self.start_alertmanager()
        # With the daemon's back-off before it finds the receiver again.
        wait_until(lambda: second.active(**PLACE), "it is told again", seconds=20)
        self.assertEqual(daemon.stop(), 0)
        second.stop()
        self.forget()
        third = self.start_alertmanager()
        self.start()
        wait_until(lambda: third.active(**PLACE), "the next run tells it, too", seconds=10)

    def test_it_outlives_the_resolve_timeout_of_the_receiver_but_not_the_daemon(self):
        alertmanager = self.start_alertmanager(resolve_timeout="1s")
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        self.wait_told("firing", **PLACE)
        daemon.wait_polls(40)  # 2 s
        self.assertTrue(alertmanager.active(**PLACE))
        self.assertEqual(self.receiver.told("resolved", **PLACE), [])
        daemon.process.kill()
        daemon.wait_exit()
        self.wait_told("resolved", **PLACE)

    def test_what_came_and_went_while_it_was_away_is_told_in_order(self):
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        opened = self.open_socket("tcp", "0.0.0.0", 4445)
        daemon.wait_alert(event="listener-opened", port=4445)
        opened.close()
        daemon.wait_alert(event="listener-closed", port=4445)
        wait_until(lambda: daemon.metrics().value("sockwatch_alert_sink_errors_total", sink="webhook") == 1,
                   "the outage is counted")
        self.assertGreaterEqual(daemon.metrics().value("sockwatch_alerts_waiting", sink="webhook"), 3)
        self.assertIn("alerts wait for webhook http://127.0.0.1:9093/api/v2/alerts: cannot connect: Connection refused",
                      daemon.stderr)
        self.start_alertmanager()
        self.wait_told("firing", seconds=30, port="4445")
        self.wait_told("resolved", port="4445")
        self.wait_told("firing", port="4444")
        self.assertIn("takes alerts again", daemon.stderr)

    def test_what_a_reload_expects_ends(self):
        self.start_alertmanager()
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        self.wait_told("firing", **PLACE)
        self.write_policy(daemon.wait_alert(port=4444)["allow"])
        daemon.reload()
        self.wait_told("resolved", seconds=20, **PLACE)

    def test_a_required_service_that_is_gone_takes_the_same_road(self):
        self.write_policy('[[rule]]\nname = "web"\naction = "expect"\nport = 8080\nrequired = true\n')
        self.start_alertmanager()
        self.start()
        missing = {"alertname": "SockwatchListenerMissing", "rule": "web"}
        self.wait_told("firing", **missing)
        self.open_socket("tcp", "0.0.0.0", 8080)
        self.wait_told("resolved", **missing)


if __name__ == "__main__":
    stack.main()
