#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""From a port that opens to whoever is told: the daemon, Prometheus with the shipped rules, Alertmanager, a webhook."""
import stack
from harness import wait_until

ALERT = "SockwatchUnexpectedListener"


class Alerting(stack.StackTest):
    def test_an_unexpected_port_is_told_and_taken_back(self):
        self.start_stack()
        opened = self.open_socket("tcp", "0.0.0.0", 4444)
        place = {"alertname": ALERT, "port": "4444", "address": "0.0.0.0", "protocol": "tcp"}
        wait_until(lambda: self.prometheus.firing(**place), "it fires in Prometheus", seconds=10)
        [alert, *_] = wait_until(lambda: self.receiver.told("firing", **place), "the webhook is called", seconds=10)
        self.assertEqual(alert["labels"]["severity"], "warning")
        self.assertIn("Port 4444/tcp at 0.0.0.0", alert["annotations"]["description"])
        self.assertIn("user root", alert["annotations"]["description"])

        opened.close()
        wait_until(lambda: self.receiver.told("resolved", **place), "the webhook is told of the end", seconds=10)
        self.assertEqual(self.prometheus.firing(alertname=ALERT), [])
        # Nothing else was wrong.
        self.assertEqual({alert["labels"]["alertname"] for alert in self.receiver.alerts}, {ALERT})

        # A port that only root opens is told once, as critical.
        self.open_socket("tcp", "0.0.0.0", 79)
        [alert, *_] = wait_until(lambda: self.receiver.told("firing", alertname=f"{ALERT}Privileged", port="79"),
                                 "the webhook is called", seconds=10)
        self.assertEqual(alert["labels"]["severity"], "critical")
        wait_until(lambda: self.alertmanager.inhibited(alertname=ALERT, port="79"), "the lesser one is kept quiet")

    def test_a_required_service_that_is_gone_and_a_reload_that_fails_are_told(self):
        self.write_policy('[[rule]]\nname = "web"\naction = "expect"\nport = 8080\nrequired = true\n')
        web = self.open_socket("tcp", "0.0.0.0", 8080)
        self.start_stack()
        web.close()
        wait_until(lambda: self.receiver.told("firing", alertname="SockwatchListenerMissing", rule="web"),
                   "the webhook is called", seconds=10)
        self.write_policy("[[rule]]\nname = 1\n")
        self.daemon.reload()
        wait_until(lambda: self.receiver.told("firing", alertname="SockwatchConfigReloadFailed"),
                   "the webhook is called", seconds=10)


if __name__ == "__main__":
    stack.main()
