#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Every query of every dashboard, on a real Prometheus that scrapes a daemon with something to show: none is refused,
and none leaves its panel empty."""
import json
import math
import re
import socket

import stack
from boards import DASHBOARDS, substituted
from harness import SMALL_BUFFER, wait_until

POLICY = """
[[rule]]
name = "echo"
action = "expect"
protocol = "udp"
port = 7

[[rule]]
name = "database"
action = "expect"
port = 5432
required = true
"""
# What Grafana would put in. The windows are long enough to hold whatever the test did.
WINDOWS = {"__rate_interval": "1m", "__range": "1m", "since": "1d"}
EVERYTHING = {"job": "sockwatch", "instance": ".+"}
LISTENERS = [
    {"namespace": "host", "protocol": "tcp", "address": "0.0.0.0", "port": "8080"},
    {"namespace": "host", "protocol": "udp", "address": "0.0.0.0", "port": "7"},
]


def queries(path):
    """(what it is for, expression) of each panel, and of each variable: the series whose labels it offers."""
    board = json.loads(path.read_text())
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            asked = variable["query"]["query"]
            yield f"{path.stem}: ${variable['name']}", re.match(r"label_values\((.*), \w+\)", asked)[1]
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield f"{path.stem}: {panel['title']} {target['refId']}", target["expr"]


class Dashboards(stack.StackTest):
    def connect(self, port):
        with self.net:
            client = socket.create_connection(("127.0.0.1", port))
        self.addCleanup(client.close)

    def make_something_to_show(self):
        """Expected and unexpected, used and unused, plain, full, dropping, missing."""
        self.write_policy(POLICY)
        self.open_socket("udp", "0.0.0.0", 7, options=[SMALL_BUFFER])
        self.open_socket("tcp", "0.0.0.0", 8081)
        plain = self.open_socket("tcp", "0.0.0.0", 8080)
        self.start_stack()
        self.open_socket("tcp", "0.0.0.0", 4444)
        self.daemon.wait_alert(port=4444)
        self.connect(8080)
        self.addCleanup(plain.accept()[0].close)
        self.connect(8080)
        self.send_datagrams(7)

    def has_data(self, expression):
        """Whether it shows anything for any of the listeners to choose from."""
        for listener in LISTENERS:
            rows = self.prometheus.query(substituted(expression, WINDOWS | EVERYTHING | listener))
            if any(math.isfinite(value) for _, value in rows):
                return True
        return False

    def test_every_query_shows_something(self):
        self.make_something_to_show()
        for path in DASHBOARDS:
            for what, expression in queries(path):
                with self.subTest(query=what):
                    wait_until(lambda expression=expression: self.has_data(expression), f"data for {expression}")


if __name__ == "__main__":
    stack.main()
