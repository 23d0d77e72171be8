#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Other network namespaces than the daemon's own: found, entered, named, and let go. The daemon sees those of the machine,
too, so every assertion is about the ones made here."""
import json
import os
import pathlib
import socket
import subprocess
import tempfile

import harness
from harness import CONFIG, LiveTest, Namespace, toml_of, wait_until

NEWNET = ["unshare", "--net"]


def inode_of(net):
    with net:
        return os.stat("/proc/thread-self/ns/net").st_ino


def link_of(net):
    return f"net:[{inode_of(net)}]"


class NamespaceTest(LiveTest):
    EVENTS = "off"

    def configure(self, **policy):
        watch = CONFIG["watch"] | {"namespaces": "all", "events": self.EVENTS}
        self.config.write_text(toml_of(CONFIG | {"watch": watch, "policy": CONFIG["policy"] | policy}))

    def other(self):
        net = Namespace()
        self.addCleanup(net.close)
        return net

    def inside(self, net, *command):
        """A program in that namespace; as long as it runs, somebody is there."""
        with net:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_alert(self, daemon, **fields):
        """Without events a new namespace is found by the next search, which is due every few seconds."""
        return wait_until(lambda: daemon.alerts(**fields), f"an alert with {fields}", 20)[0]

    def named(self, net):
        """Under a name of its own below /run/netns, as ip-netns(8) does it."""
        folder = pathlib.Path("/run/netns")
        folder.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix="sockwatch-test-", dir=folder, delete=False) as file:
            pass
        self.addCleanup(os.unlink, file.name)
        with net:
            subprocess.run(["mount", "--bind", "/proc/self/ns/net", file.name], check=True)
        self.addCleanup(subprocess.run, ["umount", file.name], check=True)
        return pathlib.Path(file.name).name

    def list(self, *options):
        listed = self.run_program(harness.SOCKWATCH, "list", "--config", str(self.config), "--json", *options)
        return json.loads(listed.stdout)["sockets"]


class Watched(NamespaceTest):
    def test_a_listener_alone_in_a_namespace_is_told_with_its_owner(self):
        daemon = self.start()
        alone = subprocess.Popen([*NEWNET, "nc", "-4", "-l", "-p", "81"], stdin=subprocess.DEVNULL)
        self.addCleanup(alone.wait)
        self.addCleanup(alone.kill)
        alert = self.wait_alert(daemon, event="listener-opened", pid=alone.pid)
        self.assertEqual((alert["port"], alert["comm"], alert["verdict"]), (81, "nc", "unexpected"))
        self.assertEqual(alert["namespace"], os.readlink(f"/proc/{alone.pid}/ns/net"))
        self.assertIn('namespace = "net:', alert["allow"])

    def test_names_of_ip_netns_are_used_also_where_no_process_is(self):
        net = self.other()
        name = self.named(net)
        daemon = self.start()
        with net:
            server = self.open_socket_here(8181)
        alert = self.wait_alert(daemon, event="listener-opened", namespace=name)
        self.assertEqual((alert["port"], alert["pid"]), (8181, os.getpid()))
        rows = self.list("--namespace", name)
        self.assertEqual([(row["port"], row["namespace"]) for row in rows], [(8181, name)])
        server.close()
        daemon.wait_alert(event="listener-closed", namespace=name)

    def open_socket_here(self, port):
        made = socket.create_server(("0.0.0.0", port))
        self.addCleanup(made.close)
        return made

    def test_the_same_port_in_two_namespaces_is_two_listeners(self):
        daemon = self.start()
        pids = []
        for _ in range(2):
            net = self.other()
            pids.append(self.inside(net, "nc", "-4", "-l", "-p", "4444").pid)
        for pid in pids:
            self.wait_alert(daemon, event="listener-opened", port=4444, pid=pid)
        self.assertEqual(len(daemon.alerts(event="listener-opened", port=4444)), 2)

    def test_a_namespace_that_dies_takes_its_listeners_along(self):
        daemon = self.start()
        alone = subprocess.Popen([*NEWNET, "nc", "-4", "-l", "-p", "81"], stdin=subprocess.DEVNULL)
        name = self.wait_alert(daemon, event="listener-opened", pid=alone.pid)["namespace"]
        alone.kill()
        alone.wait()
        daemon.wait_alert(event="listener-closed", namespace=name)
        self.assertEqual(daemon.listeners(namespace=name), [])

    def test_nothing_keeps_a_dead_namespace_alive(self):
        """The kernel's own list of namespaces is not for user space: the sign of life is a veth, whose other end goes
        when its namespace does."""
        ours, theirs = f"swt{os.getpid()}"[:14], "inside"
        daemon = self.start()
        alone = subprocess.Popen([*NEWNET, "sleep", "60"])
        inode = wait_until(lambda: self.entered(alone.pid), "it has left our namespace")
        subprocess.run(["ip", "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", str(alone.pid)],
                       check=True)
        self.addCleanup(subprocess.run, ["ip", "link", "del", ours], stderr=subprocess.DEVNULL, check=False)
        wait_until(lambda: daemon.metrics().value("sockwatch_namespaces", state="watched") > 1, f"{inode} is watched", 20)
        daemon.wait_polls(3)
        alone.kill()
        alone.wait()
        wait_until(lambda: not pathlib.Path("/sys/class/net", ours).exists(), "the namespace is gone", 20)

    def entered(self, pid):
        link = os.readlink(f"/proc/{pid}/ns/net")
        return link if link != os.readlink("/proc/self/ns/net") else None

    def test_connections_of_other_namespaces_are_counted(self):
        net = self.other()
        name = self.named(net)
        with net:
            server = socket.create_server(("127.0.0.1", 8282))
            self.addCleanup(server.close)
            client = socket.create_connection(("127.0.0.1", 8282))
            self.addCleanup(client.close)
        daemon = self.start()
        wait_until(lambda: daemon.metrics().value("sockwatch_listener_connections", namespace=name, port="8282",
                                                  state="established") == 1, "its connection is counted", 20)

    def test_a_restarted_daemon_knows_them_again(self):
        net = self.other()
        name = self.named(net)
        process = self.inside(net, "nc", "-4", "-l", "-p", "4445")
        first = self.start()
        first.wait_alert(event="baseline-learned")
        wait_until(lambda: first.listeners(namespace=name, verdict="expected"), "it is learned")
        self.put_away(first)
        again = self.start()
        again.wait_polls(3)
        self.assertEqual(again.alerts(namespace=name), [])
        self.assertEqual([row["pid"] for row in again.listeners(namespace=name)], [process.pid])

    def test_many_at_once(self):
        """A hundred here; the bench has a thousand."""
        nets = [self.other() for _ in range(100)]
        daemon = self.start()
        sleepers = {self.inside(net, "nc", "-4", "-l", "-p", "4446").pid for net in nets}
        wait_until(lambda: {alert.get("pid") for alert in daemon.alerts(event="listener-opened", port=4446)} >= sleepers
                   or self.folded(daemon), "each is told or counted", 20)
        wait_until(lambda: len(daemon.listeners(port=4446)) == 100, "each is shown", 20)

    def folded(self, daemon):
        told = len(daemon.alerts(event="listener-opened", port=4446))
        folded = daemon.metrics().value("sockwatch_alerts_suppressed_total", reason="folded")
        return told + folded >= 100

    def test_host_watches_our_own_alone(self):
        super().configure()
        self.config.write_text(self.config.read_text().replace('"all"', '"host"'))
        net = self.other()
        self.inside(net, "nc", "-4", "-l", "-p", "4447")
        daemon = self.start()
        daemon.wait_polls(3)
        self.assertEqual(daemon.metrics().value("sockwatch_namespaces", state="watched"), 1)
        self.assertEqual(daemon.listeners(port=4447), [])


class Refused(NamespaceTest):
    def test_what_may_not_be_entered_is_counted_and_named(self):
        net = self.other()
        self.inside(net, "nc", "-4", "-l", "-p", "4448")
        daemon = self.launch_without("sys_admin").wait_ready()
        self.assertGreaterEqual(daemon.metrics().value("sockwatch_namespaces", state="unreadable"), 1)
        self.assertEqual(daemon.listeners(port=4448), [])
        self.assertEqual(daemon.alerts(event="monitor-degraded"), [], "it is so by design, not a failure")
        wait_until(lambda: "not watched: network namespace net:" in daemon.stderr, "the log names it")
        self.assertIn(link_of(net), daemon.request("/api/v1/status")[1])


class ByEvents(NamespaceTest):
    EVENTS = "bpf"

    def setUp(self):
        super().setUp()
        daemon = self.launch()
        if wait_until(lambda: daemon.process.poll() is not None or daemon.is_ready(), "it runs or has ended") \
                and daemon.process.poll() is not None:
            self.skipTest("no BPF here: " + daemon.stderr)
        self.daemon = daemon

    def test_a_moment_in_a_namespace_of_its_own_is_told(self):
        script = "import socket\nsocket.create_server(('0.0.0.0', 93)).close()"
        alone = subprocess.Popen([*NEWNET, "python3", "-c", script])
        alone.wait()
        alert = self.daemon.wait_alert(event="listener-short-lived", port=93)
        self.assertEqual((alert["pid"], alert["comm"]), (alone.pid, "python3"))
        self.assertRegex(alert["namespace"], r"net:\[\d+\]")

    def test_a_listener_that_stays_is_told_once(self):
        alone = subprocess.Popen([*NEWNET, "nc", "-4", "-l", "-p", "94"], stdin=subprocess.DEVNULL)
        self.addCleanup(alone.wait)
        self.addCleanup(alone.kill)
        self.daemon.wait_alert(event="listener-opened", pid=alone.pid)
        self.daemon.wait_polls(3)
        self.assertEqual(len(self.daemon.alerts(pid=alone.pid)), 1)


class ByDestroyEvents(NamespaceTest):
    EVENTS = "destroy"

    def pass_by(self, net, port):
        with net, socket.create_server(("0.0.0.0", port)):
            pass

    def test_a_moment_in_a_namespace_with_a_number_is_told(self):
        """Two ends of a veth give each other's namespace one."""
        net = self.other()
        name = self.named(net)
        ours = f"swt{os.getpid()}"[:14]
        with self.net:
            subprocess.run(["ip", "link", "add", ours, "type", "veth", "peer", "name", "inside", "netns", name], check=True)
        daemon = self.start()
        daemon.wait_polls(2)
        self.pass_by(net, 95)
        alert = daemon.wait_alert(event="listener-short-lived", port=95)
        self.assertEqual((alert["namespace"], alert.get("pid")), (name, None))

    def test_without_the_capability_it_still_hears_its_own(self):
        daemon = self.launch_without("net_broadcast").wait_ready()
        self.pass_by(self.net, 96)
        daemon.wait_alert(event="listener-short-lived", port=96)


if __name__ == "__main__":
    harness.main()
