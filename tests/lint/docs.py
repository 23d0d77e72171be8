#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The reference pages say what the code does: each key, option, metric, event and field is in their tables, and nothing
else is. `docs.py SOCKWATCHD SOCKWATCH` asks the daemon for its tables, and runs what the pages show: configurations load, mistakes are answered as printed, the
recording replays."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import lint

PAGES = [f"docs/{name}.md" for name in
         ("alerts", "capture-format", "configuration", "extending", "json", "metrics", "policy", "web-configuration")]
PLACE_LABELS = ["namespace", "protocol", "address", "port"]  # "L" in a table


def read(root, path):
    return pathlib.Path(root, path).read_text("utf-8")


# What the code says.


def web_keys(root):
    """Those of tls_server_config and of http_server_config."""
    known = re.findall(r"k(?:TlsKeys|Known) = \{(.*?)\};", read(root, "lib/config/web_config.cpp"), re.S)
    return [set(re.findall(r'"(\w+)"', names)) for names in known]


def options(root):
    return set(re.findall(r'"(--[a-z][a-z.-]*)"', read(root, "daemon/options.cpp")))


def metrics(described):
    return {row["name"]: (row["kind"], row["labels"]) for row in described["metrics"]}


def fields(described):
    """{"listener": {"port": "number"}, "connection": …, "alert": …}"""
    types = {"number": "number", "flag": "boolean"}

    def typed(kinds):
        return {name: types.get(kind, "string") for name, kind in kinds.items()}

    found = {use: typed({row["name"]: row["kind"] for row in described["properties"] if use in row["uses"]})
             for use in ("listener", "connection")}
    return found | {"alert": typed(lint.alert_fields(described))}


def case_keys(root, described):
    of_properties = {row["name"] for row in described["properties"] if "test" in row["uses"]}
    return of_properties | set(re.findall(r'CaseKey\{"(\w+)"', read(root, "cli/policy_case.cpp")))


def named_in(root, path, function):
    """Names of JSON members that one function writes."""
    body = re.search(rf"^[\w:]+ {function}\(.*?^\}}", read(root, path), re.M | re.S)
    return set(re.findall(r'(?:\{|add_text\(fields, )"(\w+)"', body[0]))


# What the pages say.


def rows(root, page, first):
    """(line, cells) of each row of the page's tables whose first column has this heading."""
    wanted = False
    for number, line in lint.lines(root, page):
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            wanted = False
        elif set(cells[0]) <= set("-:"):
            continue
        elif wanted:
            yield number, cells
        else:
            wanted = cells[0] == first


def ticked(cell):
    return re.findall(r"`([^`]+)`", cell)


def table(root, page, first, *columns):
    """{name: (line, cells of these columns)} for each name in the first column."""
    return {name: (number, [cells[column] for column in columns])
            for number, cells in rows(root, page, first) for name in ticked(cells[0])}


def blocks(root, page):
    """(line, words behind the fence, text) of each fenced block."""
    for found in re.finditer(r"^```(.*)\n((?:.*\n)*?)```$", read(root, page), re.M):
        line = found.string.count("\n", 0, found.start()) + 1
        yield line, found[1].split(), found[2]


# Comparing the two.


def differences(page, documented, coded, source):
    for name in sorted(set(coded) - documented.keys()):
        yield f"{page}:1: does not describe {name} of {source}"
    for name in sorted(documented.keys() - set(coded)):
        yield f"{page}:{documented[name][0]}: {source} has no {name}"


def compare_facts(page, documented, coded, read_cells):
    for name in documented.keys() & coded.keys():
        line, cells = documented[name]
        if (said := read_cells(cells)) != coded[name]:
            yield f"{page}:{line}: {name}: says {said}, the code {coded[name]}"


def check_names(root, described):
    tls, http = web_keys(root)
    for page, first, coded, source in [
            ("docs/configuration.md", "key", described["settings"], "the settings"),
            ("docs/configuration.md", "webhook key", described["webhook_keys"], "a webhook"),
            ("docs/configuration.md", "option", options(root), "daemon/options.cpp"),
            ("docs/policy.md", "key", described["rule_keys"], "a rule"),
            ("docs/policy.md", "socket key", case_keys(root, described), "cli/policy_case.cpp"),
            ("docs/web-configuration.md", "key of `tls_server_config`", tls, "lib/config/web_config.cpp"),
            ("docs/web-configuration.md", "key of `http_server_config`", http, "lib/config/web_config.cpp"),
            ("docs/json.md", "lookup field", named_in(root, "cli/port_names.cpp", "port_json"), "cli/port_names.cpp"),
            ("docs/json.md", "explain field", named_in(root, "cli/explanation.cpp", "explanation_json"),
             "cli/explanation.cpp"),
            ("docs/json.md", "description member", described.keys() - {"schema"}, "--describe"),
            ("docs/json.md", "status member", named_in(root, "lib/web/api.cpp", "status_document"), "lib/web/api.cpp")]:
        yield from differences(page, table(root, page, first), coded, source)


