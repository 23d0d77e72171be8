#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Tests mirror lib/ one to one, and every test is built: a test that no CMakeLists.txt names proves nothing. What starts
threads has tests labelled THREADS, because only those are built with ThreadSanitizer."""
import pathlib
import re

import lint

# Source of lib/ -> why it has no test of its own.
EXCUSED = {}
STARTS_THREADS = re.compile(r'^#include "lib/base/thread\.h"', re.MULTILINE)


def check(root):
    root = pathlib.Path(root)
    for path in lint.files(root / "lib", ".cpp"):
        test = pathlib.Path("tests/lib", path.parent, path.stem + "_test.cpp")
        if not (root / test).exists() and f"lib/{path}" not in EXCUSED:
            yield f"lib/{path}:1: has no test {test}"
    yield from complaints_about_threads(root)
    for path in lint.files(root / "tests"):
        if path.suffix == ".cpp" or re.fullmatch(r"test_\w+\.py", path.name):
            yield from complaints_about_registration(root / "tests", path)


def complaints_about_threads(root):
    for path in lint.files(root, ".cpp"):
        if path.parts[0] == "tests" or not STARTS_THREADS.search((root / path).read_text("utf-8")):
            continue
        room = pathlib.Path(*path.parts[:2 if path.parts[0] == "lib" else 1])
        cmake = root / "tests" / room / "CMakeLists.txt"
        if not cmake.exists() or not re.search(r"\bTHREADS\b", cmake.read_text("utf-8")):
            yield f"{path}:1: starts threads, and no test in tests/{room} is labelled THREADS"


def complaints_about_registration(tests, path):
    """The folder's own list names the file, or one above it by the path from there."""
    for folder in path.parents:
        cmake = tests / folder / "CMakeLists.txt"
        name = str(path.relative_to(folder)).removesuffix(".py")
        if cmake.exists() and re.search(rf"(?<!\w)(?<!\w/){re.escape(name)}(?!\w)", cmake.read_text()):
            return
    yield f"tests/{path}:1: no CMakeLists.txt names it, so it never runs"


LIST = "sockwatch_test(watch_test LABEL unit SOURCES ledger_test.cpp deep/er_test.cpp USES watch)\n"
GOOD = {
    "lib/web/server.cpp": '#include "lib/base/thread.h"\n', "tests/lib/web/server_test.cpp": "",
    "tests/lib/web/CMakeLists.txt": "sockwatch_test(web_test LABEL unit THREADS SOURCES server_test.cpp USES web)\n",
    "lib/watch/ledger.cpp": "", "lib/watch/deep/er.cpp": "",
    "tests/lib/watch/ledger_test.cpp": "", "tests/lib/watch/deep/er_test.cpp": "",
    "tests/lib/watch/CMakeLists.txt": LIST,
    "tests/live/CMakeLists.txt": "foreach(name test_list)", "tests/live/test_list.py": "", "tests/live/harness.py": "",
}
BAD = [
    ({"lib/watch/ledger.cpp": ""}, "lib/watch/ledger.cpp:1: has no test tests/lib/watch/ledger_test.cpp"),
    ({"tests/lib/watch/a_ledger_test.cpp": "", "tests/lib/watch/CMakeLists.txt": LIST}, "a_ledger_test.cpp:1: no"),
    ({"tests/lib/watch/er_test.cpp": "", "tests/lib/watch/CMakeLists.txt": LIST}, "er_test.cpp:1: no CMakeLists"),
    ({"lib/watch/ledger.cpp": '#include "lib/base/thread.h"\n', "tests/lib/watch/CMakeLists.txt": LIST},
     "lib/watch/ledger.cpp:1: starts threads, and no test in tests/lib/watch is labelled THREADS"),
    ({"daemon/worker.cpp": '#include "lib/base/thread.h"\n'}, "no test in tests/daemon is labelled THREADS"),
    ({"tests/live/test_list.py": ""}, "test_list.py:1: no CMakeLists.txt names it"),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
