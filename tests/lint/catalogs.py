#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""catalogs.py SOCKWATCHD: the journal catalogs agree with the code: every message id has a text in every language, no text is left over, all
languages use the same fields, and every field is one that an alert can carry."""
import json
import re

import lint

CATALOGS = ("systemd/sockwatch.catalog", "systemd/sockwatch.ja.catalog")
HEADERS = ("Subject", "Defined-By", "Documentation")


def entries(root, catalog, problems):
    """The text of each id, headers included."""
    found = {}
    current = None
    for number, line in lint.lines(root, catalog):
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
    return {message_id: "\n".join(text) for message_id, text in found.items()}


def check_entry(where, text):
    headers, _, body = text.partition("\n\n")
    for header in HEADERS:
        if not re.search(rf"^{header}: \S", headers, re.MULTILINE):
            yield f"{where}: no '{header}:'"
    if not body.strip():
        yield f"{where}: says nothing"


def fields_used(text):
    return set(re.findall(r"@([A-Z_]+)@", text))


def check(root):
    problems = []
    described = lint.description(root)
    ids = {event["message_id"] for event in described["events"]} - {""}
    known_fields = {"SOCKWATCH_" + name.upper() for name in lint.alert_fields(described)}
    by_catalog = {catalog: entries(root, catalog, problems) for catalog in CATALOGS}
    reference = by_catalog[CATALOGS[0]]
    for catalog, texts in by_catalog.items():
        problems += [f"{catalog}:1: no text for {missing}" for missing in sorted(ids - texts.keys())]
        problems += [f"{catalog}:1: {unknown} is no event's message id" for unknown in sorted(texts.keys() - ids)]
        for message_id, text in texts.items():
            where = f"{catalog}:1: {message_id}"
            problems += check_entry(where, text)
            problems += [f"{where}: no alert carries @{name}@" for name in sorted(fields_used(text) - known_fields)]
            if fields_used(text) != fields_used(reference.get(message_id, text)):
                problems.append(f"{where}: other fields than in {CATALOGS[0]}")
    return problems


def tree(english, japanese=None):
    described = {"events": [{"message_id": "0123456789abcdef0123456789abcdef"}, {"message_id": ""}],
                 "alert_fields": [], "properties": [{"name": "port", "kind": "number", "uses": ["alert"]}]}
    return {"describe.json": json.dumps(described), CATALOGS[0]: english, CATALOGS[1]: japanese or english}


TEXT = ("-- 0123456789abcdef0123456789abcdef\nSubject: port @SOCKWATCH_PORT@\nDefined-By: sockwatch\n"
        "Documentation: man:sockwatchd(8)\n\nA port opened.\n")
GOOD = tree(TEXT)
BAD = [
    (tree(""), "no text for 0123456789abcdef0123456789abcdef"),
    (tree(TEXT + TEXT.replace("0123", "ffff")), "is no event's message id"),
    (tree(TEXT + TEXT), "is there twice"),
    (tree(TEXT.replace("cdef\n", "cdef ja\n", 1)), "not a line of '-- ' and an id"),
    (tree(TEXT.replace("Subject: ", "")), "no 'Subject:'"),
    (tree(TEXT.replace("A port opened.", "")), "says nothing"),
    (tree(TEXT.replace("_PORT@", "_COLOUR@")), "no alert carries @SOCKWATCH_COLOUR@"),
    (tree(TEXT, TEXT.replace("@SOCKWATCH_PORT@", "22")), "other fields"),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
