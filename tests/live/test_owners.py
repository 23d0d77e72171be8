#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Whose a listener is in the cases that fool a monitor, by each way of finding out, and without the privileges."""
import os
import pathlib
import shutil
import socket
import subprocess

import harness
from harness import CONFIG, LiveTest, toml_of, wait_until

IO_URING_SETUP, IO_URING_REGISTER, REGISTER_FILES = 425, 427, 2

# The parent leaves at once; who inherits says that he runs.
INHERIT = """
import os, socket, time
server = socket.create_server(("0.0.0.0", {port}))
if os.fork():
    os._exit(0)
print(os.getpid(), flush=True)
time.sleep(60)
"""
PASS_ON = """
import os, socket, time
server = socket.create_server(("0.0.0.0", {port}))
ours, theirs = socket.socketpair()
if os.fork():
    socket.send_fds(ours, [b"x"], [server.fileno()])
    os._exit(0)
server.close()
_, fds, _, _ = socket.recv_fds(theirs, 1, 1)
print(os.getpid(), flush=True)
time.sleep(60)
"""
IN_FLIGHT = """
import os, socket, time
server = socket.create_server(("0.0.0.0", {port}))
ours, theirs = socket.socketpair()
socket.send_fds(ours, [b"x"], [server.fileno()])
server.close()
print(os.getpid(), flush=True)
time.sleep(60)
"""
RING = """
import ctypes, os, socket, time
libc = ctypes.CDLL(None, use_errno=True)
parameters = (ctypes.c_uint32 * 30)()
ring = libc.syscall({setup}, 4, ctypes.byref(parameters))
if ring < 0:
    print("refused", flush=True)
    os._exit(0)
server = socket.create_server(("0.0.0.0", {port}))
fd = ctypes.c_int32(server.fileno())
if libc.syscall({register}, ring, {files}, ctypes.byref(fd), 1) < 0:
    print("refused", flush=True)
    os._exit(0)
server.close()
print(os.getpid(), flush=True)
time.sleep(60)
"""
SHARE = """
import os, socket, time
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
server.bind(("0.0.0.0", {port}))
server.listen()
os.setuid({uid})
print(os.getpid(), flush=True)
time.sleep(60)
"""


