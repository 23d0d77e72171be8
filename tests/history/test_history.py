#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""`sockwatch history` on journal files that systemd-journal-remote wrote of known entries."""
import datetime
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

SOCKWATCH = os.environ.get("SOCKWATCH", "sockwatch")
JOURNAL_REMOTE = "/usr/lib/systemd/systemd-journal-remote"
os.environ["TZ"] = "UTC"
BOOT = "0123456789abcdef0123456789abcdef"
NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)


def field(name, value):
    """The export format of the journal: a value with a line break is told by its length."""
    if "\n" not in value:
        return f"{name}={value}\n".encode()
    return name.encode() + b"\n" + struct.pack("<Q", len(value.encode())) + value.encode() + b"\n"


def entry(minute, happened=None, sender="sockwatch.service", **fields):
    logged = NOON + datetime.timedelta(minutes=minute)
    happened = NOON + datetime.timedelta(minutes=minute if happened is None else happened)
    fields = {"SOCKWATCH_" + name.upper(): value for name, value in fields.items() if name != "message"} | {
        "MESSAGE": fields.get("message", "a message"), "SYSLOG_IDENTIFIER": "sockwatchd", "_SYSTEMD_UNIT": sender,
        "_BOOT_ID": BOOT, "_MACHINE_ID": BOOT,
        "SOCKWATCH_TIME": happened.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    lines = [field("__REALTIME_TIMESTAMP", str(int(logged.timestamp() * 1e6))),
             field("__MONOTONIC_TIMESTAMP", str((minute + 1000) * 60000000)), field("_BOOT_ID", BOOT)]
    return b"".join(lines + [field(name, value) for name, value in fields.items() if name != "_BOOT_ID"]) + b"\n"


ALLOW = '[[rule]]\nname = "nc-4444-tcp"\n'
ENTRIES = [
    entry(0, event="listener-opened", tone="wrong", protocol="tcp", port="4444", pid="4711", unit="demo.service",
          comm="n\x1bc", allow=ALLOW, message="unexpected listener: n\\x1bc opened 0.0.0.0:4444/tcp"),
    entry(1, sender="evil.service", event="listener-closed", tone="right", protocol="tcp", port="4444",
          message="forged"),
    entry(2, event="monitor-degraded", tone="wrong", message="monitoring degraded: tcp"),
    entry(10, happened=1, event="listener-opened", tone="wrong", protocol="udp", port="53", unit="dns.service",
          message="unexpected listener: it waited in a queue"),
    entry(12, event="listener-closed", tone="right", protocol="tcp", port="4444", unit="demo.service",
          message="unexpected listener closed: 0.0.0.0:4444/tcp"),
    entry(13, message="a line of the log"),
]


class History(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="sockwatch-history-")
        cls.addClassCleanup(folder.cleanup)
        cls.file = str(pathlib.Path(folder.name, "test.journal"))
        subprocess.run([JOURNAL_REMOTE, "-o", cls.file, "-"], input=b"".join(ENTRIES), capture_output=True, check=True,
                       timeout=60)

    def history(self, *arguments):
        done = subprocess.run([SOCKWATCH, "history", "--file", self.file, *arguments], capture_output=True, text=True,
                              check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def messages(self, *arguments):
        code, output, complaints = self.history("--json", *arguments)
        self.assertEqual(code, 0, complaints)
        return [alert["message"].split(": ")[-1] for alert in json.loads(output)["alerts"]]

    def test_what_was_told_is_listed_by_the_time_it_happened(self):
        code, output, complaints = self.history()
        self.assertEqual((code, complaints), (0, ""))
        self.assertEqual(
            output.splitlines(),
            ["TIME                      EVENT             MESSAGE",
             "2026-03-01T12:00:00.000Z  listener-opened   unexpected listener: n\\x5cx1bc opened 0.0.0.0:4444/tcp",
             "2026-03-01T12:01:00.000Z  listener-opened   unexpected listener: it waited in a queue",
             "2026-03-01T12:02:00.000Z  monitor-degraded  monitoring degraded: tcp",
             "2026-03-01T12:12:00.000Z  listener-closed   unexpected listener closed: 0.0.0.0:4444/tcp"])

    def test_json_has_the_keys_of_every_other_document(self):
        first = json.loads(self.history("--json")[1])["alerts"][0]
        self.assertEqual(first, {"event": "listener-opened", "tone": "wrong", "protocol": "tcp", "port": 4444,
                                 "pid": 4711, "unit": "demo.service", "comm": "n\x1bc", "allow": ALLOW,
                                 "time": "2026-03-01T12:00:00.000Z",
                                 "message": "unexpected listener: n\\x1bc opened 0.0.0.0:4444/tcp"})

    def test_what_others_wrote_is_not_believed(self):
        self.assertNotIn("forged", self.messages())
        self.assertIn("forged", self.messages("--sender", ""))
        self.assertEqual(self.messages("--sender", "evil.service"), ["forged"])

    def test_a_part_of_it(self):
        queue, closed = "it waited in a queue", "0.0.0.0:4444/tcp"
        for arguments, wanted in [(["--port", "4444"], 2), (["--port", "udp/4444"], 0), (["--port", "53/udp"], 1),
                                  (["--event", "monitor-degraded"], 1),
                                  (["--event", "monitor-degraded", "--event", "listener-closed"], 2),
                                  (["--unit", "d*.service"], 3), (["--unit", "dns.service"], 1)]:
            self.assertEqual(len(self.messages(*arguments)), wanted, arguments)
        self.assertEqual(self.messages("--since", "2026-03-01 12:01", "--until", "2026-03-01 12:01:59"), [queue])
        self.assertEqual(self.messages("--since", "2026-03-01T12:02:00.001Z"), [closed])
        self.assertEqual(self.messages("--until", "2026-02-28"), [])
        self.assertEqual(self.messages("--lines", "1"), [closed])
        self.assertIn("3 older ones are left out", self.history("--lines", "1")[2])

    def test_nothing_is_said_to_be_nothing(self):
        code, output, complaints = self.history("--port", "9")
        self.assertEqual((code, output), (0, "TIME  EVENT  MESSAGE\n"))
        self.assertIn("nothing was told", complaints)

    def test_mistakes_are_told(self):
        for arguments, said in [(["--since", "soon"], '--since: "soon" is no time'),
                                (["--since", "today", "--until", "yesterday"], "is later than"),
                                (["--port", "0x1"], "0x1"), (["--event", "opened"], "opened")]:
            code, _, complaints = self.history(*arguments)
            self.assertEqual(code, 2, arguments)
            self.assertIn(said, complaints)

    def test_what_is_no_journal_is_told(self):
        for path in ("/no/such/file.journal", __file__):
            done = subprocess.run([SOCKWATCH, "history", "--file", path], capture_output=True, text=True, check=False,
                                  timeout=60)
            self.assertEqual((done.returncode, done.stdout), (4, ""), path)
            self.assertIn(f"read {path}: ", done.stderr)


if __name__ == "__main__":
    if not os.path.exists(JOURNAL_REMOTE):
        print("needs systemd-journal-remote, to write a journal")
        sys.exit(77)
    unittest.main(verbosity=2)
