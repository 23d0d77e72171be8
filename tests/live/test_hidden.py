#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Who hides a port from one of those who are asked is found out; who only comes and goes is not."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading

import harness


class Hidden(harness.LiveTest):
    def check(self, *more):
        ran = self.run_program(harness.SOCKWATCH, "check", "--hidden", "--json", "--config", str(self.config), *more)
        return ran.returncode, json.loads(ran.stdout)

    def forged_proc(self, *ports):
        """A /proc whose tables of sockets lack these ports."""
        folder = self.folder / "proc"
        (folder / "net").mkdir(parents=True)
        with self.net:
            for table in ("tcp", "tcp6", "udp", "udp6"):
                lines = pathlib.Path("/proc/thread-self/net", table).read_text().splitlines(keepends=True)
                kept = [line for line in lines if not any(f":{port:04X} " in line for port in ports)]
                (folder / "net" / table).write_text("".join(kept))
        return str(folder)

    def test_sockets_of_every_kind_that_nobody_hides(self):
        server = self.open_socket("tcp", "0.0.0.0", 4001)
        self.open_socket("tcp", "::", 4002)
        self.open_socket("tcp", "127.0.0.1", 4003, listen=False)
        self.open_socket("udp", "0.0.0.0", 4004)
        self.open_socket("udp", "::1", 4005)
        client = self.open_socket("tcp", "127.0.0.1", 4006, listen=False)
        client.connect(("127.0.0.1", 4001))
        server.accept()[0].close()
        code, document = self.check()
        self.assertEqual((code, document["hidden"], document["unseen"]), (0, [], []))

    def test_tables_that_lack_a_tcp_and_a_udp_port(self):
        self.open_socket("tcp", "0.0.0.0", 4444)
        self.open_socket("tcp", "0.0.0.0", 4445)
        self.open_socket("udp", "0.0.0.0", 5555)
        code, document = self.check("--proc-root", self.forged_proc(4444, 5555))
        self.assertEqual(code, 1)
        self.assertEqual({(row["protocol"], row["port"]) for row in document["hidden"]}, {("tcp", 4444), ("udp", 5555)})
        self.assertEqual({row["denied_by"] for row in document["hidden"]}, {"/proc/net"})
        self.assertLessEqual({"sock_diag", "BPF iterator"} - {row["shown_by"] for row in document["hidden"]},
                             {gap["what"] for gap in document["unseen"]})

    def test_what_cannot_be_asked_is_said(self):
        shutil.rmtree(self.forged_proc() + "/net")
        code, document = self.check("--proc-root", str(self.folder / "proc"))
        self.assertEqual((code, document["complete"]), (4, False))
        self.assertIn("/proc/net", [gap["what"] for gap in document["unseen"]])

    def test_the_daemon_tells_it_and_tells_when_it_is_over(self):
        self.open_socket("tcp", "0.0.0.0", 4444)
        forged = pathlib.Path(self.forged_proc(4444)) / "net" / "tcp"
        everything_else = self.folder / "proc"
        for name in ("self", "1", "stat", "sys"):
            (everything_else / name).symlink_to(f"/proc/{name}")
        self.write_settings('[watch]\nhidden = "10s"\n')
        daemon = self.start("--proc-root", str(everything_else))
        alert = harness.wait_until(lambda: daemon.alerts(event="listener-hidden"), "a hidden listener is told", 20)[0]
        self.assertEqual((alert["severity"], alert["tone"], alert["protocol"], alert["port"], alert["denied_by"]),
                         ("critical", "wrong", "tcp", 4444, "/proc/net"))
        with self.net:
            forged.write_text(pathlib.Path("/proc/thread-self/net/tcp").read_text())
        harness.wait_until(lambda: daemon.alerts(event="listener-hidden", tone="right"), "it is told to be over", 20)

    def lie_about(self, server):
        """A BPF program that takes this socket out of sock_diag's answers to everybody, as a rootkit would."""
        if not pathlib.Path(os.environ["NETLINK_LIAR"]).exists():
            self.skipTest("built without libbpf")
        liar = subprocess.Popen([os.environ["NETLINK_LIAR"], str(os.fstat(server.fileno()).st_ino)],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(liar.stdout.close)
        self.addCleanup(liar.wait)
        self.addCleanup(liar.stdin.close)
        if liar.stdout.readline() != "lying\n":
            self.skipTest("this kernel does not let a BPF program lie: bpf_probe_write_user")

    def test_a_bpf_program_that_hides_a_port_from_ss(self):
        server = self.open_socket("tcp", "0.0.0.0", 4444)
        self.open_socket("tcp", "0.0.0.0", 4445)
        self.write_settings('[watch]\nhidden = "10s"\n')
        daemon = self.start()
        self.lie_about(server)
        shown = self.run_program("ss", "-tlnH").stdout
        self.assertNotIn(":4444", shown)
        self.assertIn(":4445", shown)
        code, document = self.check()
        self.assertEqual(code, 1)
        self.assertEqual([(row["port"], row["denied_by"]) for row in document["hidden"]], [(4444, "sock_diag")])
        alert = harness.wait_until(lambda: daemon.alerts(event="listener-hidden"), "the daemon tells it", 20)[0]
        self.assertEqual((alert["severity"], alert["port"], alert["denied_by"]), ("critical", 4444, "sock_diag"))

    def test_churn_accuses_nobody(self):
        over = threading.Event()

        def churn():
            with self.net:
                while not over.is_set():
                    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
                        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                        tcp.bind(("0.0.0.0", 6001))
                        tcp.listen()
                        udp.bind(("0.0.0.0", 6002))

        thread = threading.Thread(target=churn)
        thread.start()
        try:
            for _ in range(10):
                code, document = self.check()
                self.assertEqual((code, document["hidden"]), (0, []))
        finally:
            over.set()
            thread.join()


if __name__ == "__main__":
    harness.main()
