# SPDX-License-Identifier: Apache-2.0
"""A fleet worth a picture: twenty hosts in network namespaces, programs with names that everybody knows, clients that
come and go, and a few things that are not as they should be. All of it is real to the daemons and to Prometheus."""
import contextlib
import json
import pathlib
import random
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "prometheus"))
import fleet  # noqa: E402

SERVICE = pathlib.Path(__file__).with_name("service.py")
# As service.py takes them: name, user, places.
EVERYWHERE = [("sshd", "root", "tcp:0.0.0.0:22", "tcp::::22"), ("node_exporter", "nobody", "tcp:0.0.0.0:9100")]
ROLES = {
    "web": [("nginx", "www-data", "tcp:0.0.0.0:80", "tcp:0.0.0.0:443"), ("gunicorn", "www-data", "tcp:127.0.0.1:8000")],
    "db": [("postgres", "backup", "tcp:10.1.2.3:5432")],
    "cache": [("redis-server", "games", "tcp:10.1.2.3:6379")],
}
# On web-01, for the dashboard of one host.
MORE = [
    ("chronyd", "daemon", "udp:127.0.0.1:323"),
    ("systemd-resolve", "daemon", "tcp:127.0.0.53:53", "udp:127.0.0.53:53"),
    ("rsyslogd", "daemon", "full:0.0.0.0:514"),
    ("php-fpm", "www-data", "deaf:127.0.0.1:9000"),
    ("master", "mail", "tcp:127.0.0.1:25"),
    ("rpcbind", "daemon", "tcp:0.0.0.0:111", "udp:0.0.0.0:111"),
]
RULES = {
    "ssh": ("tcp", 22), "web": ("tcp", 443), "redirect": ("tcp", 80), "metrics": ("tcp", 9100),
    "database": ("tcp", 5432), "cache": ("tcp", 6379), "names": (["tcp", "udp"], 53), "time": ("udp", 323),
    "log": ("udp", 514), "mail": ("tcp", 25), "portmapper": (["tcp", "udp"], 111), "application": ("tcp", [8000, 9000]),
}
REQUIRED = {"web": ["ssh", "web"], "db": ["ssh", "database"], "cache": ["ssh", "cache"]}
# Of web-01, by port: how many there are after that share of the time.
CLIENTS = {
    22: lambda t: 2 + (t > 0.3) - (t > 0.6),
    443: lambda t: 30 + 25 * (1 - abs(2 * t - 1)) + random.random() * 6,
    8000: lambda t: 6 + 4 * (t > 0.45),
    9000: lambda t: 22 if 0.35 < t < 0.75 else 6,
}


def policy(role, *left_out):
    return "".join(f'[[rule]]\nname = "{name}"\naction = "expect"\nprotocol = {json.dumps(protocol)}\n'
                   f"port = {json.dumps(port)}\n" + ("required = true\n" if name in REQUIRED[role] else "")
                   for name, (protocol, port) in RULES.items() if name not in left_out)


class Scene(fleet.FleetTest):
    def run_service(self, host, name, user, *places):
        with host.net:
            process = subprocess.Popen([SERVICE, name, user, *places], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdout.readline()
        return process

    def make_fleet(self):
        random.seed(7)
        for role, count in {"web": 10, "db": 6, "cache": 4}.items():
            for number in range(1, count + 1):
                left_out = ["mail"] if (role, number) in (("cache", 3), ("web", 8)) else []
                host = self.add_host(f"{role}-{number:02}", role, policy(role, *left_out))
                with host.net:
                    pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
        self.services = {(host.name, service[0]): self.run_service(host, *service)
                         for host in self.hosts
                         for service in EVERYWHERE + ROLES[host.role] + (MORE if host.name == "web-01" else [])}

    def host(self, name):
        return next(host for host in self.hosts if host.name == name)

    def connect(self, host, port):
        with host.net:
            client = socket.socket()
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(("127.0.0.1", port))
        self.addCleanup(client.close)
        return client

    def live(self, seconds):
        """Lets things happen, evenly over that time, at most once a second."""
        web = self.host("web-01")
        clients = {port: [] for port in CLIENTS}
        happenings = self.happenings()
        for step in range(seconds):
            t = step / seconds
            for port, held in clients.items():
                self.come_and_go(web, port, held, int(CLIENTS[port](t)))
            if 0.5 < t < 0.7:
                self.send_datagrams(514, net=web.net)
            while happenings and t >= happenings[0][0]:
                happenings.pop(0)[1]()
            time.sleep(1)

    def come_and_go(self, host, port, held, wanted):
        while len(held) < wanted:
            held.append(self.connect(host, port))
        while len(held) > wanted:
            held.pop(0).close()

    def happenings(self):
        """(share of the time, what then), in order."""
        backdoor = [self.host(name) for name in ("web-01", "web-04", "db-02")]
        return [
            (0.20, lambda: self.run_service(self.host("web-01"), "node", "www-data", "tcp:0.0.0.0:3000")),
            *((0.55, lambda host=host: self.run_service(host, "nc", "nobody", "tcp:0.0.0.0:4444"))
              for host in backdoor),
            (0.60, lambda: self.run_service(self.host("cache-02"), "memcached", "games", "tcp:0.0.0.0:11211")),
            (0.65, lambda: self.services["db-05", "postgres"].kill()),
            (0.80, lambda: self.daemons[self.hosts.index(self.host("cache-04"))].stop()),
        ]
