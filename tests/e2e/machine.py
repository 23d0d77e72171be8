# SPDX-License-Identifier: Apache-2.0
"""What the cases stand on, inside the machine that boot.py booted: the package, its service, its journal and its pages,
seen only as an administrator sees them. A case is a function; `run(case)` ends the machine with its outcome."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import traceback

PACKAGE = "/sockwatch.deb"
CONFIG = pathlib.Path("/etc/sockwatch/sockwatch.toml")
POLICY = pathlib.Path("/etc/sockwatch/policy.d")
STATE = pathlib.Path("/var/lib/sockwatch")
API = "/run/sockwatch/api.sock"

OPENED = "08282f408e54482196a6dae4a5acb0b6"
CLOSED = "71f020450dfa407eb45cb412ffb0bac6"
DEGRADED = "84c874ac25fd4493b7a0138b4cf6f1ad"
LEARNED = "b4ee647ec5044d00826656266286682a"


def sh(command, check=True, timeout=40):
    """A line of shell; its standard output. Output and error are part of the case's log."""
    done = subprocess.run(command, shell=True, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=timeout)
    print(f"$ {command}\n{done.stdout}", end="" if done.stdout.endswith("\n") or not done.stdout else "\n")
    if check and done.returncode != 0:
        raise AssertionError(f"ended with {done.returncode}: {command}")
    return done.stdout


def status_of(command):
    """The exit code of a line of shell."""
    done = subprocess.run(command, shell=True, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=40)
    print(f"$ {command}\n{done.stdout}-> {done.returncode}")
    return done.returncode