def check_metrics(root, described):
    def kind_and_labels(cells):
        labels = re.findall(r"\bL\b|\w+", cells[1])
        return cells[0], PLACE_LABELS + labels[1:] if labels[:1] == ["L"] else labels

    page, coded = "docs/metrics.md", metrics(described)
    documented = table(root, page, "metric", 1, 2)
    yield from differences(page, documented, coded, "the metrics")
    yield from compare_facts(page, documented, coded, kind_and_labels)
    for number, line in lint.lines(root, page):
        for name in re.findall(r"\b(?:sockwatch|process)_[a-z_]+\b", line):
            if name not in coded and re.sub(r"_(bucket|sum|count)$", "", name) not in coded:
                yield f"{page}:{number}: there is no metric {name}"


def check_alerts(root, described):
    page = "docs/alerts.md"
    coded = {event["name"]: event["message_id"] for event in described["events"]}
    documented = table(root, page, "event", 1)
    yield from differences(page, documented, coded, "the events")
    yield from compare_facts(page, documented, coded, lambda cells: "".join(ticked(cells[0])))
    journal = {"SOCKWATCH_" + name.upper() for name in lint.alert_fields(described) if name != "message"}
    yield from differences(page, table(root, page, "field"), journal, "an alert")


def check_json(root, described):
    page = "docs/json.md"
    documented = table(root, page, "field", 1, 2)
    for kind, coded in fields(described).items():
        here = {name: row for name, row in documented.items() if kind in row[1][1].split()}
        yield from differences(page, here, coded, f"documents about {kind}s")
        yield from compare_facts(page, here, coded, lambda cells: cells[0])


def check_paths(root, _):
    for page in PAGES:
        for number, line in lint.lines(root, page):
            for path in re.findall(r"`((?:lib|daemon|cli|tests|docs|systemd|packaging|script)/[\w./-]+)`", line):
                if "NAME" not in path and not pathlib.Path(root, path).exists():
                    yield f"{page}:{number}: there is no {path}"


# Running what the pages show.


