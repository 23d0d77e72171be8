#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""As installed the service may open no connection, and says so; with the drop-in what waited is told."""
import http.server
import json
import threading

import machine as m

SETTINGS = '[[alerts.webhook]]\nurl = "http://127.0.0.1:9095/"\ntimeout = "1s"\n'
POLICY = '[[rule]]\nname = "receiver"\naction = "ignore"\nport = 9095\n'
told = []


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):  # noqa: N802, the base class calls it so
        told.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def case():
    threading.Thread(target=http.server.HTTPServer(("127.0.0.1", 9095), Receiver).serve_forever, daemon=True).start()
    m.install(settings=SETTINGS, policy=POLICY)
    m.wait_active()
    m.contains(m.log_of_daemon(), "webhooks: this service may open no sockets (RestrictAddressFamilies=)")
    m.start(m.make_service())
    alert = m.wait_alert(port=4444, seconds=5)
    why = "alerts wait for webhook http://127.0.0.1:9095/: this service may open no such socket"
    m.wait_until(lambda: why in m.log_of_daemon(), "the outage is said")
    m.equal(told, [])

    m.drop_in("webhook")
    m.equal(m.sh("systemd-analyze verify --man=no sockwatch.service sockwatch.socket"), "")
    posted = m.wait_until(lambda: [each for each in told if each.get("port") == 4444], "the webhook is told")
    m.equal(posted[0]["message"], alert["MESSAGE"])
    m.contains(m.sh("systemctl show -P RestrictAddressFamilies sockwatch.service"), "AF_INET", "AF_NETLINK")


m.run(case)
