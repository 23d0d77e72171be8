# SPDX-License-Identifier: Apache-2.0
"""Prometheus and Alertmanager as Debian ships them, with our rules and our example of a configuration, in a test's
network namespace; and a receiver that keeps what Alertmanager sends."""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import urllib.parse

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/live"))
import harness  # noqa: E402

PACKAGING = REPOSITORY / "packaging/prometheus"
PROMETHEUS_PORT = 9090
ALERTMANAGER_PORT = 9093
RECEIVER_PORT = 9095


def inhibit_rules():
    """What the README recommends."""
    return re.search(r"```yaml\n(inhibit_rules:\n.*?)```", (PACKAGING / "README.md").read_text(), re.S)[1]


class Server:
    """A program with an HTTP API."""

    def __init__(self, net, port, *command):
        self.net = net
        self.port = port
        with net:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def get(self, path, **query):
        """(status, body). Raises OSError while nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5 * harness.PATIENCE)
        with contextlib.closing(connection):
            with self.net:
                connection.connect()
            connection.request("GET", f"{path}?{urllib.parse.urlencode(query)}")
            response = connection.getresponse()
            return response.status, response.read().decode()

    def is_ready(self):
        assert self.process.poll() is None, f"{type(self).__name__} exited with {self.process.returncode}"
        with contextlib.suppress(OSError):
            return self.get("/-/ready")[0] == 200
        return False

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Prometheus(Server):
    """Runs an example of ours, but scrapes and evaluates every second, and all hosts on its own. Other files that the
    example names are those in `folder`."""

    def __init__(self, net, folder, example=PACKAGING / "prometheus.yml", *options, port=PROMETHEUS_PORT):
        config = folder / f"prometheus-{port}.yml"
        text = re.sub(r"_interval: \d+s", "_interval: 1s", example.read_text()).replace("modulus: 20", "modulus: 1")
        config.write_text(text.replace("/usr/share/sockwatch/rules", f"{PACKAGING}/rules"))
        super().__init__(net, port, "prometheus", f"--config.file={config}",
                         f"--storage.tsdb.path={folder / f'tsdb-{port}'}", f"--web.listen-address=127.0.0.1:{port}",
                         "--storage.remote.flush-deadline=1s", "--log.level=error", *options)

    def query(self, expression):
        """[(labels, value)] of an instant vector; an expression that Prometheus refuses is an error."""
        answer = json.loads(self.get("/api/v1/query", query=expression)[1])
        assert answer["status"] == "success", (expression, answer)
        assert answer["data"]["resultType"] == "vector", (expression, answer)
        return [(row["metric"], float(row["value"][1])) for row in answer["data"]["result"]]

    def firing(self, **labels):
        """The labels of every alert that fires and has these labels."""
        alerts = json.loads(self.get("/api/v1/alerts")[1])["data"]["alerts"]
        return [alert["labels"] for alert in alerts
                if alert["state"] == "firing" and labels.items() <= alert["labels"].items()]


def routed(group_by="['...']", group_wait="0s", resolve_timeout="5m"):
    """Tells the receiver, by default of each alert on its own and at once."""
    return (f"global: {{resolve_timeout: {resolve_timeout}}}\n"
            f"route: {{receiver: test, group_by: {group_by}, group_wait: {group_wait}, group_interval: 1s,"
            " repeat_interval: 1h}\n"
            f"receivers: [{{name: test, webhook_configs: [{{url: 'http://127.0.0.1:{RECEIVER_PORT}/'}}]}}]\n")


class Alertmanager(Server):

    # Debian's reads a template below /usr/share, which is not there where the package is only unpacked. So it gets
    # the /usr/share of its own prefix, in a mount namespace of its own.
    SEE_OWN_SHARE = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /usr/share && exec "$@"')

    def __init__(self, net, folder, text=None):
        program = pathlib.Path(shutil.which("prometheus-alertmanager"))
        config = folder / "alertmanager.yml"
        config.write_text(text or routed() + inhibit_rules())
        super().__init__(net, ALERTMANAGER_PORT, *self.SEE_OWN_SHARE, program.parents[1] / "share", program,
                         f"--config.file={config}", f"--storage.path={folder / 'alertmanager'}",
                         "--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{ALERTMANAGER_PORT}",
                         "--log.level=error")

    def active(self, **labels):
        """Every alert that fires and has these labels."""
        alerts = json.loads(self.get("/api/v2/alerts")[1])
        return [alert for alert in alerts if labels.items() <= alert["labels"].items()]

    def inhibited(self, **labels):
        """The labels of those that another one keeps quiet."""
        return [alert["labels"] for alert in self.active(**labels) if alert["status"]["inhibitedBy"]]


class Receiver:
    """A webhook; `notifications` are all that it was told, oldest first, each as Alertmanager wrote it."""

    def __init__(self, net):
        self.notifications = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802, the base class calls it so
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.notifications.append(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        with net:
            self.server = http.server.ThreadingHTTPServer(("127.0.0.1", RECEIVER_PORT), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def alerts(self):
        return [alert for notification in list(self.notifications) for alert in notification["alerts"]]

    def groups(self):
        """The alerts of each notification."""
        return [notification["alerts"] for notification in list(self.notifications)]

    def told(self, status, **labels):
        return [alert for alert in self.alerts
                if alert["status"] == status and labels.items() <= alert["labels"].items()]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class StackTest(harness.LiveTest):
    def serve(self, kind, *arguments, **more):
        server = kind(self.net, *arguments, **more)
        self.addCleanup(server.stop)
        return server

    def start_stack(self):
        """All of it, and the daemon last: it learns what the others have open."""
        self.receiver = self.serve(Receiver)
        self.alertmanager = self.serve(Alertmanager, self.folder)
        self.prometheus = self.serve(Prometheus, self.folder)
        for server in (self.alertmanager, self.prometheus):
            harness.wait_until(server.is_ready, f"{type(server).__name__} is ready", seconds=20)
        self.daemon = self.start()
        harness.wait_until(lambda: self.prometheus.query('up{job="sockwatch"} == 1'), "a scrape", seconds=10)


def main():
    needed = ("prometheus", "prometheus-alertmanager", "amtool")
    missing = [program for program in needed if not shutil.which(program)]
    if missing and os.geteuid() == 0:
        print(f"needs {' and '.join(missing)}")
        sys.exit(77)
    harness.main()
