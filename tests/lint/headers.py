#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""headers.py CXX: every header compiles with nothing included before it. A source that includes its own header first
proves that whenever it is built without precompiled headers; only headers without a source are compiled here."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

import lint

PLACES = ("lib", "daemon", "cli", "relay", "tests/fakes")
FIRST_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)', re.MULTILINE)
COMPILER = "c++" if sys.argv[1:] == ["--self-test"] else sys.argv[1]


def headers(root):
    for path in lint.files(root, ".h"):
        if any(path.is_relative_to(place) for place in PLACES) and not path.name.endswith(".bpf.h"):
            yield path


def complaint_about_order(root, header, source):
    first = FIRST_INCLUDE.search((root / source).read_text("utf-8"))
    return "" if first and first[1] == str(header) else f'{source}:1: does not include "{header}" first'


def complaint_of_compiler(root, header):
    done = subprocess.run(
        [COMPILER, "-std=c++20", "-I.", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
         "-x", "c++", "-include", str(header), "/dev/null"],
        cwd=root, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{header}:1: does not compile alone\n{done.stderr}"


def check(root):
    root = pathlib.Path(root)
    alone = []
    for header in headers(root):
        source = header.with_suffix(".cpp")
        if not (root / source).exists():
            alone.append(header)
        elif complaint := complaint_about_order(root, header, source):
            yield complaint
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as compilers:
        yield from filter(None, compilers.map(lambda header: complaint_of_compiler(root, header), alone))


GOOD = {
    "lib/watch/a.h": "std::string whose_source_is_built_elsewhere();\n",
    "lib/watch/a.cpp": '// A comment.\n#include "lib/watch/a.h"\n\n#include <string>\n',
    "lib/watch/alone.h": "#include <string>\nstd::string names_its_include();\n",
    "lib/bpf/kernel.bpf.h": "not C++",
    "tests/lib/json/shapes.h": "std::string belongs_to_one_test();\n",
}
BAD = [
    ({"lib/watch/a.h": "\n", "lib/watch/a.cpp": '#include <string>\n#include "lib/watch/a.h"\n'},
     'lib/watch/a.cpp:1: does not include "lib/watch/a.h" first'),
    ({"cli/a.h": "\n", "cli/a.cpp": ""}, 'cli/a.cpp:1: does not include "cli/a.h" first'),
    ({"lib/watch/a.h": "std::string forgot_its_include();\n"}, "lib/watch/a.h:1: does not compile alone"),
    ({"tests/fakes/a.h": '#include "lib/watch/b.h"\n'}, "tests/fakes/a.h:1: does not compile alone"),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
