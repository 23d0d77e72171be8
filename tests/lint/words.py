#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""No file names a path of the machine it was written on, and links between documents lead somewhere."""
import pathlib
import re

import lint

ONE_MACHINE = re.compile(r"/(work|farm)/[\w.]")
LINK = re.compile(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s*(\S+)")
ELSEWHERE = re.compile(r"[a-z+]+:|#")


def check(root):
    root = pathlib.Path(root)
    for path in lint.files(root):
        for number, line in lint.lines(root, path):
            if ONE_MACHINE.search(line):
                yield f"{path}:{number}: a path of one machine"
            if path.suffix == ".md":
                for target in filter(None, (found[1] or found[2] for found in LINK.finditer(line))):
                    if not ELSEWHERE.match(target) and not leads_somewhere(root, path, target):
                        yield f"{path}:{number}: there is no {target}"


def leads_somewhere(root, path, target):
    file = target.split("#")[0]
    return (root / file.lstrip("/") if file.startswith("/") else root / path.parent / file).exists()


def of_one_machine(folder):
    return "/" + folder + "/main"


GOOD = {"README.md": "[a](docs/a.md#part) [b](https://example.org/x) [c](#here)\n[d]: docs/a.md\n",
        "docs/a.md": "[back](../README.md)\n"}
BAD = [
    ({"script/x": "cd " + of_one_machine("work")}, "script/x:1: a path of one machine"),
    ({"a.json": '{"at": "' + of_one_machine("farm") + '"}'}, "a.json:1: a path of one machine"),
    ({"docs/a.md": "\n[gone](gone.md)\n"}, "docs/a.md:2: there is no gone.md"),
    ({"docs/a.md": "[gone]: ../gone/\n"}, "docs/a.md:1: there is no ../gone/"),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
