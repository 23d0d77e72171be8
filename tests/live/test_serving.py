#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""How the pages are served: to clients that stall, that come in crowds, that ask for gzip."""
import concurrent.futures
import contextlib
import gzip
import socket

import harness
import web_client

SECURITY_HEADERS = {"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
                    "Cache-Control"}


class Serving(harness.LiveTest):
    def test_half_sent_requests_do_not_keep_a_scrape_out(self):
        daemon = self.start()
        for crowd in (200, 400):  # fewer and more than there are connections
            with self.subTest(crowd=crowd), contextlib.ExitStack() as stalled:
                for _ in range(crowd):
                    connection = stalled.enter_context(web_client.connect(self.net))
                    connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                self.assertEqual(daemon.request("/metrics")[0], 200)

    def test_a_client_that_drips_is_hung_up_on(self):
        daemon = self.start()
        with web_client.connect(self.net) as dripping:
            dripping.sendall(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
            dripping.settimeout(0.5)

            def hung_up():
                with contextlib.suppress(TimeoutError):
                    try:
                        dripping.sendall(b"x")
                        return dripping.recv(1) == b""
                    except ConnectionError:
                        return True
                return False

            harness.wait_until(hung_up, "a request that never ends is given up", seconds=30)

    def test_a_hundred_scrapes_at_once_are_all_answered(self):
        daemon = self.start()
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(lambda _: daemon.request("/metrics"), range(100)))
        self.assertEqual({status for status, _ in answers}, {200})

    def test_a_large_page_comes_compressed_to_who_asks(self):
        self.start()
        asking = {"Accept-Encoding": "gzip;q=0.8, *;q=0.1"}
        plain = web_client.ask(self.net, "/metrics", headers={"Accept-Encoding": "identity"})
        zipped = web_client.ask(self.net, "/metrics", headers=asking)
        self.assertEqual((plain.headers["Content-Encoding"], zipped.headers["Content-Encoding"]), (None, "gzip"))
        self.assertEqual(plain.headers["Vary"], "Accept-Encoding")
        self.assertIn(b"sockwatch_build_info", gzip.decompress(zipped.body))
        self.assertLess(len(zipped.body), len(plain.body) / 3)
        self.assertIsNone(web_client.ask(self.net, headers=asking).headers["Content-Encoding"], "too small")

    def test_every_answer_has_the_security_headers(self):
        self.start()
        for path, method in (("/", "GET"), ("/metrics", "HEAD"), ("/none", "GET"), ("/", "POST")):
            with self.subTest(path=path, method=method):
                answer = web_client.ask(self.net, path, method)
                self.assertEqual(SECURITY_HEADERS - set(answer.headers), set())
                self.assertEqual(answer.headers["Allow"], "GET, HEAD" if method == "POST" else None)

    def test_sockets_that_were_handed_over_are_served_ipv6_and_unix_too(self):
        path = str(self.folder / "api.sock")
        with self.net, socket.create_server(("::1", 0), family=socket.AF_INET6) as six, \
                socket.socket(socket.AF_UNIX) as local:
            local.bind(path)
            local.listen()
            six_at = six.getsockname()[:2]
            self.launch(sockets=[six, local])
        harness.wait_until(lambda: web_client.answers(self.net, at=path), "the unix socket answers", seconds=10)
        self.assertTrue(web_client.answers(self.net, at=six_at))
        with self.assertRaises(OSError, msg="nothing else is opened"):
            web_client.ask(self.net)


if __name__ == "__main__":
    harness.main()
