#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What befalls event sources: floods, a reader that stands still, a kernel that refuses, neighbours, sudden death. No
bind ever fails for it, and nothing is lost without being counted."""
import ctypes
import os
import pathlib
import re
import shutil
import signal
import subprocess

import harness
from event_harness import FLOOD_PORTS, EventTest, Resident, close_all, flood, open_one, pass_by

CGROUPS = next(path for path in (pathlib.Path("/sys/fs/cgroup/unified"), pathlib.Path("/sys/fs/cgroup"))
               if (path / "cgroup.procs").exists() or path.name == "cgroup")


class Floods(EventTest):
    def told_or_lost(self, daemon):
        page = daemon.metrics()
        # Some may be met by a look that comes in their few microseconds.
        told = sum(page.value("sockwatch_listener_events_total", event=event)
                   for event in ("listener-short-lived", "listener-opened"))
        return (told,
                page.value("sockwatch_events_lost_total"))

    def setUp(self):
        super().setUp()
        # Counted as all others, and not told: so what is told is not folded.
        self.write_policy(f'[[rule]]\nname = "flood"\naction = "ignore"\nport = "{FLOOD_PORTS}"\n')

    def stand_still(self, events):
        listeners = 40_000  # more than any source keeps
        daemon = self.start_with(events)
        daemon.process.send_signal(signal.SIGSTOP)
        self.resident.do(flood, listeners)
        self.resident.do(open_one, "tcp", "10.1.2.3", 4600)
        daemon.process.send_signal(signal.SIGCONT)
        daemon.wait_alert(event="listener-opened", port=4600)

        def accounted_for():
            told, lost = self.told_or_lost(daemon)
            return told + lost >= listeners

        harness.wait_until(accounted_for, "each is told or counted as lost", seconds=30)
        # Of ends a kernel thread tells in its own time: on a busy machine only when the reader is back.
        lost = self.told_or_lost(daemon)[1]
        if events != "destroy":
            self.assertGreater(lost, 0)
        self.assertEqual("events lost; looking instead" in daemon.stderr, lost > 0)
        self.told_as_short_lived(daemon, pass_by, "tcp", "10.1.2.3", 4601)

    def test_while_bpfs_reader_stands_still_nothing_is_lost_uncounted(self):
        self.stand_still("bpf")

    def test_while_perfs_reader_stands_still_nothing_is_lost_uncounted(self):
        self.stand_still("perf")

    def test_while_the_reader_of_ends_stands_still_nothing_is_lost_uncounted(self):
        self.stand_still("destroy")

    def test_ten_thousand_listeners_in_a_moment_are_reported_or_counted_as_lost_by_bpf(self):
        # Two events each may fill a user's half of the ring before a reader on a busy machine comes to its turn; that
        # none is lost on a quiet one is measured in tests/bench/events.
        daemon = self.start_with("bpf")
        self.resident.do(flood, 10_000)
        harness.wait_until(lambda: sum(self.told_or_lost(daemon)) >= 10_000, "each is reported or counted as lost",
                           seconds=20)
        self.assertGreater(self.told_or_lost(daemon)[0], 0)


class Refusals(EventTest):
    """The daemon under a kernel that allows less."""

    def start_under(self, events, *command):
        self.configure(events, listeners="100ms")
        return self.launch_under(*command).wait_ready()

    def source_of(self, daemon):
        return daemon.metrics().rows("sockwatch_event_source_info")[0][0]["source"]

    def expect_it_works(self, daemon):
        self.resident.do(open_one, "tcp", "10.1.2.3", 4610)
        daemon.wait_alert(event="listener-opened", port=4610)
        self.told_as_short_lived(daemon, pass_by, "tcp", "10.1.2.3", 4611)

    def test_where_bpf_is_not_allowed_perf_takes_its_place(self):
        self.start_with("perf").stop()
        daemon = self.start_under("auto", "setpriv", "--bounding-set", "-bpf,-sys_admin", harness.SOCKWATCHD)
        self.assertEqual(self.source_of(daemon), "perf")
        self.assertIn("event source not available: bpf: ", daemon.stderr)
        self.expect_it_works(daemon)

    def test_where_perf_is_not_allowed_either_ends_are_heard(self):
        daemon = self.start_under("auto", "setpriv", "--bounding-set", "-bpf,-sys_admin,-perfmon",
                                  harness.SOCKWATCHD)
        self.assertEqual(self.source_of(daemon), "destroy")
        self.assertIn("event source not available: perf: ", daemon.stderr)
        self.expect_it_works(daemon)

    def test_where_binds_of_udp_are_not_allowed_bpf_hears_tcp_and_a_look_finds_them(self):
        self.start_with("bpf").stop()
        daemon = self.start_under("auto", "setpriv", "--bounding-set", "-net_admin,-sys_admin", harness.SOCKWATCHD)
        self.assertEqual(self.source_of(daemon), "bpf")
        self.assertIn("event source not available: udp binds: ", daemon.stderr)
        self.expect_it_works(daemon)
        self.resident.do(open_one, "udp", "10.1.2.3", 4612)
        daemon.wait_alert(event="listener-opened", protocol="udp", port=4612)

    def test_nobody_hears_ends(self):
        for path in (self.folder, self.state, self.config):
            os.chown(path, 65534, 65534)
        daemon = self.start_under("auto", "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                                  harness.SOCKWATCHD)
        self.assertEqual(self.source_of(daemon), "destroy")
        self.expect_it_works(daemon)

    def test_without_tracefs_perf_says_so_and_auto_goes_on(self):
        hidden = ("unshare", "-m", "sh", "-c",
                  f"'mount -t tmpfs none /sys/kernel/tracing && exec {harness.SOCKWATCHD} \"$@\"'", "sockwatchd")
        if not pathlib.Path("/sys/kernel/tracing").is_dir():
            self.skipTest("no /sys/kernel/tracing to hide")
        self.configure("perf")
        daemon = self.launch_under(*hidden)
        self.assertEqual(daemon.wait_exit(), 1)
        self.assertRegex(daemon.stderr, 'watch.events = "perf": .*/sys/kernel/tracing.*No such file')
        daemon = self.start_under("auto", "setpriv", "--bounding-set", "-bpf", *hidden)
        self.assertIn(self.source_of(daemon), ("bpf", "destroy"))  # CAP_SYS_ADMIN, to mount, allows BPF as well


class Neighbours(EventTest):
    def setUp(self):
        super().setUp()
        self.cgroup = CGROUPS / f"sockwatch-test-{os.getpid()}"
        try:
            self.cgroup.mkdir()
        except OSError as error:
            self.skipTest(f"no cgroup of our own: {error}")
        self.addCleanup(self.cgroup.rmdir)

    def join(self, pid):
        (self.cgroup / "cgroup.procs").write_text(str(pid))
        self.addCleanup((CGROUPS / "cgroup.procs").write_text, str(pid))

    def test_two_daemons_hear_the_same_binds(self):
        first = self.start_with("bpf")
        self.resident.do(pass_by, "udp", "10.1.2.3", 4620)
        first.wait_alert(event="listener-short-lived", port=4620)
        other = harness.Namespace()
        self.addCleanup(other.close)
        foreigner = Resident(other)
        self.addCleanup(foreigner.end)
        second = harness.Daemon(other, "--config", str(self.config), "--state-dir", str(self.folder))
        self.addCleanup(self.put_away, second)
        second.wait_ready()
        foreigner.do(pass_by, "udp", "10.1.2.3", 4621)
        self.resident.do(pass_by, "udp", "10.1.2.3", 4622)
        second.wait_alert(event="listener-short-lived", port=4621)
        first.wait_alert(event="listener-short-lived", port=4622)
        self.assertEqual(first.alerts(port=4621) + second.alerts(port=4622), [])

    def test_a_program_that_suffers_no_other_leaves_the_binds_to_the_looks(self):
        program = attach_alone(self.cgroup, BPF_CGROUP_INET4_POST_BIND)
        if isinstance(program, OSError):
            self.skipTest(f"no BPF here: {program}")
        self.addCleanup(detach, self.cgroup, BPF_CGROUP_INET4_POST_BIND, program)
        self.join(self.resident.pid)
        self.configure("bpf", listeners="100ms")
        daemon = self.launch("--cgroup-root", str(self.cgroup)).wait_ready()
        self.assertRegex(daemon.stderr, "event source not available: udp binds over IPv4: ")
        self.assertNotIn("IPv6", daemon.stderr)
        self.told_as_short_lived(daemon, pass_by, "tcp", "10.1.2.3", 4630)
        self.told_as_short_lived(daemon, pass_by, "udp", "fd00::1", 4631)
        self.resident.do(open_one, "udp", "10.1.2.3", 4632)
        daemon.wait_alert(event="listener-opened", port=4632)

    def test_a_tree_that_is_no_cgroup_tree_is_named(self):
        self.configure("auto")
        daemon = self.launch("--cgroup-root", str(self.folder)).wait_ready()
        self.assertRegex(daemon.stderr, f"udp binds: {re.escape(str(self.folder))}: no cgroup2 is mounted there")


class SuddenDeath(EventTest):
    def bpf_objects(self, daemon):
        """{("prog", 17), ("link", 4)}: what its descriptors keep alive."""
        found = set()
        for info in pathlib.Path(f"/proc/{daemon.process.pid}/fdinfo").iterdir():
            try:
                found |= {(kind, int(number)) for kind, number in
                          re.findall(r"^(prog|link)_id:\s+(\d+)$", info.read_text(), re.M)}
            except FileNotFoundError:
                pass
        return found

    def exists(self, kind, number):
        return subprocess.run(["bpftool", kind, "show", "id", str(number)], capture_output=True).returncode == 0

    def test_nothing_stays_in_the_kernel_and_what_opened_meanwhile_is_told(self):
        bpftool = shutil.which("bpftool", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        daemon = self.start_with("bpf")
        self.resident.do(open_one, "tcp", "10.1.2.3", 4640)
        daemon.wait_alert(event="listener-opened", port=4640)
        harness.wait_until(lambda: '"port": 4640' in (self.state / "state.json").read_text(), "it is remembered")
        objects = self.bpf_objects(daemon)
        self.assertEqual({kind for kind, _ in objects}, {"prog", "link"})
        daemon.process.kill()
        self.assertEqual(daemon.wait_exit(), -signal.SIGKILL)
        for kind, number in objects if bpftool else ():
            harness.wait_until(lambda: not self.exists(kind, number), f"{kind} {number} is gone")
        self.resident.do(open_one, "tcp", "10.1.2.3", 4641)
        self.resident.do(open_one, "udp", "10.1.2.3", 4642)
        again = self.start_with("bpf")
        for port in (4641, 4642):
            again.wait_alert(event="listener-opened", port=port)
        self.assertEqual(again.alerts(port=4640), [], "the first one was told before")


# The smallest program there is at a bind(2), by bpf(2) alone: it allows it.
SYS_BPF, BPF_PROG_LOAD, BPF_PROG_ATTACH, BPF_PROG_DETACH = 321, 5, 8, 9
BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND = 9, 12


def bpf(command, *words):
    attributes = b"".join(words)
    result = harness.libc.syscall(SYS_BPF, command, attributes, len(attributes))
    return result if result >= 0 else OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def u32(*values):
    return b"".join(value.to_bytes(4, "little") for value in values)


def u64(value):
    return value.to_bytes(8, "little")


def attach_alone(cgroup, where):
    """A program that no other may join: what BPF_PROG_ATTACH means without flags. Its descriptor, or the error."""
    allow = ctypes.create_string_buffer(bytes([0xB7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]), 16)
    licence = ctypes.create_string_buffer(b"GPL")
    program = bpf(BPF_PROG_LOAD, u32(BPF_PROG_TYPE_CGROUP_SOCK, 2), u64(ctypes.addressof(allow)),
                  u64(ctypes.addressof(licence)), u32(0, 0), u64(0), u32(0, 0), bytes(16), u32(0, where))
    if isinstance(program, OSError):
        return program
    folder = os.open(cgroup, os.O_RDONLY)
    attached = bpf(BPF_PROG_ATTACH, u32(folder, program, where, 0))
    os.close(folder)
    return attached if isinstance(attached, OSError) else program


def detach(cgroup, where, program):
    folder = os.open(cgroup, os.O_RDONLY)
    bpf(BPF_PROG_DETACH, u32(folder, program, where, 0))
    os.close(folder)
    os.close(program)


if __name__ == "__main__":
    harness.main()
