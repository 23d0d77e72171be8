#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Every source names its licence in its first lines. Data, prose and settings are covered by .reuse/dep5."""
import pathlib

import lint

LINE = "-".join(("SPDX", "License", "Identifier")) + ": Apache-2.0"  # reuse(1) must not take it for this file's
BPF_TOO = " OR GPL-2.0-only"  # the kernel lends most of its helpers to programs under the GPL only
CODE = (".c", ".cpp", ".h", ".py", ".sh", ".cmake", ".jsx")


def is_code(root, path):
    if path.suffix in CODE or path.name == "CMakeLists.txt":
        return True
    with open(pathlib.Path(root) / path, "rb") as file:
        return file.read(2) == b"#!"


def check(root):
    for path in lint.files(root):
        if is_code(root, path):
            head = [line for _, line in lint.lines(root, path)[:3]]
            if not any(line.endswith((LINE, LINE + BPF_TOO)) for line in head):
                yield f"{path}:1: no line `{LINE}` among the first three"


GOOD = {"lib/a.h": f"// {LINE}\n", "lib/a.bpf.c": f"// {LINE}{BPF_TOO}\n", "script/run": f"#!/bin/sh\n# {LINE}\n", "data/ports.tsv": "22\tssh\n"}
BAD = [
    ({"lib/a.h": "#pragma once\n"}, "lib/a.h:1: no line"),
    ({"script/run": "#!/bin/sh\ntrue\n"}, "script/run:1: no line"),
    ({"lib/CMakeLists.txt": ""}, "lib/CMakeLists.txt:1"),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
