# SPDX-License-Identifier: Apache-2.0
"""A machine with a firewall, and who is around it: a network namespace under test between the internet, a local
network and a container, and probes from many addresses through it. The kernel's answer is the truth."""
import contextlib
import errno
import ipaddress
import json
import os
import select
import socket
import struct
import subprocess
import time

import harness

# Of the machine under test, by interface. Who sends from elsewhere is behind the gateway.
ADDRESSES = {"wan": ("198.51.100.1", "2001:db8:1::1"), "lan": ("10.1.0.1", "fd00:1::1")}
PEERS = {"wan": ("198.51.100.2", "2001:db8:1::2"), "lan": ("10.1.0.2", "fd00:1::2")}
CONTAINER, BRIDGE = ("172.30.0.2", "fd00:30::2"), ("172.30.0.1", "fd00:30::1")
SOURCES = {
    "wan": ("198.51.100.2", "198.51.100.77", "203.0.113.9", "203.0.113.200", "8.8.4.4", "45.6.7.8", "172.20.0.5",
            "192.0.2.129", "2001:db8:1::2", "2001:db8:1::77", "2001:db8:2:3::4", "2a00:1:2:3:4:5:6:7", "fd00:9::1"),
    "lan": ("10.1.0.2", "10.1.0.3", "10.1.0.130", "fd00:1::2", "fd00:1::a0"),
}
LISTENING = (22, 80, 443, 5432, 8080, 9000)
# The container takes whatever port it is handed.
CONTAINER_LISTENING = (*LISTENING, 5000, 81, 2222, 7000, 7001)
PROTOCOLS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def ip(*arguments, **options):
    subprocess.run(["ip", *arguments], check=True, **options)


