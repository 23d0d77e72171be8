# SPDX-License-Identifier: Apache-2.0
"""What the golden tests stand on: the built programs, run over recordings, and the files that say what they told."""
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

SOCKWATCHD = os.environ.get("SOCKWATCHD", "sockwatchd")
SOCKWATCH = os.environ.get("SOCKWATCH", "sockwatch")

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / "cases"
RECORDINGS = (HERE / "captures", HERE.parent / "fixtures" / "netlink")

update = False  # --update: what was told is right from now on


def recording(name):
    return next(folder / name for folder in RECORDINGS if (folder / name).exists())


def run(program, *arguments, stdout=subprocess.PIPE):
    """To its end, without what a service manager would set."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("JOURNAL_STREAM", "NOTIFY_SOCKET", "STATE_DIRECTORY")}
    return subprocess.run([program, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=stdout,
                          stderr=subprocess.PIPE, text=True, env=environment, check=False)


def normalised(page):
    """A page of metrics without what another build, another process or another wording changes:

    - comments: names, types and help texts are the business of tests/lib/metrics;
    - the labels of sockwatch_build_info;
    - the values of process_*.

    Everything else is the recording's, the times included: a replay's clock is the recording's.
    """
    lines = [line for line in page.splitlines() if not line.startswith("#")]
    text = "".join(line + "\n" for line in lines)
    text = re.sub(r'(sockwatch_build_info\{)[^}]*\}', r'\1version="…",revision="…"}', text)
    return re.sub(r"^(process_\w+) .*$", r"\1 …", text, flags=re.M)


def small(page):
    """Of such a page what the recording is about: what is not 0, and of what is known of a listener how it was
    judged. All labels and all words of closed sets are in the one full page, tests/lib/metrics/testdata/page.txt."""
    text = "".join(line + "\n" for line in page.splitlines() if not re.search(r" (0|…)$", line))
    facts = r'(sockwatch_listener_info\{.*?port="[^"]*").*?(,verdict="[^"]*",rule="[^"]*"\})'
    return re.sub(facts, r"\1\2", text)


# Of an alert: what it says itself, what it is about and how that was judged. The fields of a listener are in list.json.
KEPT = ("event", "message", "severity", "tone", "time", "protocol", "address", "path", "interface", "port", "owner_state",
        "verdict", "rule", "allow")


def small_alerts(lines):
    alerts = [json.loads(line) for line in lines.splitlines()]
    return "".join(json.dumps({key: alert[key] for key in KEPT if key in alert}, ensure_ascii=False) + "\n"
                   for alert in alerts)


def pretty(document):
    return json.dumps(json.loads(document), indent=1, ensure_ascii=False) + "\n"


class GoldenTest(unittest.TestCase):
    maxDiff = None

    def assert_golden(self, file, told):
        """`told` is what stands in the file, or will from now on."""
        if update:
            file.write_text(told)
            return
        expected = file.read_text() if file.exists() else ""
        if told != expected:
            diff = difflib.unified_diff(expected.splitlines(), told.splitlines(), str(file.relative_to(HERE)), "told",
                                        lineterm="", n=1)
            self.fail("\n".join(["differs; if that is right: test_golden.py --update", *diff]))

    def assert_fine(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)


def main():
    global update
    if "--update" in sys.argv:
        sys.argv.remove("--update")
        update = True
    unittest.main(verbosity=2)
