#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Alerts over HTTP to receivers that are away, slow, full of errors, or not who they say they are. Whatever they do, the
daemon goes on and nothing is lost."""
import contextlib
import http.server
import json
import os
import ssl
import subprocess
import threading

import harness

PORT = 9095


class Receiver:
    """Answers with `status`; `bodies` are what it took with a 200, `headers` those of every request."""

    def __init__(self, net, certificate=None, status=200):
        self.status = status
        self.bodies = []
        self.headers = []
        self.let_go = threading.Event()
        self.let_go.set()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802, the base class calls it so
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.headers.append(dict(self.headers))
                receiver.let_go.wait()
                if receiver.status == 200:
                    receiver.bodies.append(json.loads(body))
                with contextlib.suppress(OSError):
                    self.send_response(receiver.status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_):
                pass

        with net:
            self.server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.crt, certificate.key)
            if certificate.clients:
                context.load_verify_locations(certificate.clients)
                context.verify_mode = ssl.CERT_REQUIRED
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.server.handle_error = lambda *_: None  # a client that does not trust us
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def alerts(self):
        """But for the baseline, which depends on what a test opened first."""
        told = [alert for body in list(self.bodies) for alert in body["alerts"]]
        return [alert for alert in told if alert["event"] != "baseline-learned"]

    def stop(self):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


class Certificate:
    """Signed by itself."""

    def __init__(self, folder, name, *, host="127.0.0.1", clients=None):
        self.crt, self.key, self.clients = folder / f"{name}.crt", folder / f"{name}.key", clients
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.key, "-out", self.crt, "-days", "2", "-subj", "/CN=test",
                        "-addext", f"subjectAltName=IP:{host}"], check=True, capture_output=True)


class Webhooks(harness.LiveTest):
    def setUp(self):
        super().setUp()
        self.write_policy(f'[[rule]]\nname = "receiver"\naction = "ignore"\nport = {PORT}\n')

    def receive(self, **options):
        receiver = Receiver(self.net, **options)
        self.addCleanup(receiver.stop)
        return receiver

    def use(self, scheme="http", **keys):
        text = f'[[alerts.webhook]]\nurl = "{scheme}://127.0.0.1:{PORT}/hook"\n'
        self.write_settings(text + "".join(f"{key} = {json.dumps(str(value))}\n" for key, value in keys.items()))

    def wait_taken(self, receiver, port, seconds=10):
        return harness.wait_until(lambda: [a for a in receiver.alerts if a.get("port") == port],
                                  f"port {port} is told", seconds=seconds)[0]

    def wait_log(self, daemon, text, seconds=10):
        return harness.wait_until(lambda: [line for line in daemon.log if text in line], text, seconds=seconds)

    def errors(self, daemon):
        return daemon.metrics().value("sockwatch_alert_sink_errors_total", sink="webhook")

    def test_an_alert_is_posted_as_everywhere_else(self):
        receiver = self.receive()
        self.use()
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        alert = self.wait_taken(receiver, 4444)
        told = daemon.wait_alert(port=4444)
        self.assertEqual(alert, {key: value for key, value in told.items() if key != "heard"})
        self.assertEqual(receiver.bodies[0]["schema"], 1)
        self.assertEqual(receiver.bodies[0]["hostname"], os.uname().nodename)
        self.assertEqual(receiver.headers[0]["Content-Type"], "application/json")
        self.assertTrue(receiver.headers[0]["User-Agent"].startswith("sockwatch/"))
        self.assertEqual(self.errors(daemon), 0)

    def test_a_receiver_that_is_away_gets_everything_later_in_order(self):
        self.use()
        daemon = self.start()
        for port in range(4450, 4460):
            self.open_socket("tcp", "0.0.0.0", port)
            daemon.wait_alert(port=port)
        self.wait_log(daemon, "cannot connect: Connection refused")
        harness.wait_until(lambda: daemon.metrics().value("sockwatch_alerts_waiting", sink="webhook") >= 10,
                           "all of them wait")
        self.assertEqual(self.errors(daemon), 1)
        receiver = self.receive()
        self.wait_log(daemon, "takes alerts again", seconds=30)
        harness.wait_until(lambda: len(receiver.alerts) == 10, "all are there")
        self.assertEqual([alert["port"] for alert in receiver.alerts], list(range(4450, 4460)))
        harness.wait_until(lambda: daemon.metrics().value("sockwatch_alerts_waiting") == 0, "nothing waits")

    def test_what_waits_survives_a_stop_and_a_kill(self):
        self.use()
        for port, end in ((4444, self.stop_in_order), (4445, self.kill)):
            daemon = self.start()
            self.open_socket("tcp", "0.0.0.0", port)
            daemon.wait_alert(port=port)
            daemon.wait_polls(2)
            end(daemon)
        receiver = self.receive()
        self.start()
        self.wait_taken(receiver, 4444)
        self.wait_taken(receiver, 4445)
        self.assertEqual([alert["port"] for alert in receiver.alerts], [4444, 4445])

    def test_a_receiver_that_is_added_later_hears_of_what_still_stands(self):
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        daemon.wait_alert(port=4444)
        self.stop_in_order(daemon)
        receiver = self.receive()
        self.write_settings(f'[[alerts.webhook]]\nurl = "http://127.0.0.1:{PORT}/api/v2/alerts"\n')
        self.start()
        told = harness.wait_until(lambda: [alert for body in list(receiver.bodies) for alert in body], "it hears")
        self.assertEqual({alert["labels"].get("port") for alert in told} - {None}, {"4444"})

    def stop_in_order(self, daemon):
        self.assertEqual(daemon.stop(), 0)

    def kill(self, daemon):
        daemon.process.kill()
        daemon.wait_exit()

    def test_a_receiver_that_hangs_holds_up_nothing(self):
        receiver = self.receive()
        receiver.let_go.clear()
        self.use(timeout="500ms")
        daemon = self.start()
        for port in (4444, 4445, 4446):
            self.open_socket("tcp", "0.0.0.0", port)
            daemon.wait_alert(port=port)
            daemon.wait_polls(2)
        self.wait_log(daemon, "no answer within 500ms")
        receiver.let_go.set()
        self.wait_taken(receiver, 4446, seconds=30)

    def test_a_receiver_that_hangs_does_not_hold_up_the_end(self):
        receiver = self.receive()
        receiver.let_go.clear()
        self.use(timeout="1m")
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        harness.wait_until(lambda: receiver.headers, "the alert is under way")
        self.assertEqual(daemon.stop(), 0)
        receiver.let_go.set()
        self.start()
        harness.wait_until(lambda: [a for a in receiver.alerts if a["port"] == 4444], "the next run tells it")

    def test_errors_of_the_receiver_and_refusals_are_tried_again(self):
        receiver = self.receive(status=500)
        self.use()
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        self.wait_log(daemon, "answered 500")
        receiver.status = 200
        self.wait_taken(receiver, 4444)
        receiver.status = 400
        self.open_socket("tcp", "0.0.0.0", 4445)
        self.wait_log(daemon, "webhook http://127.0.0.1:9095/hook refuses an alert, which waits: answered 400")
        receiver.status = 200
        self.open_socket("tcp", "0.0.0.0", 4446)
        self.wait_taken(receiver, 4446)
        self.wait_taken(receiver, 4445)
        harness.wait_until(lambda: self.errors(daemon) == 2, "both are counted on the page")

    def test_secrets_are_sent_and_may_change(self):
        secret = self.folder / "secret"
        secret.write_text("first\n")
        receiver = self.receive()
        self.use(bearer_token_file=secret)
        self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        self.wait_taken(receiver, 4444)
        secret.write_text("second\n")
        self.open_socket("tcp", "0.0.0.0", 4445)
        self.wait_taken(receiver, 4445)
        sent = [headers["Authorization"] for headers in receiver.headers]
        self.assertEqual((sent[0], sent[-1]), ("Bearer first", "Bearer second"))

    def test_a_file_that_is_not_there_is_a_mistake_in_the_configuration(self):
        self.use(bearer_token_file="/nowhere/token")
        done = self.run_program(harness.SOCKWATCHD, *self.arguments("--check-config"))
        self.assertEqual(done.returncode, 78)
        self.assertIn("50-test.toml:1: /nowhere/token: cannot be read: No such file or directory", done.stderr)

    def test_a_receiver_that_is_trusted_by_its_ca_file_and_trusts_our_certificate(self):
        ours = Certificate(self.folder, "ours")
        theirs = Certificate(self.folder, "theirs", clients=ours.crt)
        receiver = self.receive(certificate=theirs)
        self.use("https", ca_file=theirs.crt, cert_file=ours.crt, key_file=ours.key)
        self.start()
        self.open_socket("tcp", "0.0.0.0", 4444)
        self.wait_taken(receiver, 4444)

    def test_a_receiver_that_cannot_prove_who_it_is_gets_nothing(self):
        theirs = Certificate(self.folder, "theirs")
        other = Certificate(self.folder, "other")
        elsewhere = Certificate(self.folder, "elsewhere", host="10.9.9.9")
        for name, certificate, keys, complaint in (
                ("unknown", theirs, {}, "self-signed certificate"),
                ("another's", theirs, {"ca_file": other.crt}, "certificate"),
                ("of another host", elsewhere, {"ca_file": elsewhere.crt}, "127.0.0.1")):
            with self.subTest(certificate=name):
                receiver = self.receive(certificate=certificate)
                self.use("https", **keys)
                daemon = self.start()
                opened = self.open_socket("tcp", "0.0.0.0", 4444)
                [line, *_] = self.wait_log(daemon, "alerts wait for webhook https://127.0.0.1:9095/hook")
                self.assertIn(complaint, line)
                self.assertEqual(receiver.headers, [])
                self.assertEqual(daemon.stop(), 0)
                (self.state / "alerts.queue").unlink()
                (self.state / "state.json").unlink()
                opened.close()
                receiver.stop()


if __name__ == "__main__":
    harness.main()
