#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What becomes of an owner after it was found, by each source of events and each way of finding holders; and that the
daemon and the tool say the same about all of them."""
import json
import os
import shutil
import subprocess

import harness
from harness import CONFIG, LiveTest, toml_of, wait_until

# Listens on the ports, then does as it is told, a word a line.
SERVER = """
import ctypes, os, socket, subprocess, sys, threading
servers = []
def listen(port):
    server = socket.create_server(("0.0.0.0", port))
    server.set_inheritable(True)
    servers.append(server)
for port in map(int, sys.argv[2].split(",")):
    listen(port)
def as_a_thread(port, ready):
    ctypes.CDLL(None).unshare(0x400)  # CLONE_FILES
    server = socket.create_server(("0.0.0.0", port))
    ready.set()
    threading.Event().wait()
print("ready", flush=True)
for line in sys.stdin:
    word, index = line.split()
    fd = servers[int(index)].fileno() if word != "thread" else -1
    if word == "thread":
        ready = threading.Event()
        threading.Thread(target=as_a_thread, args=(int(index), ready), daemon=True).start()
        ready.wait()
    if word in ("leak", "hand"):
        heir = subprocess.Popen([sys.argv[1], "100"], pass_fds=[fd], stdin=subprocess.DEVNULL)
        if word == "hand":
            servers[int(index)].close()
        print(heir.pid, flush=True)
        continue
    if word == "drop":
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    if word == "exec":
        print("done", flush=True)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.execv(sys.argv[1], ["heir", "100"])
    print("done", flush=True)