def wait_until(condition, what, seconds=10):
    """The condition's first true value; polls, because what we wait for is in another process."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds:g} s: {what}")
        time.sleep(0.02)
    return value


# The package.


def install(settings="", policy="", drop_in=""):
    """Installs the package as a user would; what it should find in /etc lies there before, as after a reinstall."""
    for path, text in ((CONFIG.parent / "conf.d/10-test.toml", settings), (POLICY / "10-test.toml", policy),
                       (pathlib.Path("/etc/systemd/system/sockwatch.service.d/10-test.conf"), drop_in)):
        if text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    sh(f"DEBIAN_FRONTEND=noninteractive dpkg -i {PACKAGE}")


NEXT = """set -e
dpkg-deb -R {package} /tmp/next
sed -i 's/^Version: .*/Version: 99.0-1/' /tmp/next/DEBIAN/control
sed -i 's/^#listeners/# The next version says more here.\\n#listeners/' /tmp/next/etc/sockwatch/sockwatch.toml
dpkg-deb --root-owner-group -Znone -b /tmp/next /tmp/next.deb"""


def upgrade():
    """To the next version, which brings another default configuration; what the administrator changed stays."""
    sh(NEXT.format(package=PACKAGE))
    sh("DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold -i /tmp/next.deb && rm -r /tmp/next /tmp/next.deb")


def drop_in(name):
    """One of the examples that come with the package."""
    folder = pathlib.Path("/etc/systemd/system/sockwatch.service.d")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(f"/usr/share/doc/sockwatch/examples/{name}.conf", folder)
    sh("systemctl daemon-reload && systemctl restart sockwatch")


def show(unit, name):
    return subprocess.run(["systemctl", "show", "-P", name, unit], capture_output=True, text=True).stdout.strip()


def main_pid():
    return int(show("sockwatch.service", "MainPID"))


def status_text():
    return show("sockwatch.service", "StatusText")


CAPABILITIES = {"CAP_DAC_READ_SEARCH": 2, "CAP_NET_ADMIN": 12, "CAP_SYS_PTRACE": 19, "CAP_SYS_ADMIN": 21,
                "CAP_PERFMON": 38, "CAP_BPF": 39}


def capabilities(kind):
    """What every thread of the running daemon has, by name: Eff, Prm, Inh, Bnd or Amb."""
    masks = {re.search(rf"^Cap{kind}:\s*(\w+)$", path.read_text(), re.M)[1]
             for path in pathlib.Path(f"/proc/{main_pid()}/task").glob("*/status")}
    equal(len(masks), 1, "all threads have the same")
    mask = int(masks.pop(), 16)
    named = {name for name, bit in CAPABILITIES.items() if mask >> bit & 1}
    equal(sum(1 << CAPABILITIES[name] for name in named), mask, "no capability that has no name here")
    return named


def is_active():
    return (show("sockwatch.service", "ActiveState"), show("sockwatch.service", "SubState")) == ("active", "running")


def wait_active(seconds=10):
    wait_until(is_active, "sockwatch.service is active (running)", seconds)


# Other programs on the machine.

LISTENER = """import socket, sys, time
kind = socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM
made = []
for port in range(int(sys.argv[3]), int(sys.argv[4]) + 1):
    made.append(socket.socket(socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET, kind))
    made[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made[-1].bind((sys.argv[2], port))
    if kind == socket.SOCK_STREAM:
        made[-1].listen()
    print(time.time(), flush=True)
time.sleep(3600)
"""


def write_unit(name, text):
    pathlib.Path("/etc/systemd/system", name).write_text(text)
    sh("systemctl daemon-reload")


def make_service(name="demo.service", port=4444, *, last=None, protocol="tcp", address="0.0.0.0", user="root"):
    """A service that listens on a port, or on all from `port` to `last`; not started yet."""
    pathlib.Path("/opt/listener.py").write_text(LISTENER)
    write_unit(name, f"[Service]\nUser={user}\nRestart=on-failure\nRestartSec=100ms\n"
                     f"ExecStart=/usr/bin/python3 /opt/listener.py {protocol} {address} {port} {last or port}\n")
    return name


MOMENT = "import socket, time; s = socket.socket(); s.bind(('0.0.0.0', {port})); s.listen(); s.close(); time.sleep(60)"


def listen_for_a_moment(unit, port):
    """Its process stays, so that its unit's cgroup can still be looked up."""
    write_unit(unit, f'[Service]\nExecStart=/usr/bin/python3 -c "{MOMENT.format(port=port)}"\n')
    start(unit)


def start(unit):
    sh(f"systemctl start {unit}")


def is_listening(port):
    return f":{port} " in subprocess.run(["ss", "-Hlntu"], capture_output=True, text=True).stdout


# Alerts, as the journal holds them.


def entries(*matches):
    done = subprocess.run(["journalctl", "--no-pager", "-o", "json", "--all", *matches], capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def alerts(message_id=OPENED, **fields):
    """Alerts so far; fields as in SOCKWATCH_…, lower case."""
    wanted = {"SOCKWATCH_" + name.upper(): str(value) for name, value in fields.items()}
    return [entry for entry in entries(f"MESSAGE_ID={message_id}") if wanted.items() <= entry.items()]


def wait_alert(message_id=OPENED, seconds=10, **fields):
    return wait_until(lambda: alerts(message_id, **fields), f"an alert {message_id} with {fields}", seconds)[0]


def log_of_daemon(since_start=False):
    since = ["_SYSTEMD_INVOCATION_ID=" + show("sockwatch.service", "InvocationID")] if since_start else []
    return "\n".join(str(entry["MESSAGE"]) for entry in entries("SYSLOG_IDENTIFIER=sockwatchd", *since))


# Its pages.


class UnixConnection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(API)


def get(path, connection=None):
    """(status, body)"""
    connection = connection or http.client.HTTPConnection("127.0.0.1", 10762, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()


def metric(name, **labels):
    """Sum of every sample of this name with at least these labels."""
    total = 0.0
    for found, value in re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", get("/metrics")[1], re.M):
        if labels.items() <= dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found)).items():
            total += float(value)
    return total


def wait_polls(count=3):
    """Until that many more looks at listeners are complete: what is open now has been seen by then."""
    goal = metric("sockwatch_polls_total", kind="listeners", result="complete") + count
    wait_until(lambda: metric("sockwatch_polls_total", kind="listeners", result="complete") >= goal, "more polls", 20)


def listeners(**fields):
    sockets = json.loads(get("/api/v1/listeners")[1])["sockets"]
    return [found for found in sockets if fields.items() <= found.items()]


def equal(found, wanted, what=""):
    assert found == wanted, f"{what}: found {found!r}, wanted {wanted!r}"


def contains(text, *words):
    for word in words:
        assert word in text, f"{word!r} is not in:\n{text}"


def keep_journal():
    """The journal dies with the machine."""
    subprocess.run(["journalctl", "--sync"], timeout=10)
    for folder in ("/var/log/journal", "/run/log/journal"):
        if os.path.isdir(folder):
            shutil.copytree(folder, "/out/journal", dirs_exist_ok=True)


def run(case):
    outcome = 0
    try:
        case()
    except Exception:
        traceback.print_exc(file=sys.stdout)
        sh("systemctl status --no-pager -n 30 sockwatch.service sockwatch.socket", check=False)
        outcome = 1
        with contextlib.suppress(Exception):
            keep_journal()
    sys.exit(outcome)