class OwnerTest(LiveTest):
    OWNERS = "proc"

    def configure(self, **policy):
        watch = CONFIG["watch"] | {"owners": self.OWNERS}
        self.config.write_text(toml_of(CONFIG | {"watch": watch, "policy": CONFIG["policy"] | policy}))

    def play(self, script, *command, **values):
        """Runs one of the scripts above in the namespace; the pid it says. It may outlive its first process."""
        with self.net:
            process = subprocess.Popen([*command, "/usr/bin/python3", "-c", script.format(**values)],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        said = process.stdout.readline().strip()
        process.stdout.close()
        if said == "refused":
            self.skipTest("this kernel allows no io_uring")
        if int(said) != process.pid and not command:
            self.addCleanup(os.kill, int(said), 9)
        return int(said) if not command else process.pid

    def shown(self, daemon, port):
        [row] = wait_until(lambda: [row for row in daemon.listeners(port=port)
                                    if row["verdict"] != "pending" and row["owner_state"] != "budget"],
                           f"port {port} is shown and judged", 10)
        return row

    def owner_of(self, port):
        daemon = self.start()
        return self.shown(daemon, port)


class ByProc(OwnerTest):
    def test_an_inherited_socket_is_its_heirs(self):
        """Also when the parent was still there at the first look."""
        daemon = self.start()
        pid = self.play(INHERIT, port=4701)
        wait_until(lambda: daemon.listeners(port=4701, owner_state="known", pid=pid), "the child is the owner", 20)

    def test_a_socket_that_was_passed_on_is_the_receivers(self):
        pid = self.play(PASS_ON, port=4702)
        row = self.owner_of(4702)
        self.assertEqual((row["owner_state"], row["pid"]), ("known", pid))

    def test_a_socket_on_its_way_is_nobodys_and_says_so(self):
        self.play(IN_FLIGHT, port=4703)
        row = self.owner_of(4703)
        # Only BPF sees which socket a message carries. Without it a process that shows us nothing may as well have it.
        reason = "in-flight" if self.OWNERS == "bpf" else "no-permission" if self.some_process_is_hidden() else "unexplained"
        self.assertEqual(row["owner_state"], reason)
        self.assertNotIn("pid", row)

    def some_process_is_hidden(self):
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                for link in (process / "fd").iterdir():
                    os.readlink(link)
            except PermissionError:
                return True
            except OSError:
                continue
        return False

    def test_a_socket_that_only_an_io_uring_holds_is_its_processs(self):
        pid = self.play(RING, port=4704, setup=IO_URING_SETUP, register=IO_URING_REGISTER, files=REGISTER_FILES)
        row = self.owner_of(4704)
        self.assertEqual((row["owner_state"], row["pid"]), ("known", pid))

    def test_a_port_shared_by_two_users_names_both(self):
        pids = {self.play(SHARE, port=4705, uid=0), self.play(SHARE, port=4705, uid=65534)}
        row = self.owner_of(4705)
        self.assertEqual((row["owner_state"], row["members"]), ("known", 2))
        explained = self.run_program(harness.SOCKWATCH, "explain", "--config", str(self.config), "4705")
        for pid in pids:
            self.assertIn(str(pid), explained.stdout)

    def test_a_deleted_program_keeps_its_name(self):
        program = self.folder / "server"
        shutil.copy(shutil.which("nc"), program)
        with self.net:
            process = subprocess.Popen([program, "-4", "-l", "-p", "4706"], stdin=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        with self.net:
            wait_until(lambda: harness.is_listening(4706), "it listens")
        program.unlink()
        row = self.owner_of(4706)
        self.assertEqual((row["pid"], row["exe"]), (process.pid, str(program)))

    def test_nested_user_and_pid_namespaces_hide_nobody_from_the_first(self):
        with self.net:
            outer = subprocess.Popen(["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "nc", "-4",
                                      "-l", "-p", "4707"], stdin=subprocess.DEVNULL)
        self.addCleanup(outer.wait)
        self.addCleanup(outer.kill)
        with self.net:
            try:
                wait_until(lambda: harness.is_listening(4707), "it listens")
            except AssertionError:
                self.skipTest("this machine allows no user namespaces")
        row = self.owner_of(4707)
        children = pathlib.Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        self.assertEqual((row["owner_state"], row["comm"], [str(row["pid"])]), ("known", "nc", children))


class ByBpf(ByProc):
    OWNERS = "bpf"

    def setUp(self):
        super().setUp()
        daemon = self.launch()
        wait_until(lambda: daemon.process.poll() is not None or daemon.is_ready(), "it runs or has ended", 20)
        if daemon.process.poll() is not None:
            self.skipTest("no BPF here: " + daemon.stderr)
        source = daemon.metrics().rows("sockwatch_owner_source_info")[0][0]["source"]
        self.assertEqual(source, "bpf")
        self.put_away(daemon)
        shutil.rmtree(self.state)
        self.state.mkdir()


class WithoutPrivileges(OwnerTest):
    """What each capability is worth: docs/security.md has the table."""

    def start_other_users(self, port):
        """Of nobody, and since it changed its user it shows itself to nobody, either."""
        return self.play(SHARE, port=port, uid=65534)

    def test_without_ptrace_the_creator_stays_known(self):
        self.start_other_users(4710)
        daemon = self.launch_without("sys_ptrace", "dac_read_search", "dac_override", "sys_admin", "bpf").wait_ready()
        row = self.shown(daemon, 4710)
        self.assertEqual((row["owner_state"], row["uid"]), ("no-permission", 0), "the creator's uid")
        self.assertNotIn("pid", row)

    def test_with_bpf_the_process_is_known_without_ptrace(self):
        pid = self.start_other_users(4711)
        self.config.write_text(self.config.read_text().replace('owners = "proc"', 'owners = "auto"'))
        daemon = self.launch_without("sys_ptrace", "dac_read_search", "dac_override", "sys_admin").wait_ready()
        if daemon.metrics().rows("sockwatch_owner_source_info")[0][0]["source"] != "bpf":
            self.skipTest("no BPF here")
        row = self.shown(daemon, 4711)
        self.assertEqual((row["owner_state"], row["pid"]), ("known", pid))


if __name__ == "__main__":
    harness.main()
