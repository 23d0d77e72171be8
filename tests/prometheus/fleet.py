# SPDX-License-Identifier: Apache-2.0
"""Many hosts on one machine: each is a network namespace with a daemon of its own. The daemon answers on a socket that
it was handed (as by systemd) and that lies in Prometheus' namespace, so no network has to be built between them."""
import json
import re
import shutil
import socket

import stack
from stack import harness

EXAMPLES = stack.PACKAGING / "fleet"
POLICY = """
[[rule]]
name = "ssh"
action = "expect"
protocol = "tcp"
port = 22
required = true
"""


class Host:
    def __init__(self, name, role, net):
        self.name = name
        self.role = role
        self.net = net


class FleetTest(stack.StackTest):
    def setUp(self):
        super().setUp()
        self.hosts = []
        shutil.copytree(EXAMPLES / "rules", self.folder / "rules")
        (self.folder / "targets").mkdir()

    def add_host(self, name, role, policy=POLICY):
        """A host where nothing runs yet but what the caller opens in its namespace."""
        host = Host(name, role, harness.Namespace())
        self.addCleanup(host.net.close)
        home = self.folder / name
        for part in ("state", "policy.d"):
            (home / part).mkdir(parents=True)
        (home / "policy.d/50-role.toml").write_text(policy)
        # The usual intervals: twenty daemons share this machine.
        quiet = {"watch": {"events": "off", "namespaces": "host"}, "alerts": {"journal": False}}
        (home / "sockwatch.toml").write_text(harness.toml_of(quiet))
        self.hosts.append(host)
        return host

    def start_daemon(self, host):
        with self.net:
            place = (f"127.0.1.{self.hosts.index(host) + 1}", harness.METRICS_PORT)
            listening = socket.create_server(place)
        home = self.folder / host.name
        daemon = harness.Daemon(host.net, "--config", str(home / "sockwatch.toml"), "--state-dir", str(home / "state"),
                                sockets=[listening])
        listening.close()
        self.daemons.append(daemon)
        self.addCleanup(self.put_away, daemon)
        return {"targets": [f"{place[0]}:{place[1]}"], "labels": {"instance": host.name, "role": host.role}}

    def start_fleet(self):
        """Alertmanager and Prometheus with the examples of some hundreds of hosts, and a daemon on each host."""
        self.receiver = self.serve(stack.Receiver)
        self.alertmanager = self.serve(stack.Alertmanager, self.folder, self.routes())
        targets = [self.start_daemon(host) for host in self.hosts]
        (self.folder / "targets/fleet.yml").write_text(json.dumps(targets))
        self.prometheus = self.serve(stack.Prometheus, self.folder, EXAMPLES / "prometheus.yml")
        for server in (self.alertmanager, self.prometheus):
            harness.wait_until(server.is_ready, f"{type(server).__name__} is ready", seconds=20)
        harness.wait_until(lambda: self.prometheus.query('count(up{job="sockwatch"} == 1)') == [({}, len(self.hosts))],
                           "every host is scraped", seconds=30)

    @staticmethod
    def routes():
        """The example, in a hurry."""
        text = (EXAMPLES / "alertmanager.yml").read_text()
        text = text.replace("group_wait: 30s", "group_wait: 10s")
        return re.sub(r"group_interval: \w+", "group_interval: 1s", text)