def structure_problem(root, described, kind, text):
    """What is wrong with an example as far as can be told without the program."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return str(error)
    if kind == "settings":
        used = {f"{section}.{name}" for section, values in document.items() for name in values}
        unknown = sorted(used - set(described["settings"]))
        return f"unknown {unknown}" if unknown else ""
    if kind == "sockets":
        strange = [socket for socket in document.get("socket", []) if not socket.keys() <= case_keys(root, described)]
        return f"not a socket: {strange[0]}" if strange else ""
    for rule in document.get("rule", []):
        if not {"name", "action"} <= rule.keys() <= set(described["rule_keys"]):
            return f"not a rule: {rule}"
    return "" if document.keys() == {"rule"} else "expected [[rule]] and nothing else"


class Program:
    """sockwatchd, or sockwatch, with a configuration of its own."""

    def __init__(self, path):
        self.path = path

    def run(self, files, *arguments, subcommand=()):
        """(exit code, what it printed); files and messages are as if below /etc/sockwatch."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in ({"sockwatch.toml": b""} | files).items():
                pathlib.Path(folder, name).parent.mkdir(exist_ok=True)
                pathlib.Path(folder, name).write_bytes(content)
            arguments = [argument.replace("/etc/sockwatch", folder) for argument in arguments]
            done = subprocess.run([self.path, *subcommand, "--config", f"{folder}/sockwatch.toml", *arguments],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            return done.returncode, done.stdout.replace(folder, "/etc/sockwatch")


def check_examples(root, described, program, tool):
    """```toml policy and ```toml settings load; with `wrong` behind it the next block is what the program answers.
    ```toml sockets holds by the policy before it."""
    for page in PAGES:
        found = list(blocks(root, page))
        policy = b""
        for (line, words, text), after in zip(found, found[1:] + [None]):
            if words[:1] != ["toml"]:
                continue
            if words[1:2] not in (["policy"], ["settings"], ["sockets"]):
                yield f"{page}:{line}: say ```toml policy, settings or sockets, so that it is checked"
                continue
            wrong = words[2:] == ["wrong"]
            if not program:
                if not wrong and (problem := structure_problem(root, described, words[1], text)):
                    yield f"{page}:{line}: {problem}"
                continue
            if words[1] == "sockets":
                code, output = tool.run({"policy.d/50-example.toml": policy, "test.toml": text.encode()},
                                        "/etc/sockwatch/test.toml", subcommand=["test"])
                if code != 0:
                    yield f"{page}:{line}: does not hold by the policy before it: {output}"
                continue
            policy = text.encode() if words[1] == "policy" else policy
            file = "sockwatch.toml" if words[1] == "settings" else "policy.d/50-example.toml"
            answer = program.run({file: text.encode()}, "--check-config")
            wanted = (78, after[2]) if wrong and after else (0, "")
            if answer != wanted:
                yield f"{page}:{line}: answered {answer}, the page says {wanted}"


def values_in_force(program, settings):
    """{"watch.listeners": ("\"250ms\"", "default")}: value and origin of each key."""
    section, values = "", {}
    for line in program.run({"sockwatch.toml": settings}, "--print-config")[1].splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        elif value := re.fullmatch(r"(\w+) = (.*?)\s+# (\S+)", line):
            values[f"{section}.{value[1]}"] = value[2], value[3]
    return values


def check_defaults(root, program):
    page, packaged = "docs/configuration.md", "packaging/default/sockwatch.toml"
    defaults = {key: value for key, (value, _) in values_in_force(program, b"").items()}
    yield from compare_facts(page, table(root, page, "key", 2), defaults, lambda cells: "".join(ticked(cells[0])))
    uncommented = re.sub(r"^#(\w+ = )", r"\1", read(root, packaged), flags=re.M)
    for key, (value, origin) in values_in_force(program, uncommented.encode()).items():
        if origin == "default" or value != defaults[key]:
            yield f"{packaged}:1: {key} is not there with its default {defaults[key]}"
    for example in sorted(pathlib.Path(root, "packaging/default/policy.d").iterdir()):
        if answer := program.run({"policy.d/a.toml": example.read_bytes()}, "--check-config")[1]:
            yield f"{example.relative_to(root)}:1: {answer}"


def check_recording(root, program):
    page = "docs/capture-format.md"
    for line, words, text in blocks(root, page):
        if words != ["hexdump"]:
            continue
        recording = b""
        for offset, digits in re.findall(r"^([0-9a-f]{4})  ((?:[0-9a-f]{2} ?)+)", text, re.M):
            if int(offset, 16) != len(recording):
                yield f"{page}:{line}: {offset} should be {len(recording):04x}"
            recording += bytes.fromhex(digits)
        code, output = program.run({"a.swcap": recording}, "--once", "--replay", "/etc/sockwatch/a.swcap")
        if code != 0 or "cut short" in output or 'sockwatch_socket_source_info{source="replay"} 1' not in output:
            yield f"{page}:{line}: does not replay: {output[:200]}"


def check(root):
    described = lint.description(root)
    for part in (check_names, check_metrics, check_alerts, check_json, check_paths):
        yield from part(root, described)
    programs = [Program(path) for path in sys.argv[1:3] if path != "--self-test"]
    program, tool = programs if len(programs) == 2 else (None, None)
    yield from check_examples(root, described, program, tool)
    if program:
        yield from check_defaults(root, program)
        yield from check_recording(root, program)


DESCRIBED = {
    "settings": ["watch.listeners"], "webhook_keys": ["url"], "rule_keys": ["name", "action"],
    "metrics": [{"name": "sockwatch_a", "kind": "gauge", "labels": [*PLACE_LABELS, "state"]},
                {"name": "sockwatch_b", "kind": "histogram", "labels": []}],
    "events": [{"name": "it-opened", "message_id": "00ff"}, {"name": "it-closed", "message_id": ""}],
    "properties": [{"name": "protocol", "kind": "word", "uses": ["listener", "connection"]},
                   {"name": "port", "kind": "number", "uses": ["listener"]}],
    "alert_fields": [{"name": "message", "kind": "text"}, {"name": "time", "kind": "time"}],
}
GOOD = {
    "describe.json": json.dumps(DESCRIBED),
    "cli/policy_case.cpp": 'CaseKey{"port", true, f},\n',
    "lib/config/web_config.cpp": 'kKnown = {"cert",\n "key"};\nkKnown = {"http2"};\n',
    "daemon/options.cpp": 'app.add_flag("--once", options.once, "");\n',
    "cli/port_names.cpp": 'std::string port_json(E e) {\n  fields{{"port", 1}};\n  add_text(fields, "title", x);\n}\n',
    "cli/explanation.cpp": 'std::string explanation_json(E e) {\n  add_text(fields, "allow", x);\n}\n',
    "lib/web/api.cpp": 'std::string status_document(V v) {\n  m{{"build", x}};\n}\n',
    "docs/configuration.md": "| key | type | default |\n|---|---|---|\n| `watch.listeners` | duration | `1s` |\n\n"
                             "| webhook key |\n|---|\n| `url` |\n\n| option |\n|---|\n| `--once` |\n\n```toml settings\n[watch]\nlisteners = 1\n```\n",
    "docs/policy.md": '| key |\n|---|\n| `name` |\n| `action` |\n\n| socket key |\n|---|\n| `port` |\n\n'
                      '```toml sockets\n[[socket]]\nport = 1\n```\n'
                      '```toml policy\n[[rule]]\nname = "a"\naction = "alert"\n```\n',
    "docs/metrics.md": "| metric | type | labels |\n|---|---|---|\n| `sockwatch_a` | gauge | L, state |\n"
                       "| `sockwatch_b` | histogram | |\n\nsockwatch_b_bucket\n",
    "docs/alerts.md": "| event | MESSAGE_ID |\n|---|---|\n| `it-opened` | `00ff` |\n| `it-closed` | none |\n\n"
                      "| field |\n|---|\n| `SOCKWATCH_TIME` |\n",
    "docs/json.md": "| field | type | in |\n|---|---|---|\n| `protocol` | string | listener connection |\n"
                    "| `port` | number | listener |\n| `message` | string | alert |\n| `time` | string | alert |\n\n"
                    "| lookup field |\n|---|\n| `port` |\n| `title` |\n\n| explain field |\n|---|\n| `allow` |\n\n"
                    "| status member |\n|---|\n| `build` |\n\n| description member |\n|---|\n"
                    "| `settings`, `webhook_keys`, `rule_keys`, `metrics`, `events`, `properties`, `alert_fields` |\n",
    "docs/capture-format.md": "See `lib/web/api.cpp`.\n",
    "docs/extending.md": "",
    "docs/web-configuration.md": "| key of `tls_server_config` |\n|---|\n| `cert`, `key` |\n\n"
                                 "| key of `http_server_config` |\n|---|\n| `http2` |\n",
}


def spoilt(path, old, new):
    return GOOD | {path: GOOD[path].replace(old, new)}


BAD = [
    (spoilt("docs/configuration.md", "watch.l", "watch.x"), "configuration.md:1: does not describe watch.listeners of the settings"),
    (spoilt("docs/configuration.md", "watch.l", "watch.x"), "configuration.md:3: the settings has no"),
    (spoilt("docs/configuration.md", "`url`", "`uri`"), "a webhook has no uri"),
    (spoilt("docs/configuration.md", "`--once`", "`--twice`"), "daemon/options.cpp has no --twice"),
    (spoilt("docs/configuration.md", "listeners = 1", "lisseners = 1"), "unknown ['watch.lisseners']"),
    (spoilt("docs/web-configuration.md", "`cert`, ", ""), "does not describe cert of lib/config/web_config.cpp"),
    (spoilt("docs/web-configuration.md", "http2", "http3"), "lib/config/web_config.cpp has no http3"),
    (spoilt("docs/policy.md", "| `name` |\n", ""), "does not describe name of a rule"),
    (spoilt("docs/policy.md", "| `port` |\n", ""), "does not describe port of cli/policy_case.cpp"),
    (spoilt("docs/policy.md", "port = 1", "prt = 1"), "not a socket"),
    (spoilt("docs/policy.md", '"alert"', '"alert'), "docs/policy.md:14: "),
    (spoilt("docs/policy.md", "action =", "akshun ="), "not a rule"),
    (spoilt("docs/policy.md", "toml policy", "toml"), "so that it is checked"),
    (spoilt("docs/metrics.md", "L, state", "L"), "sockwatch_a: says"),
    (spoilt("docs/metrics.md", "| gauge", "| counter"), "sockwatch_a: says ('counter'"),
    (spoilt("docs/metrics.md", "b_bucket", "c_bucket"), "metrics.md:6: there is no metric sockwatch_c_bucket"),
    (spoilt("docs/alerts.md", "00ff", "00fe"), "it-opened: says 00fe"),
    (spoilt("docs/alerts.md", "| `it-closed` | none |\n", ""), "does not describe it-closed"),
    (spoilt("docs/alerts.md", "_TIME", "_TIDE"), "an alert has no SOCKWATCH_TIDE"),
    (spoilt("docs/json.md", "listener connection", "listener"), "does not describe protocol of documents about connections"),
    (spoilt("docs/json.md", "| `port` | number", "| `port` | string"), "port: says string, the code number"),
    (spoilt("docs/json.md", "| `title` |\n", ""), "does not describe title of cli/port_names.cpp"),
    (spoilt("docs/json.md", "| `build` |", "| `built` |"), "lib/web/api.cpp has no built"),
    (spoilt("docs/capture-format.md", "api.cpp", "apy.cpp"), "capture-format.md:1: there is no lib/web/apy.cpp"),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
