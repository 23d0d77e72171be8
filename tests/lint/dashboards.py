#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""dashboards.py SOCKWATCHD: the dashboards are what Grafana's own linter asks for: data source, job and instance are chosen above and used by
every panel, each panel says what it shows and in which unit, and each query names metrics and labels that exist."""
import json
import pathlib
import re

import docs
import lint

FOLDER = "packaging/grafana/dashboards"
NEWEST_SCHEMA = 39  # later ones are not imported everywhere
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
TARGET_LABELS = {"job", "instance"}
BUILT_IN = {"__rate_interval", "__range"}

METRIC = re.compile(r"\b((?:sockwatch|process)_\w+|up)\b(?:\{([^{}]*)\})?")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"')
VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)\}")
WINDOW = re.compile(r"\[([^\]]*)\]")


def metrics(root):
    """{series name: (kind, labels)}: a histogram is three."""
    known = {"up": ("gauge", set())}
    for name, (kind, labels) in docs.metrics(lint.description(root)).items():
        for suffix in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            more = {"le"} if suffix == "_bucket" else set()
            known[name + suffix] = ("counter" if suffix else kind, {*labels, *more})
    return known


def of_board(board, path):
    if board.get("uid") != f"sockwatch-{path.stem}":
        yield f"uid is not sockwatch-{path.stem}"
    if not board.get("title") or not board.get("description"):
        yield "has no title or no description"
    if board.get("schemaVersion", 0) > NEWEST_SCHEMA:
        yield f"schemaVersion is above {NEWEST_SCHEMA}"
    if board.get("editable") is not False:
        yield "is editable"
    if "sockwatch" not in board.get("tags", []):
        yield "has no tag sockwatch, by which the dashboards find each other"


def of_variables(variables, known):
    by_name = {variable["name"]: variable for variable in variables}
    source = by_name.get("datasource", {})
    if (source.get("type"), source.get("query")) != ("datasource", "prometheus"):
        yield "has no variable datasource that chooses a Prometheus"
    for name in sorted(TARGET_LABELS):
        if not (by_name.get(name, {}).get("multi") and by_name[name].get("includeAll")):
            yield f"variable {name}: does not offer several, and all"
    # There may be too many instances to name. Jobs are named: `up` and process_* are not ours alone.
    if by_name.get("instance", {}).get("allValue") != ".+" or by_name.get("job", {}).get("allValue"):
        yield "all instances are not .+, or all jobs are other than those of sockwatch"
    for variable in variables:
        where = f"variable {variable['name']}"
        if not variable.get("label"):
            yield f"{where}: has no label"
        if variable["type"] == "query":
            if variable.get("datasource") != DATASOURCE:
                yield f"{where}: asks another data source than the chosen one"
            if variable.get("refresh") != 2:
                yield f"{where}: is not renewed when the time range changes"
            query = re.fullmatch(r"label_values\((\w+)(?:\{.*\})?, (\w+)\)", variable["query"]["query"])
            if not query or query[2] not in known.get(query[1], ("", set()))[1] | TARGET_LABELS:
                yield f"{where}: does not ask for the values of a label that exists"


def of_panel(panel):
    for key in ("title", "description"):
        if not panel.get(key):
            yield f"has no {key}"
    if not panel["fieldConfig"]["defaults"].get("unit"):
        yield "has no unit"
    if not panel.get("targets"):
        yield "has no query"
    for asked in (panel, *panel.get("targets", [])):
        if asked.get("datasource") != DATASOURCE:
            yield "asks another data source than the chosen one"


def of_expression(expression, known, variables):
    for left, right in ("()", "{}", "[]"):
        if expression.count(left) != expression.count(right):
            yield f"{left} and {right} do not pair"
    for found in VARIABLE.finditer(expression):
        if (found[1] or found[2]) not in variables | BUILT_IN:
            yield f"there is no variable {found[0]}"
    for window in WINDOW.findall(expression):
        if window not in ("$__rate_interval", "$__range"):
            yield f"[{window}] does not follow the zoom"
    for found in METRIC.finditer(expression):
        yield from of_selector(found[1], found[2] or "", known)
        is_counter = known.get(found[1], ("", set()))[0] == "counter"
        before = expression[:found.start()]
        if is_counter and not re.search(r"\b(rate|irate|increase)\($", before):
            yield f"{found[1]} is a counter: only its rate says something"


def of_selector(metric, matchers, known):
    if metric not in known:
        yield f"there is no metric {metric}"
        return
    found = {label: (operator, value) for label, operator, value in MATCHER.findall(matchers)}
    for label in sorted(TARGET_LABELS):
        if found.get(label) != ("=~", f"${label}"):
            yield f'{metric} is not asked with {label}=~"${label}"'
    for label in sorted(found.keys() - known[metric][1] - TARGET_LABELS):
        yield f"{metric} has no label {label}"


def of_places(panels):
    """Grafana moves what overlaps, so the page would look different from the file."""
    taken = {}
    for panel in panels:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"panel {panel['title']}: is wider than the page"
        for cell in ((x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])):
            if cell in taken:
                yield f"panel {panel['title']}: covers {taken[cell]}"
                break
            taken[cell] = panel["title"]
    if len({panel["id"] for panel in panels}) != len(panels):
        yield "two panels have the same id"


def of_dashboard(board, path, known):
    yield from of_board(board, path)
    variables = board["templating"]["list"]
    yield from of_variables(variables, known)
    yield from of_places(board["panels"])
    names = {variable["name"] for variable in variables}
    for panel in board["panels"]:
        if panel["type"] == "row":
            continue
        found = list(of_panel(panel))
        for target in panel.get("targets", []):
            found += of_expression(target["expr"], known, names)
        yield from (f"panel {panel.get('title')}: {complaint}" for complaint in found)


def check(root):
    known = metrics(root)
    for path in sorted(pathlib.Path(root, FOLDER).glob("*.json")):
        for complaint in of_dashboard(json.loads(path.read_text("utf-8")), path, known):
            yield f"{FOLDER}/{path.name}:1: {complaint}"


def board(expression='up{job=~"$job", instance=~"$instance"}', **changes):
    """A small dashboard as it should be, but for the changes: {"panel.unit": …} and so on."""
    def query(name, label):
        return {"name": name, "label": label, "type": "query", "datasource": DATASOURCE, "refresh": 2, "multi": True,
                "includeAll": True, "query": {"query": f"label_values(up, {name})"}}

    variables = [{"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
                 query("job", "Job"), query("instance", "Instance") | {"allValue": ".+"}]
    panel = {"id": 1, "type": "stat", "title": "T", "description": "D.", "datasource": DATASOURCE,
             "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}, "fieldConfig": {"defaults": {"unit": "short"}},
             "targets": [{"expr": expression, "datasource": DATASOURCE}]}
    made = {"uid": "sockwatch-a", "title": "A", "description": "D.", "schemaVersion": 39, "editable": False,
            "tags": ["sockwatch"], "templating": {"list": variables}, "panels": [panel]}
    for what, value in changes.items():
        place, _, key = what.partition("__")
        {"board": made, "panel": panel, "job": variables[1], "source": variables[0]}[place][key] = value
    metric = {"name": "sockwatch_a_total", "kind": "counter", "labels": ["port"]}
    return {"describe.json": json.dumps({"metrics": [metric]}),
            f"{FOLDER}/a.json": json.dumps(made)}


def doubled(tree):
    """With its only panel twice."""
    made = json.loads(tree[f"{FOLDER}/a.json"])
    return tree | {f"{FOLDER}/a.json": json.dumps(made | {"panels": made["panels"] * 2})}


TARGETS = 'job=~"$job", instance=~"$instance"'
GOOD = board(f'rate(sockwatch_a_total{{{TARGETS}, port="22"}}[$__rate_interval])')
OTHER_SOURCE = {"type": "prometheus", "uid": "mine"}
WIDE = {"x": 20, "y": 0, "w": 12, "h": 8}
BAD = [
    (board(board__uid="b"), "uid is not sockwatch-a"),
    (board(board__description=""), "no title or no description"),
    (board(board__schemaVersion=40), "schemaVersion is above"),
    (board(board__editable=True), "is editable"),
    (board(board__tags=[]), "has no tag"),
    (board(source__query="loki"), "no variable datasource"),
    (board(job__multi=False), "variable job: does not offer several"),
    (board(job__allValue=".+"), "all jobs are other than those of sockwatch"),
    (board(job__label=""), "variable job: has no label"),
    (board(job__datasource=OTHER_SOURCE), "variable job: asks another data source"),
    (board(job__refresh=1), "variable job: is not renewed"),
    (board(job__query={"query": "label_values(up, colour)"}), "variable job: does not ask"),
    (board(panel__title=""), "has no title"),
    (board(panel__description=""), "panel T: has no description"),
    (board(panel__fieldConfig={"defaults": {}}), "has no unit"),
    (board(panel__targets=[]), "has no query"),
    (board(panel__datasource=OTHER_SOURCE), "panel T: asks another data source"),
    (board(panel__gridPos=WIDE), "is wider than the page"),
    (doubled(board()), "panel T: covers T"),
    (doubled(board()), "two panels have the same id"),
    (board(f"sum(up{{{TARGETS}}}"), "( and ) do not pair"),
    (board(f'up{{{TARGETS}}} > $limit'), "there is no variable $limit"),
    (board(f"rate(sockwatch_a_total{{{TARGETS}}}[5m])"), "[5m] does not follow the zoom"),
    (board(f"sockwatch_a_total{{{TARGETS}}}"), "is a counter"),
    (board(f"sockwatch_b{{{TARGETS}}}"), "there is no metric sockwatch_b"),
    (board("up"), 'up is not asked with instance=~"$instance"'),
    (board('up{job="x", instance=~"$instance"}'), 'up is not asked with job=~"$job"'),
    (board(f'up{{{TARGETS}, port="22"}}'), "up has no label port"),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
