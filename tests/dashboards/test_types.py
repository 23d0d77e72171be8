#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The dashboards by Grafana's own types: each file, its variables, and each panel with the options of its plugin, is
written as TypeScript and compiled against @grafana/schema."""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "prometheus"))
import render  # noqa: E402
from boards import DASHBOARDS  # noqa: E402

# plugin: its types, and what a field may be configured with
PLUGINS = {
    "stat": ("StatPanelCfg", "{}"),
    "bargauge": ("BarGaugePanelCfg", "{}"),
    "table": ("TablePanelCfg", "TableFieldOptions"),
    "timeseries": ("TimeSeriesPanelCfg", "GraphFieldConfig"),
}
COMPILER = {"strict": True, "noEmit": True, "target": "es2022", "module": "esnext", "moduleResolution": "bundler",
            "skipLibCheck": True, "types": []}
# JSON has the words of an enumeration, not its members.
AS_JSON = """
type AsJson<T> = 0 extends 1 & T ? T
  : T extends string ? `${T}`
  : T extends object ? {[K in keyof T]: AsJson<T[K]>}
  : T;
"""


def literal(value, of_type):
    return f"({json.dumps(value)}) satisfies AsJson<{of_type}>;\n"


def typescript(board):
    """One expression a panel, so that a complaint names the part that is wrong."""
    lines = ["import type {Dashboard, GraphFieldConfig, TableFieldOptions} from '@grafana/schema';\n", AS_JSON]
    for plugin, (types, _) in PLUGINS.items():
        file = f"@grafana/schema/dist/esm/raw/composable/{plugin}/panelcfg/x/{types}_types.gen"
        lines.append(f"import type {{Options as {plugin}}} from '{file}';\n")
    lines.append(literal(board, "Dashboard"))
    for panel in board["panels"]:
        if panel["type"] != "row":
            lines.append(f"// {panel['title']}\n")
            lines.append(literal(panel["options"], f"Partial<{panel['type']}>"))
            lines.append(literal(panel["fieldConfig"]["defaults"].get("custom", {}),
                                 f"Partial<{PLUGINS[panel['type']][1]}>"))
    return "".join(lines)


def complaints(board):
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        (home / "node_modules").symlink_to(render.MODULES)
        (home / "board.ts").write_text(typescript(board))
        (home / "tsconfig.json").write_text(json.dumps({"compilerOptions": COMPILER, "files": ["board.ts"]}))
        done = subprocess.run(["node", render.MODULES / "typescript/bin/tsc", "-p", home], capture_output=True,
                              text=True, check=False)
        return done.stdout + done.stderr


class Types(unittest.TestCase):
    def test_each_dashboard_is_what_grafana_expects(self):
        for path in DASHBOARDS:
            with self.subTest(board=path.stem):
                self.assertEqual(complaints(json.loads(path.read_text())), "")

    def test_what_is_wrong_is_found(self):
        good = json.loads(DASHBOARDS[0].read_text())
        shown = next(index for index, panel in enumerate(good["panels"]) if panel["type"] == "timeseries")
        for path, wrong in ((["schemaVersion"], "39"), (["graphTooltip"], 7), (["panels", shown, "gridPos", "xx"], 1),
                            (["panels", shown, "options", "legend", "displayMode"], "lists"),
                            (["panels", shown, "fieldConfig", "defaults", "custom", "drawStyle"], "pencil"),
                            (["templating", "list", 0, "type"], "colour")):
            board = copy.deepcopy(good)
            place = board
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = wrong
            with self.subTest(wrong=path):
                self.assertIn("error TS", complaints(board))


if __name__ == "__main__":
    needed = [what for what in render.missing() if what != "chromium"]
    if needed:
        print(f"needs {' and '.join(needed)}")
        sys.exit(77)
    unittest.main(verbosity=2)
