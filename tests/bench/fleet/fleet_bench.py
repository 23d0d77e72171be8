#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What a host of a fleet costs its Prometheus: series with each of the three examples, bytes a sample on disk, and
memory a series. Twenty hosts with 20 listeners and some connections each, scraped by a real Prometheus. Prints markdown
tables; docs/fleet.md computes from them.

    SOCKWATCHD=… fleet_bench.py [--seconds 300] [--names 25]
"""
import argparse
import json
import pathlib
import shutil
import socket
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "prometheus"))
import fleet  # noqa: E402
import stack  # noqa: E402
from stack import harness  # noqa: E402

HOSTS = 20
LISTENERS = [("tcp", "0.0.0.0", port) for port in (22, 25, 53, 80, 111, 443, 2049, 3306, 5432, 6379, 8080, 9100)] + \
            [("tcp", "127.0.0.1", port) for port in (631, 5433, 8125, 11211)] + \
            [("udp", "0.0.0.0", port) for port in (53, 123, 514, 0)]
CLIENTS = {22: 2, 80: 10, 443: 20, 5432: 8, 9100: 1}
options = argparse.Namespace()


def resident(process):
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


class FleetBench(fleet.FleetTest):
    def make_busy(self, host):
        listening = {port: self.open_socket(protocol, address, port, net=host.net)
                     for protocol, address, port in LISTENERS}
        for port, count in CLIENTS.items():
            for _ in range(count):
                with host.net:
                    client = socket.create_connection(("127.0.0.1", port))
                self.addCleanup(client.close)
                self.addCleanup(listening[port].accept()[0].close)

    def value(self, prometheus, expression):
        [(_, value)] = harness.wait_until(lambda: prometheus.query(expression), expression, seconds=60)
        return value

    def scraped(self, example, targets, *more):
        """A Prometheus with nothing but what it has scraped, twice at least, from each target."""
        shutil.rmtree(self.folder / f"tsdb-{stack.PROMETHEUS_PORT}", ignore_errors=True)
        (self.folder / "targets/fleet.yml").write_text(json.dumps(targets))
        prometheus = self.serve(stack.Prometheus, self.folder, fleet.EXAMPLES / example, *more)
        harness.wait_until(prometheus.is_ready, "Prometheus is ready", seconds=20)
        harness.wait_until(lambda: prometheus.query("count(count_over_time(up[1h]) > 1)") == [({}, len(targets))]
                           if targets else True, "every host is scraped", seconds=120)
        return prometheus

    def test_cost(self):
        for number in range(HOSTS):
            self.make_busy(self.add_host(f"host-{number:02}", "web"))
        targets = [self.start_daemon(host) for host in self.hosts]
        self.series(targets)
        self.disk(targets)
        self.memory(targets)

    def series(self, targets):
        print("\n| example | series a host |\n|---|---|")
        for example in ("prometheus.yml", "prometheus-lean.yml", "prometheus-shard.yml"):
            prometheus = self.scraped(example, targets)
            # Prometheus adds five of its own to each host.
            found = self.value(prometheus, "avg(scrape_samples_post_metric_relabeling) + 5")
            print(f"| `{example}` | {found:.0f} |", flush=True)
            prometheus.stop()

    def disk(self, targets):
        prometheus = self.scraped("prometheus.yml", targets, "--web.enable-admin-api")
        time.sleep(options.seconds)
        with self.net:
            request = urllib.request.Request(f"http://127.0.0.1:{prometheus.port}/api/v1/admin/tsdb/snapshot",
                                             method="POST")
            name = json.load(urllib.request.urlopen(request))["data"]["name"]
        [block] = (self.folder / f"tsdb-{prometheus.port}/snapshots" / name).iterdir()
        stats = json.loads((block / "meta.json").read_text())["stats"]
        sizes = {part: sum(file.stat().st_size for file in block.glob(part)) for part in ("chunks/*", "index")}
        prometheus.stop()
        print(f"\n{stats['numSamples']} samples in {stats['numChunks']} chunks of {stats['numSeries']} series\n")
        print("| on disk | bytes a sample |\n|---|---|")
        print(f"| chunks | {sizes['chunks/*'] / stats['numSamples']:.2f} |")
        print(f"| with the index | {sum(sizes.values()) / stats['numSamples']:.2f} |", flush=True)

    def memory(self, targets):
        """Each host under several names, so that Prometheus' own memory is the smaller part."""
        idle = self.scraped("prometheus.yml", [])
        alone = resident(idle.process)
        idle.stop()
        many = [target | {"labels": target["labels"] | {"instance": f"{target['labels']['instance']}-{number}"}}
                for target in targets for number in range(options.names)]
        prometheus = self.scraped("prometheus.yml", many)
        time.sleep(min(options.seconds, 60))
        count = json.loads(prometheus.get("/api/v1/status/tsdb")[1])["data"]["headStats"]["numSeries"]
        print(f"\n| Prometheus' memory | |\n|---|---|\n| without hosts | {alone / 2**20:.0f} MiB |")
        print(f"| {count} series | {resident(prometheus.process) / 2**20:.0f} MiB |")
        print(f"| a series | {(resident(prometheus.process) - alone) / count / 1024:.1f} KiB |", flush=True)
        prometheus.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="how long to scrape, once a second")
    parser.add_argument("--names", type=int, default=25, help="under how many names each host is scraped at the end")
    parser.parse_args(namespace=options)
    sys.argv[1:] = []
    stack.main()
