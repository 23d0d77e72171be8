# SPDX-License-Identifier: Apache-2.0
"""The dashboards as files, and their queries with Grafana's variables put in."""
import re

import stack

FOLDER = stack.REPOSITORY / "packaging/grafana/dashboards"
DASHBOARDS = sorted(FOLDER.glob("*.json"))


def substituted(text, values):
    return re.sub(r"\$\{?(\w+)\}?", lambda found: values[found[1]], text)
