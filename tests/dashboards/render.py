# SPDX-License-Identifier: Apache-2.0
"""From a dashboard and a Prometheus to a picture: asks what Grafana would ask, bundles panels.jsx with Grafana's
components (where npm has put them), and lets Chromium draw."""
import json
import pathlib
import re
import shutil
import subprocess

from boards import substituted

HERE = pathlib.Path(__file__).resolve().parent
MODULES = HERE.parents[1] / "build/tools/dashboards/node_modules"
WIDTH = 1600
STEPS = 240  # points of a line
HEADER, CELL = 56, 38  # as in panels.jsx

PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="{style}"><div id="root"></div>
<pre id="errors" hidden></pre>
<script>addEventListener('error', ({{message}}) => document.getElementById('errors').append(message, ' '));
window.SHOWN = {shown}</script>
<script src="{script}"></script>"""
ERRORS = re.compile(r'<pre id="errors" hidden>([^<]+)</pre>')
STATE = re.compile(r'data-title="([^"]*)" data-state="(\w+)"')


def missing():
    """What has to be installed first."""
    programs = [program for program in ("node", "chromium") if not shutil.which(program)]
    return programs + ([] if (MODULES / "esbuild").exists() else ["build/tools/dashboards"])


def bundle(folder):
    out = folder / "panels.js"
    subprocess.run(["node", MODULES / "esbuild/bin/esbuild", HERE / "panels.jsx", "--bundle", f"--outfile={out}",
                    "--jsx=automatic", '--define:process.env.NODE_ENV="production"', "--define:global=window",
                    "--loader:.svg=text", "--loader:.woff2=dataurl", "--loader:.ttf=dataurl", "--log-level=error"],
                   check=True, env={"PATH": "/usr/bin:/bin", "NODE_PATH": str(MODULES)})
    return out


def ask(prometheus, target, variables, begin, end):
    expression = substituted(target["expr"], variables)
    if target.get("instant"):
        path, query = "/api/v1/query", {"time": end}
    else:
        # A panel with a step of its own makes Grafana's window follow it; here the step follows the window.
        step = variables["__rate_interval"].rstrip("s") if target.get("interval") else max((end - begin) / STEPS, 1)
        path, query = "/api/v1/query_range", {"start": begin, "end": end, "step": step}
    answer = json.loads(prometheus.get(path, query=expression, **query)[1])
    assert answer["status"] == "success", (expression, answer)
    return answer["data"]["result"]


def show(board, prometheus, variables, begin, end):
    """What panels.jsx draws."""
    answers = {panel["id"]: {target["refId"]: ask(prometheus, target, variables, begin, end)
                             for target in panel.get("targets", [])} for panel in board["panels"]}
    return {"board": board, "answers": answers, "variables": variables, "from": begin, "to": end, "width": WIDTH}


def chromium(page, *options):
    return subprocess.run(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                           "--allow-file-access-from-files", "--virtual-time-budget=10000", *options, page.as_uri()],
                          check=True, capture_output=True, text=True, timeout=120).stdout


def draw(shown, script, picture):
    """Writes the picture; returns {title: "drawn", "empty" or "waiting"} of the panels."""
    page = picture.with_suffix(".html")
    page.write_text(PAGE.format(style=script.with_suffix(".css").as_uri(), script=script.as_uri(),
                                shown=json.dumps(shown).replace("<", "\\u003c")))
    height = HEADER + CELL * max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in shown["board"]["panels"])
    size = f"--window-size={WIDTH},{height}"
    chromium(page, size, f"--screenshot={picture}")
    drawn = chromium(page, size, "--dump-dom")
    assert not ERRORS.search(drawn), ERRORS.search(drawn)[1]
    return dict(STATE.findall(drawn))
