# SPDX-License-Identifier: Apache-2.0
"""A machine worth a picture: in a namespace of its own, programs with the names, users, units and open ports of a small
web server. The sockets, cgroups and processes are real; what the programs would serve is not."""
import ctypes
import os
import pathlib
import signal
import socket
import sys
import time

PR_SET_NAME = 15
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
# Name, unit, user, and what it has open.
PROGRAMS = [
    ("sshd", "system.slice/ssh.service", "root", [(TCP, "::", 22)]),
    ("nginx", "system.slice/nginx.service", "www-data", [(TCP, "0.0.0.0", 80), (TCP, "0.0.0.0", 443), (UDP, "0.0.0.0", 443)]),
    ("postgres", "system.slice/postgresql@15-main.service", "backup", [(TCP, "127.0.0.1", 5432), (TCP, "::1", 5432)]),
    ("redis-server", "system.slice/redis-server.service", "nobody", [(TCP, "127.0.0.1", 6379)]),
    ("master", "system.slice/postfix@-.service", "root", [(TCP, "127.0.0.1", 25), (TCP, "::1", 25)]),
    ("systemd-resolve", "system.slice/systemd-resolved.service", "systemd-network",
     [(TCP, "127.0.0.53", 53), (UDP, "127.0.0.53", 53), (UDP, "0.0.0.0", 5355), (TCP, "0.0.0.0", 5355)]),
    ("chronyd", "system.slice/chrony.service", "daemon", [(UDP, "127.0.0.1", 323), (UDP, "::1", 323)]),
    ("avahi-daemon", "system.slice/avahi-daemon.service", "daemon", [(UDP, "0.0.0.0", 5353), (UDP, "::", 5353)]),
    ("node_exporter", "system.slice/prometheus-node-exporter.service", "nobody", [(TCP, "10.1.2.3", 9100)]),
    ("prometheus", "system.slice/prometheus.service", "nobody", [(TCP, "10.1.2.3", 9090)]),
    ("grafana", "system.slice/grafana-server.service", "nobody", [(TCP, "127.0.0.1", 3000)]),
    ("gunicorn", "system.slice/shop.service", "www-data", [(TCP, "127.0.0.1", 8000), (TCP, "127.0.0.1", 8001)]),
    ("rpc.statd", "system.slice/rpc-statd.service", "daemon", [(TCP, "0.0.0.0", 0), (UDP, "0.0.0.0", 0)]),
    ("wg-keeper", "system.slice/wg-quick@wg0.service", "root", [(UDP, "0.0.0.0", 51820), (UDP, "::", 51820)]),
    ("mosh-server", "user.slice/user-1000.slice/session-7.scope", "daemon", [(UDP, "10.1.2.3", 60001)]),
]
STRANGERS = [
    ("python3", "user.slice/user-1000.slice/session-7.scope", "daemon", [(TCP, "0.0.0.0", 8080)]),
    ("kworker/u8:2", "system.slice/nginx.service", "www-data", [(TCP, "0.0.0.0", 4444)]),
]
CONNECTIONS = [("10.1.2.3", 443, 38), ("10.1.2.3", 80, 6), ("127.0.0.1", 5432, 12), ("127.0.0.1", 6379, 4),
               ("127.0.0.1", 8000, 9), ("10.1.2.3", 22, 2), ("10.1.2.3", 9100, 1)]
POLICY = "".join(
    f'[[rule]]\nname = "{name}"\naction = "{action}"\n{matchers}\n\n' for name, action, matchers in (
        ("discovery", "ignore", 'protocol = "udp"\nport = [5353, 5355]'),
    ))


def cgroup_root():
    unified = pathlib.Path("/sys/fs/cgroup/unified")
    return unified if unified.exists() else pathlib.Path("/sys/fs/cgroup")


def _open_all(places):
    sockets = []
    for kind, address, port in places:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        made = socket.socket(family, kind)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address != "::" or kind == UDP)
        made.bind((address, port))
        if kind == TCP:
            made.listen(128)
        sockets.append(made)
    return sockets


class Town:
    """Its programs are children of this process, and gone with it."""

    def __init__(self, net):
        self.net = net
        self.children = []
        self.cgroups = []

    def move_in(self, name, unit, user, places):
        cgroup = cgroup_root() / unit
        for folder in (*list(cgroup.parents)[::-1], cgroup):
            if cgroup_root() in folder.parents and not folder.exists():
                folder.mkdir()
                self.cgroups.append(folder)
        self._start(name, cgroup, user, lambda: _open_all(places))

    def connect(self, connections):
        self._start("curl", cgroup_root(), "nobody", lambda: [
            socket.create_connection((address, port)) for address, port, count in connections for _ in range(count)])

    def _start(self, name, cgroup, user, work):
        with self.net:
            child = os.fork()
            if child == 0:
                self._live(name, cgroup, user, work)
        self.children.append(child)

    @staticmethod
    def _live(name, cgroup, user, work):
        import pwd  # pylint: disable=import-outside-toplevel
        try:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            (cgroup / "cgroup.procs").write_text("0")
            libc.prctl(PR_SET_NAME, name.encode(), 0, 0, 0)
            kept = work()
            os.setuid(pwd.getpwnam(user).pw_uid)
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # setuid(2) cleared it
            while kept:
                time.sleep(3600)
        except OSError as error:
            print(f"{name}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(1)

    def close(self):
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for folder in reversed(self.cgroups):
            folder.rmdir()
