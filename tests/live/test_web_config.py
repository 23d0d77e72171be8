#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""TLS, client certificates and passwords by --web.config.file, on the running daemon."""
import socket
import ssl

import certificates
import harness
import web_client

# bcrypt, cost 10.
HASHES = {
    "wonderland": "$2y$10$aRaMtssXYa7FHMfbSHPzkOmS4zP24sXyPSoct8Y5JUeUlYg11quYW",
    "builder": "$2y$10$bSbMtssXYa7FHMfbSHPzkOFnk7xuC.Uz2gUDLfo/jLvsmzd7VTQBG",
}
TLS = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n"


def users_file(**users):
    return "basic_auth_users:\n" + "".join(f"  {user}: {HASHES[password]}\n" for user, password in users.items())


class WebConfig(harness.LiveTest):
    def setUp(self):
        super().setUp()
        self.authority = certificates.Authority(self.folder)
        self.authority.sign("server")

    def serve(self, text, *more, ready=None, **launch):
        """A daemon with this web configuration that answers a client which may ask."""
        (self.folder / "web.yml").write_text(text)
        daemon = self.launch("--web.config.file", str(self.folder / "web.yml"), *more, **launch)
        harness.wait_until(lambda: daemon.process.poll() is not None or web_client.answers(self.net, **(ready or {})),
                           "the daemon answers", seconds=10)
        return daemon

    def client(self, name=None, **versions):
        """Trusts our authority, and shows the certificate of this name."""
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        if name:
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        for attribute, value in versions.items():
            setattr(context, attribute, value)
        return context

    def refused(self, **how):
        """True where a connection comes to no answer; a TLS 1.3 client hears of it only when it reads."""
        try:
            web_client.ask(self.net, **how)
        except OSError:
            return True
        return False

    def test_pages_come_over_tls_and_only_so(self):
        self.serve(TLS, ready={"tls": self.client()})
        answer = web_client.ask(self.net, "/metrics", tls=self.client(), headers={"Accept-Encoding": "gzip"})
        self.assertEqual((answer.status, answer.headers["Content-Encoding"]), (200, "gzip"))
        self.assertTrue(self.refused(), "plain HTTP")
        self.assertTrue(self.refused(tls=ssl.create_default_context()), "a client that trusts others")
        with web_client.connect(self.net, tls=self.client()) as connection:
            self.assertEqual(connection.version(), "TLSv1.3")

    def test_versions_and_suites_are_those_of_the_file(self):
        suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
        twelve = self.client(maximum_version=ssl.TLSVersion.TLSv1_2)
        self.serve(TLS + f"  max_version: TLS12\n  cipher_suites: [{suite}]\n",
                   ready={"tls": twelve})
        with web_client.connect(self.net, tls=self.client()) as connection:
            self.assertEqual(connection.cipher()[:2], ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2"))
        other = self.client(maximum_version=ssl.TLSVersion.TLSv1_2)
        other.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        self.assertTrue(self.refused(tls=other))
        self.assertTrue(self.refused(tls=self.client(minimum_version=ssl.TLSVersion.TLSv1_3)))

    def test_curves_are_those_of_the_file(self):
        self.serve(TLS + "  curve_preferences: [CurveP384]\n", ready={"tls": self.client()})
        other = self.client()
        other.set_ecdh_curve("prime256v1")
        self.assertTrue(self.refused(tls=other))

    def test_a_suite_that_is_not_in_the_list_is_refused_though_tls13_needs_its_cipher(self):
        self.serve(TLS + "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n", ready={"tls": self.client()})
        other = self.client(maximum_version=ssl.TLSVersion.TLSv1_2)
        for cipher, refused in (("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-ECDSA-AES256-GCM-SHA384", False)):
            other.set_ciphers(cipher)
            self.assertEqual(self.refused(tls=other), refused, cipher)

    def test_only_clients_with_a_certificate_of_the_authority_are_served(self):
        self.authority.sign("friend", alt_names="DNS:prometheus.example,IP:10.0.0.9")
        self.authority.sign("impostor", alt_names="DNS:else.example")
        self.authority.sign("server_only", alt_names="DNS:prometheus.example", purpose="serverAuth")
        certificates.Authority(self.folder, "foreign").sign("stranger", alt_names="DNS:prometheus.example")
        strict = TLS + "  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n"
        self.serve(strict, ready={"tls": self.client("friend")})
        self.assertFalse(self.refused(tls=self.client("impostor")), "any name will do")
        for name in (None, "stranger", "server_only"):
            with self.subTest(name=name):
                self.assertTrue(self.refused(tls=self.client(name)))

        for names in ("prometheus.example", "10.0.0.9"):
            (self.folder / "web.yml").write_text(strict + f"  client_allowed_sans: [other.example, {names}]\n")
            harness.wait_until(lambda: self.refused(tls=self.client("impostor")), "names count now")
            self.assertFalse(self.refused(tls=self.client("friend")), names)

    def test_a_client_certificate_may_be_asked_for_in_milder_ways(self):
        self.authority.sign("friend")
        certificates.Authority(self.folder, "foreign").sign("stranger")
        cases = {  # which of no certificate, a stranger's and a friend's are refused
            "RequestClientCert": (False, False, False),
            "RequireAnyClientCert": (True, False, False),
            "VerifyClientCertIfGiven": (False, True, False),
        }
        for kind, expected in cases.items():
            with self.subTest(kind=kind):
                authorities = "  client_ca_file: ca.pem\n" if kind.startswith("Verify") else ""
                daemon = self.serve(f"{TLS}{authorities}  client_auth_type: {kind}\n",
                                    ready={"tls": self.client("friend")})
                self.assertEqual(tuple(self.refused(tls=self.client(name)) for name in (None, "stranger", "friend")),
                                 expected)
                daemon.stop()

    def test_a_renewed_certificate_is_shown_to_the_next_client(self):
        self.serve(TLS, ready={"tls": self.client()})

        def shown():
            with web_client.connect(self.net, tls=self.client()) as connection:
                return connection.getpeercert()["serialNumber"]

        before = shown()
        with web_client.connect(self.net, tls=self.client()) as old:
            self.authority.sign("server")
            harness.wait_until(lambda: shown() != before, "the new certificate")
            old.sendall(b"GET /-/ready HTTP/1.0\r\n\r\n")
            self.assertIn(b" 200 ", old.recv(100), "who came before is served as before")

    def test_passwords_are_asked_for_on_every_path(self):
        users = users_file(alice="wonderland")
        self.serve(users, ready={"user": "alice", "password": "wonderland"})
        for path in ("/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/status", "/none"):
            with self.subTest(path=path):
                answer = web_client.ask(self.net, path)
                self.assertEqual((answer.status, answer.headers["WWW-Authenticate"]), (401, "Basic"))
        for user, password in (("alice", "x"), ("bob", "wonderland"), ("alice", ""), ("", "")):
            self.assertEqual(web_client.ask(self.net, user=user, password=password).status, 401, (user, password))

        (self.folder / "web.yml").write_text(users_file(bob="builder"))
        harness.wait_until(lambda: web_client.answers(self.net, user="bob", password="builder"), "a new user")
        self.assertEqual(web_client.ask(self.net, user="alice", password="wonderland").status, 401)

    def test_a_mistake_in_a_running_daemon_changes_nothing_and_is_told(self):
        users = users_file(alice="wonderland")
        alice = {"user": "alice", "password": "wonderland"}
        daemon = self.serve(users, ready=alice)
        (self.folder / "web.yml").write_text("basic_auth_users:\n  alice: plain\n")
        complaint = "web.yml:2:10: this user has no bcrypt hash"

        def told():
            self.assertTrue(web_client.answers(self.net, **alice))
            return any(complaint in line for line in daemon.log)

        harness.wait_until(told, "the mistake is in the log")
        daemon.reload()
        harness.wait_until(lambda: any("not reloaded" in line for line in daemon.log), "the reload fails as well")
        harness.wait_until(lambda: "sockwatch_config_last_reload_successful 0" in
                           web_client.ask(self.net, "/metrics", **alice).body.decode(), "the page says so")

    def test_a_bad_file_stops_the_start_and_the_check(self):
        (self.folder / "web.yml").write_text("tls_server_config:\n  cert_file: server.pem\n  key_file: ca.key\n")
        web = ("--web.config.file", str(self.folder / "web.yml"))
        for mode in ((), ("--check-config",)):
            with self.subTest(mode=mode):
                done = self.run_program(harness.SOCKWATCHD, *self.arguments(*web, *mode))
                self.assertEqual(done.returncode, 78)
                self.assertIn("web.yml:2:3: cert_file ", done.stderr)
                self.assertIn("does not fit the key", done.stderr)
        done = self.run_program(harness.SOCKWATCHD, *self.arguments("--web.config.file", "/nonexistent"))
        self.assertEqual((done.returncode, done.stderr.count("\n")), (78, 1), done.stderr)

    def test_the_file_may_be_named_in_the_settings(self):
        (self.folder / "web.yml").write_text("http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n")
        settings = harness.CONFIG | {"metrics": {"web_config_file": str(self.folder / "web.yml")}}
        self.config.write_text(harness.toml_of(settings))
        self.start()
        self.assertEqual(web_client.ask(self.net).headers["X-Frame-Options"], "sameorigin")

    def test_inherited_tcp_sockets_are_guarded_and_unix_sockets_are_not(self):
        path = str(self.folder / "api.sock")
        with self.net, socket.create_server(("::1", 0), family=socket.AF_INET6) as six, \
                socket.socket(socket.AF_UNIX) as local:
            local.bind(path)
            local.listen()
            at = six.getsockname()[:2]
            self.serve(TLS, sockets=[six, local], ready={"at": path})
        self.assertTrue(web_client.answers(self.net, at=at, tls=self.client()))
        self.assertTrue(self.refused(at=at))

    def test_a_handshake_that_never_comes_keeps_nobody_out(self):
        self.serve(TLS, ready={"tls": self.client()})
        silent = [web_client.connect(self.net) for _ in range(300)]
        try:
            self.assertTrue(web_client.answers(self.net, tls=self.client()))
        finally:
            for connection in silent:
                connection.close()


if __name__ == "__main__":
    harness.main()
