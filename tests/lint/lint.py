# SPDX-License-Identifier: Apache-2.0
"""What the checks in this folder share: which files there are, and how a check is run.

A check is a function that takes the root of a source tree and yields what is wrong in it, one `path:line: sentence`
each. It proves itself on small trees that are wrong on purpose: `CHECK.py --self-test`.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def files(root, *suffixes):
    """Paths of the project's own files relative to root, sorted: not git's, and nothing that a build left."""
    def is_ours(path):
        top = path.parts[0]
        return top not in (".git", ".cache") and not top.startswith("build") and "__pycache__" not in path.parts

    paths = (path.relative_to(root) for path in pathlib.Path(root).rglob("*") if path.is_file())
    return sorted(path for path in paths if is_ours(path) and (not suffixes or path.suffix in suffixes))


def lines(root, path):
    """(number, text) of each line, or of none where the file is not text."""
    try:
        return list(enumerate((pathlib.Path(root) / path).read_text("utf-8").splitlines(), start=1))
    except UnicodeDecodeError:
        return []


def description(root):
    """The tables that sockwatchd, the first argument, is made of. A tree of a self-test has them in a file."""
    made_up = pathlib.Path(root, "describe.json")
    text = made_up.read_text() if made_up.exists() else subprocess.run(
        [sys.argv[1], "--describe"], stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout
    return json.loads(text)


def alert_fields(described):
    """{"port": "number"}: every field that an alert can have."""
    rows = described["alert_fields"] + [row for row in described["properties"] if "alert" in row["uses"]]
    return {row["name"]: row["kind"] for row in rows}


def findings_in(check, tree):
    """What the check says about a tree given as {path: text}."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in tree.items():
            file = pathlib.Path(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return list(check(root))


def main(check, good, bad):
    """Runs the check on the repository. With --self-test, on `good`, a tree that it must accept, and on `bad`, a
    list of (tree, words) where it must find something that contains the words."""
    if sys.argv[1:] == ["--self-test"]:
        complaints = [f"should be accepted: {finding}" for finding in findings_in(check, good)]
        for tree, words in bad:
            found = findings_in(check, tree)
            if not any(words in finding for finding in found):
                complaints.append(f"should be found: {words!r} in {tree}; found: {found}")
    else:
        complaints = list(check(REPOSITORY))
    print("\n".join(map(str, complaints)) or "nothing found")
    sys.exit(1 if complaints else 0)
