#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The dashboards as they look: drawn with Grafana's own components from what a real Prometheus says about twenty real
daemons. No panel may stay empty or fail to draw.

    test_pictures.py                             a short look, pictures into a folder of the build
    test_pictures.py --seconds 300 --into FOLDER     those of the documentation: FOLDER is docs/pictures
"""
import argparse
import json
import os
import pathlib
import sys
import time
import unittest

import scene  # also shows where the rest lives
import render
from boards import DASHBOARDS
from stack import harness

options = argparse.Namespace()
COMMON = {"job": "sockwatch", "__rate_interval": "15s", "since": "2m"}
LISTENER = {"namespace": "host", "protocol": "tcp", "port": "9000", "address": "127.0.0.1"}
ONE_HOST = {"instance": "web-01"}
EVERY_HOST = {"instance": ".+"}
# What has nothing to show here, and says why.
SAYS_SO = {("listener", "Receive queue", "empty")}


def variables(board):
    chosen = {"fleet": EVERY_HOST, "host": ONE_HOST, "listener": ONE_HOST | LISTENER}[board]
    return COMMON | {"__range": f"{options.seconds}s"} | chosen


class Pictures(scene.Scene):
    def test_every_panel_of_every_dashboard_is_drawn(self):
        script = render.bundle(options.keep or self.folder)
        self.make_fleet()
        self.start_fleet()
        begin = time.time()
        self.live(options.seconds)
        end = time.time()
        options.into.mkdir(parents=True, exist_ok=True)
        for path in DASHBOARDS:
            board = json.loads(path.read_text())
            shown = render.show(board, self.prometheus, variables(path.stem), begin, end)
            page = (options.keep or self.folder) / f"{path.stem}.png"
            states = render.draw(shown, script, page)
            (options.into / page.name).write_bytes(page.read_bytes())
            with self.subTest(board=path.stem):
                undrawn = {(path.stem, title, state) for title, state in states.items() if state != "drawn"}
                self.assertLessEqual(undrawn, SAYS_SO)
                self.assertEqual(set(states), {panel["title"] for panel in board["panels"] if panel["type"] != "row"})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--into", type=pathlib.Path, default=render.MODULES.parents[1] / "pictures")
    parser.add_argument("--keep", type=pathlib.Path, help="where to leave the pages that were drawn")
    parser.parse_args(namespace=options)
    if os.geteuid() == 0 and render.missing():
        print(f"needs {' and '.join(render.missing())}")
        sys.exit(77)
    sys.argv[1:] = []
    scene.fleet.stack.main()