"""

# What both say about a listener that nobody touches.
SAID_BY_BOTH = ("exe", "comm", "pid", "uid", "user", "creator_uid", "unit", "owner_state", "verdict", "holders")


class OwnerChanges(LiveTest):
    OWNERS, EVENTS = "auto", "auto"

    def configure(self, **policy):
        watch = CONFIG["watch"] | {"owners": self.OWNERS, "events": self.EVENTS}
        policy = CONFIG["policy"] | {"first_run": "strict"} | policy
        self.config.write_text(toml_of(CONFIG | {"watch": watch, "policy": policy}))

    def serve(self, *ports):
        """The server, and the path of the program that its heirs run."""
        heir = self.folder / "heir"
        shutil.copy(shutil.which("sleep"), heir)
        with self.net:
            server = subprocess.Popen(["/usr/bin/python3", "-c", SERVER, heir, ",".join(map(str, ports))],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for undo in (server.stdout.close, server.stdin.close, server.wait, server.kill):
            self.addCleanup(undo)
        self.assertEqual(server.stdout.readline(), "ready\n")
        self.program = os.path.realpath("/usr/bin/python3")
        return server, str(heir)

    def tell(self, server, word):
        server.stdin.write(word + "\n")
        server.stdin.flush()
        said = server.stdout.readline().strip()
        if said.isdigit():
            self.addCleanup(os.kill, int(said), 9)
            return int(said)
        return None

    def expect(self, port, **keys):
        self.write_policy(f'[[rule]]\nname = "r{port}"\naction = "expect"\nport = {port}\n' +
                          "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items()), f"{port}.toml")

    def wait_row(self, daemon, port, what, **fields):
        return wait_until(lambda: daemon.listeners(port=port, **fields), what, 30)[0]

    def test_a_program_that_becomes_another_is_told(self):
        server, heir = self.serve(4721)
        self.expect(4721, exe=self.program)
        daemon = self.start()
        self.wait_row(daemon, 4721, "its rule fits", verdict="expected")
        self.tell(server, "exec 0")
        self.wait_row(daemon, 4721, "it is another program", exe=heir, verdict="unexpected")
        daemon.wait_alert(event="listener-opened", port=4721, tone="wrong", exe=heir)

    def test_a_server_that_gives_its_rights_up_is_its_user_s(self):
        server, _ = self.serve(4722)
        daemon = self.start()
        self.wait_row(daemon, 4722, "root has it", uid=0)
        self.tell(server, "drop 0")
        row = self.wait_row(daemon, 4722, "its user is seen", uid=65534)
        self.assertEqual(row["creator_uid"], 0)

    def test_a_socket_that_was_handed_over_is_the_heir_s(self):
        server, heir = self.serve(4723)
        self.expect(4723, exe=heir)
        daemon = self.start()
        self.wait_row(daemon, 4723, "the server has it", pid=server.pid)
        pid = self.tell(server, "hand 0")
        self.wait_row(daemon, 4723, "the heir has it", pid=pid, exe=heir)

    def test_a_socket_that_leaks_has_two_holders_and_the_first_stays_the_owner(self):
        server, _ = self.serve(4724)
        daemon = self.start()
        self.wait_row(daemon, 4724, "the server has it", pid=server.pid)
        pid = self.tell(server, "leak 0")
        row = wait_until(lambda: [row for row in daemon.listeners(port=4724) if len(row["holders"]) == 2],
                         "the child is seen, too", 40)[0]
        self.assertEqual(row["pid"], server.pid)
        self.assertEqual([holder["pid"] for holder in row["holders"]], [server.pid, pid])

    def test_a_thread_s_own_descriptor_is_its_process_s(self):
        server, _ = self.serve(4725)
        self.tell(server, "thread 4726")
        daemon = self.start()
        self.wait_row(daemon, 4726, "the process is found", owner_state="known", pid=server.pid)

    def test_a_tunnel_is_the_kernel_s_whatever_its_port(self):
        with self.net:
            made = subprocess.run(["ip", "link", "add", "vx0", "type", "vxlan", "id", "1", "dstport", "4727", "dev", "lo"],
                                  capture_output=True, text=True, check=False)
            if made.returncode:
                self.skipTest("no tunnel can be made here: " + made.stderr.strip())
            subprocess.run(["ip", "link", "set", "vx0", "up"], check=True)
        if self.OWNERS == "proc":
            self.skipTest("without BPF the port has to do")
        daemon = self.start()
        self.wait_row(daemon, 4727, "it is the kernel's", owner_state="kernel")
        self.assertEqual(self.listed()[4727]["owner_state"], "kernel", "the tool, too")

    def listed(self):
        said = self.run_program(harness.SOCKWATCH, "list", "--json", "--namespace", "host", "--config", str(self.config),
                                "--state-dir", str(self.folder / "none"))
        return {row["port"]: row for row in json.loads(said.stdout)["sockets"] if "port" in row}

    def test_the_tool_says_what_the_daemon_says(self):
        server, _ = self.serve(4731, 4732, 4733)
        daemon = self.start()
        self.wait_row(daemon, 4731, "the server has it", pid=server.pid)
        self.tell(server, "leak 0")
        self.tell(server, "hand 1")
        self.tell(server, "thread 4734")
        self.tell(server, "drop 2")

        def agree():
            tool = self.listed()
            rows = {port: daemon.listeners(port=port)[0] for port in (4731, 4732, 4733, 4734) if daemon.listeners(port=port)}
            said = {port: {key: row.get(key) for key in SAID_BY_BOTH} for port, row in rows.items()}
            return len(said) == 4 and said == {port: {key: tool[port].get(key) for key in SAID_BY_BOTH} for port in said}

        wait_until(agree, "the daemon and the tool agree", 40)


class ByProc(OwnerChanges):
    OWNERS = "proc"


class ByPerf(OwnerChanges):
    EVENTS = "perf"

    def start(self, *more):
        daemon = self.launch(*more)
        wait_until(lambda: daemon.process.poll() is not None or daemon.is_ready(), "it runs or has ended", 20)
        if daemon.process.poll() is not None:
            self.skipTest("no perf events here: " + daemon.stderr)
        return daemon


class ByPolls(OwnerChanges):
    OWNERS, EVENTS = "proc", "off"


if __name__ == "__main__":
    harness.main()
