#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the journal catalogs with the code: every message id has a text in every language, no text is left
over, all languages use the same fields, and every field is one that an alert can carry.

Run from the root of the repository. Exit code 0 when all agrees, 1 when not."""

import re
import sys
from pathlib import Path

CODE = Path("lib/alert/journal_entry.cpp")
FIELDS = Path("lib/model/fields.cpp")
CATALOGS = [Path("systemd/sockwatch.catalog"), Path("systemd/sockwatch.ja.catalog")]
HEADERS = ("Subject", "Defined-By", "Documentation")


def entries(catalog, problems):
    """The text of each id, headers included."""
    found = {}
    current = None
    for number, line in enumerate(catalog.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("--"):
            # Nothing may follow the id: the language comes from the file's name (systemd warns otherwise).
            match = re.fullmatch(r"-- ([0-9a-f]{32})", line)
            if not match:
                problems.append(f"{catalog}:{number}: not a line of '-- ' and an id: {line}")
                current = None
                continue
            current = match[1]
            if current in found:
                problems.append(f"{catalog}:{number}: {current} is there twice")
            found[current] = []
        elif current is not None:
            found[current].append(line)
    return {message_id: "\n".join(lines) for message_id, lines in found.items()}


def check_entry(where, text, problems):
    headers, _, body = text.partition("\n\n")
    for header in HEADERS:
        if not re.search(rf"^{header}: \S", headers, re.MULTILINE):
            problems.append(f"{where}: no '{header}:'")
    if not body.strip():
        problems.append(f"{where}: says nothing")


def fields_used(text):
    return set(re.findall(r"@([A-Z_]+)@", text))


def main():
    problems = []
    ids = set(re.findall(r'"([0-9a-f]{32})"', CODE.read_text(encoding="utf-8")))
    names = re.findall(r'\b(?:text|word|number|time)\("([a-z_]+)"', FIELDS.read_text(encoding="utf-8"))
    known_fields = {"SOCKWATCH_" + name.upper() for name in names}
    if not ids:
        problems.append(f"{CODE}: no message ids found")

    by_catalog = {catalog: entries(catalog, problems) for catalog in CATALOGS}
    reference = by_catalog[CATALOGS[0]]
    for catalog, texts in by_catalog.items():
        for missing in sorted(ids - texts.keys()):
            problems.append(f"{catalog}: no text for {missing}")
        for unknown in sorted(texts.keys() - ids):
            problems.append(f"{catalog}: {unknown} is no message id of {CODE}")
        for message_id, text in texts.items():
            where = f"{catalog}: {message_id}"
            check_entry(where, text, problems)
            for field in sorted(fields_used(text) - known_fields):
                problems.append(f"{where}: no alert carries @{field}@")
            if fields_used(text) != fields_used(reference.get(message_id, text)):
                problems.append(f"{where}: other fields than in {CATALOGS[0]}")

    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