class World:
    """Made once, its rules changed often."""

    def __init__(self):
        self.inside, self.outside, self.container = (harness.Namespace() for _ in range(3))
        self.sockets = contextlib.ExitStack()
        self._connect("wan", self.outside, "wanpeer")
        self._connect("lan", self.outside, "lanpeer")
        self._connect("dock", self.container, "eth0")
        self._address_all()
        for name, sources in SOURCES.items():
            self._introduce(name, ADDRESSES[name], self.outside, f"{name}peer", sources)
        self._introduce("dock", BRIDGE, self.container, "eth0", CONTAINER)
        self._listen()

    def close(self):
        self.sockets.close()
        for net in (self.inside, self.outside, self.container):
            net.close()

    def _connect(self, name, net, peer):
        with self.inside:
            ip("link", "add", name, "type", "veth", "peer", "name", peer, "netns", f"/proc/self/fd/{net._fd}",
               pass_fds=[net._fd])
            ip("link", "set", name, "up")
        with net:
            ip("link", "set", peer, "up")

    def _address_all(self):
        with self.inside:
            for name, addresses in {**ADDRESSES, "dock": BRIDGE}.items():
                for address in addresses:
                    self._add(address, name)
            for address in PEERS["wan"]:
                ip("route", "add", "default", "via", address)
            self.sysctl("net/ipv4/ip_forward", 1)
            self.sysctl("net/ipv6/conf/all/forwarding", 1)
        with self.outside:
            for name, sources in SOURCES.items():
                for address in sources:
                    self._add(address, f"{name}peer", near=self._is_near(address, name))
                # Answers to the machine's own addresses go by the interface that asked.
                self.sysctl(f"net/ipv4/conf/{name}peer/rp_filter", 0)
        with self.container:
            for address in CONTAINER:
                self._add(address, "eth0")
            for address in BRIDGE:
                ip("route", "add", "default", "via", address)

    def _introduce(self, name, addresses, net, peer, peer_addresses):
        """Neighbours know each other for good: rules may drop what they would ask each other."""
        self._add_neighbours(self.inside, name, peer_addresses, self._hardware_address(net, peer))
        self._add_neighbours(net, peer, addresses, self._hardware_address(self.inside, name))

    @staticmethod
    def _hardware_address(net, device):
        with net:
            shown = subprocess.run(["ip", "-j", "link", "show", device], capture_output=True, check=True)
        return json.loads(shown.stdout)[0]["address"]

    @staticmethod
    def _add_neighbours(net, device, addresses, hardware_address):
        with net:
            for address in addresses:
                ip("neighbour", "replace", address, "lladdr", hardware_address, "dev", device, "nud", "permanent")

    @staticmethod
    def _is_near(address, name):
        length = 24 if "." in address else 64
        return any(family_of(own) == family_of(address) and
                   ipaddress.ip_address(address) in ipaddress.ip_network(f"{own}/{length}", strict=False)
                   for own in ADDRESSES[name])

    @staticmethod
    def _add(address, device, near=True):
        length = (64 if near else 128) if ":" in address else (24 if near else 32)
        ip("address", "add", f"{address}/{length}", "dev", device, *(["nodad"] if ":" in address else []))

    @staticmethod
    def sysctl(name, value):
        """Of the namespace the calling thread is in."""
        with open(f"/proc/sys/{name}", "w", encoding="ascii") as file:
            file.write(str(value))

    def _socket(self, net, protocol, address, port=0, options=()):
        with net:
            made = socket.socket(family_of(address), PROTOCOLS[protocol])
            for option in options:
                made.setsockopt(*option)
            made.bind((address, port))
        made.setblocking(False)
        return made

    def _listen(self):
        """Every port at each address by itself, so that each is a listener of its own."""
        self.listeners = []
        places = [(self.inside, ADDRESSES[name], LISTENING) for name in ADDRESSES]
        for net, addresses, ports in [*places, (self.container, CONTAINER, CONTAINER_LISTENING)]:
            for address in addresses:
                for protocol in PROTOCOLS:
                    for port in ports:
                        made = self.sockets.enter_context(self._socket(net, protocol, address, port))
                        if protocol == "tcp":
                            made.listen(4096)
                        self.listeners.append((protocol, made))

    def drain(self):
        """Accepts and reads whatever came; the payloads of datagrams."""
        payloads = set()
        for protocol, made in self.listeners:
            with contextlib.suppress(BlockingIOError):
                while True:
                    if protocol == "tcp":
                        made.accept()[0].close()
                    else:
                        payloads.add(made.recv(64))
        return payloads

    def probe(self, probes, seconds):
        """Which of [(protocol, source, address, port)] get through."""
        reached = set()
        open_sockets = []
        poller = select.epoll()
        self.drain()
        try:
            for number, (protocol, source, address, port) in enumerate(probes):
                made = self._socket(self.outside, protocol, source)
                open_sockets.append(made)
                with contextlib.suppress(OSError):
                    if protocol == "udp":
                        made.sendto(struct.pack("!I", number), (address, port))
                        continue
                    poller.register(made.fileno(), select.EPOLLOUT)
                    made.connect_ex((address, port))
            by_fd = {made.fileno(): number for number, made in enumerate(open_sockets)}
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0:
                for fd, _ in poller.poll(left):
                    if self._was_answered(open_sockets[by_fd[fd]]):
                        reached.add(by_fd[fd])
                    poller.unregister(fd)
                reached |= {struct.unpack("!I", payload)[0] for payload in self.drain()}
        finally:
            poller.close()
            for made in open_sockets:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)) \
                    if made.type == socket.SOCK_STREAM else None
                made.close()
        return [number in reached for number in range(len(probes))]

    @staticmethod
    def _was_answered(made):
        """A SYN-ACK came; what follows, rules may treat otherwise, and then there is an error, too."""
        state = made.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return state in (1, 8) or made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET

    def load(self, script, *command):
        """The tool's complaint, by default of nft; empty where the rules are in force."""
        command = command or ("nft", "-f", "-")
        with self.inside:
            done = subprocess.run(command, input=script, capture_output=True, text=True, check=False, timeout=60)
        return done.stderr if done.returncode != 0 else ""

    def flush(self):
        with self.inside:
            subprocess.run(["nft", "flush", "ruleset"], check=True)

    def predict(self, folder):
        """{(protocol, address, port): row of the list}, of the machine itself and what it publishes."""
        with self.inside:
            done = subprocess.run([harness.SOCKWATCH, "list", "--json", "--namespace", "host", "--config",
                                   os.path.join(folder, "none.toml"), "--state-dir", folder],
                                  capture_output=True, text=True, check=False, timeout=60 * harness.PATIENCE)
        rows = json.loads(done.stdout)["sockets"]
        # Of ranges no more than anybody asks for.
        return {(row["protocol"], row["address"], port): row for row in rows
                for port in range(row["port"], min(row.get("last_port", row["port"]), row["port"] + 10) + 1)}


class Prediction:
    """What a row of the list says of one source."""

    def __init__(self, row):
        self.row = row
        self.certain, self.possible = {}, {}
        for way in row.get("reach_from", []):
            name = way["interface"]
            sources = [ipaddress.ip_network(each) for each in way["sources"]]
            self.certain.setdefault(name, []).extend(sources)
            self.possible.setdefault(name, []).extend(
                [ipaddress.ip_network(each) for each in way.get("possible", way["sources"])])

    @staticmethod
    def _holds(networks, source):
        address = ipaddress.ip_address(source)
        return any(address.version == network.version and address in network for network in networks)

    def of(self, interface, source):
        """True: gets in, False: does not, None: not decided."""
        if self._holds(self.certain.get(interface, []), source):
            return True
        return None if self._holds(self.possible.get(interface, []), source) else False
