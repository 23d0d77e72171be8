#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""How long a file may be. Over it: split by reason to exist, or say here why not."""
import re

import lint

# The first pattern that matches a path decides.
BUDGETS = [
    (r"(daemon|cli|relay)/main\.cpp", 60),
    (r"tests/.*\.(cpp|h|py)", 400),
    (r"(lib|daemon|cli|relay)/.*\.h", 150),
    (r"(lib|daemon|cli|relay)/.*\.(cpp|c)", 350),
]
# Path -> why it may be longer.
EXCUSED = {}


def check(root):
    for path in lint.files(root):
        budget = next((lines for pattern, lines in BUDGETS if re.fullmatch(pattern, str(path))), None)
        if budget is None or str(path) in EXCUSED:
            continue
        length = len(lint.lines(root, path))
        if length > budget:
            yield f"{path}:{budget + 1}: {length} lines, the budget is {budget}"


GOOD = {"lib/watch/a.h": "\n" * 150, "lib/watch/a.cpp": "\n" * 350, "tests/a_test.cpp": "\n" * 400,
        "daemon/main.cpp": "\n" * 60, "docs/a.md": "\n" * 999}
BAD = [
    ({"lib/watch/a.h": "\n" * 151}, "lib/watch/a.h:151: 151 lines, the budget is 150"),
    ({"lib/watch/a.cpp": "\n" * 351}, "the budget is 350"),
    ({"tests/lib/a_test.cpp": "\n" * 401}, "the budget is 400"),
    ({"daemon/main.cpp": "\n" * 61}, "the budget is 60"),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
