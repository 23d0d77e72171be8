#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: layers look only down, and every third-party library has one door."""
import re

import lint

# Room -> the rooms it may include besides itself. The programs may include all of lib/.
BELOW = {
    "base": "",
    "model": "base",
    "config": "base model",
    "json": "base model",
    "netlink": "base model",
    "bpf": "base model",
    "procfs": "base model",
    "crosscheck": "base model netlink procfs",
    "reach": "base model",
    "firewall": "base model netlink reach",
    "annotate": "base model procfs",
    "policy": "base model config",
    "watch": "base model policy annotate",
    "state": "base model policy watch",
    "metrics": "base model",
    "alert": "base model json",
    "web": "base model config json",
    "monitor": "base model config json netlink bpf procfs annotate policy watch state",
}
PROGRAMS = ("daemon", "cli", "relay")

# An included header -> the paths that may include it.
DOORS = {
    r"netlink/": r"lib/netlink/",
    r"(libmnl/|libnftnl/|linux/netfilter)": r"lib/firewall/",
    r"(bpf/|linux/(bpf|perf_event)\.h)": r"lib/bpf/",
    r"linux/(netlink|rtnetlink)\.h": r"lib/(netlink|firewall)/",
    r"linux/(sock_diag|inet_diag|unix_diag|packet_diag)\.h": r"lib/netlink/",
    r"prometheus/": r"lib/metrics/",
    r"microhttpd\.h": r"lib/web/(client|http_(guard|reply|request|server)|stream_connections)\.",
    r"gnutls/": r"lib/web/(http_server|passwords|tls_context)\.",
    r"crypt\.h": r"lib/web/passwords\.",
    r"zlib\.h": r"lib/web/gzip\.",
    r"curl/": r"lib/alert/sinks/curl_transport\.",
    r"toml": r"lib/config/document\.",
    r"yaml-cpp/": r"lib/config/yaml_document\.",
    r"seccomp\.h": r"daemon/sandbox\.",
    r"systemd/sd-(event|daemon)\.h": r"daemon/event_loop\.",
    r"systemd/sd-journal\.h": r"cli/journal\.",
    r"spdlog/": r"lib/base/log\.",
    r"nlohmann/": r"lib/json/|lib/state/",
    r"CLI/": r"daemon/options\.cpp|cli/command\.cpp",
}
# Written into the build tree.
GENERATED = {"kernel_sockets.skel.h", "listen_events.skel.h", "port_walk.skel.h", "task_files.skel.h", "tcp_counts.skel.h"}
SYSTEM = re.compile(r"[a-z0-9_]+(\.h)?|(sys|net|netinet|arpa|linux|asm)/\w+\.h")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    """("lib", "watch") for lib/watch/ledger.h, ("daemon",) for daemon/app.h."""
    return path.parts[:2] if path.parts[0] == "lib" else path.parts[:1]


def complaint_about_own(path, included):
    target = included.split("/")
    if target[0] not in ("lib", *PROGRAMS):
        return f'"{included}" is not written from the root of the repository'
    if target[0] != "lib":
        return "" if target[0] == path.parts[0] else f"only {target[0]}/ itself may include {target[0]}/"
    if path.parts[0] in PROGRAMS:
        return ""
    room, other = path.parts[1], target[1]
    if room not in BELOW:
        return f"lib/{room} is not in the table of rooms in tests/lint/includes.py"
    if other != room and other not in BELOW[room].split():
        return f"lib/{room} may not include lib/{other}, only: {BELOW[room] or 'nothing'}"
    return ""


def complaint_about_foreign(path, included):
    for header, door in DOORS.items():
        if re.match(header, included):
            return "" if re.match(door, str(path)) else f"<{included}> has its door elsewhere: {door}"
    return "" if SYSTEM.fullmatch(included) else f"<{included}> belongs to a library without a door"


def check(root):
    for path in lint.files(root, ".h", ".cpp", ".c"):
        if path.parts[0] not in ("lib", *PROGRAMS):
            continue
        for number, line in lint.lines(root, path):
            if not (include := INCLUDE.match(line)) or include[2] in GENERATED:
                continue
            complain = complaint_about_foreign if include[1] == "<" else complaint_about_own
            if complaint := complain(path, include[2]):
                yield f"{path}:{number}: {complaint}"


GOOD = {
    "lib/watch/ledger.cpp": '#include "lib/watch/ledger.h"\n#include <sys/socket.h>\n#include "lib/model/delta.h"\n',
    "lib/netlink/kernel_channel.cpp": "#include <netlink/socket.h>\n#include <linux/inet_diag.h>\n#include <vector>\n",
    "daemon/app.cpp": '#include "lib/metrics/page.h"\n#include "daemon/event_loop.h"\n',
    "cli/command.cpp": "#include <CLI/CLI.hpp>\n",
    "tests/lib/json/x_test.cpp": "#include <nlohmann/json.hpp>\n",
}
BAD = [
    ({"lib/model/a.h": '#include "lib/watch/ledger.h"\n'}, "lib/model/a.h:1: lib/model may not include lib/watch"),
    ({"lib/metrics/a.h": '\n#  include "lib/alert/gate.h"\n'}, "a.h:2: lib/metrics may not include lib/alert"),
    ({"lib/monitor/a.cpp": '#include "lib/web/page.h"\n'}, "lib/monitor may not include lib/web"),
    ({"lib/watch/a.cpp": '#include "daemon/app.h"\n'}, "only daemon/ itself"),
    ({"cli/a.cpp": '#include "daemon/app.h"\n'}, "only daemon/ itself"),
    ({"lib/watch/a.cpp": '#include "ledger.h"\n'}, "not written from the root"),
    ({"lib/attic/a.cpp": '#include "lib/base/text.h"\n'}, "not in the table"),
    ({"lib/watch/a.cpp": "#include <spdlog/spdlog.h>\n"}, "has its door elsewhere"),
    ({"daemon/a.cpp": "#include <linux/perf_event.h>\n"}, "has its door elsewhere"),
    ({"lib/netlink/a.cpp": "#include <bpf/libbpf.h>\n"}, "has its door elsewhere"),
    ({"daemon/app.cpp": "#include <systemd/sd-event.h>\n"}, "has its door elsewhere"),
    ({"lib/alert/sinks/webhook.cpp": "#include <curl/curl.h>\n"}, "has its door elsewhere"),
    ({"lib/policy/judge.cpp": "#include <toml++/toml.h>\n"}, "has its door elsewhere"),
    ({"cli/list.cpp": "#include <CLI/CLI.hpp>\n"}, "has its door elsewhere"),
    ({"lib/watch/a.cpp": "#include <boost/asio.hpp>\n"}, "library without a door"),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
