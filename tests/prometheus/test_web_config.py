#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Is a web configuration good? promtool and sockwatchd give the same verdict, or the table says why they do not."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/live"))
import certificates  # noqa: E402

SOCKWATCHD = os.environ.get("SOCKWATCHD", "sockwatchd")
HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
TLS = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n"
HEADERS = "http_server_config:\n  headers:\n"

GOOD = {
    "empty": "",
    "only a comment": "# nothing\n",
    "sections without lines": "tls_server_config:\nhttp_server_config:\nbasic_auth_users:\n",
    "choices without a certificate": "tls_server_config:\n  min_version: TLS13\n",
    "tls": TLS,
    "quoted": 'tls_server_config: {cert_file: "server.pem", "key_file": \'server.key\'}\n',
    "versions": TLS + "  min_version: TLS10\n  max_version: TLS13\n",
    "suites": TLS + "  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n  - TLS_RSA_WITH_AES_256_CBC_SHA\n",
    "suite of 1.3": TLS + "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n",
    "no suites": TLS + "  cipher_suites: []\n",
    "curves": TLS + "  curve_preferences: [X25519, CurveP256, CurveP384, CurveP521]\n",
    "preference": TLS + "  prefer_server_cipher_suites: no\n",
    "old name": TLS + "  client_auth_type: RequireClientCert\n",
    "no client certificate": TLS + "  client_auth_type: NoClientCert\n",
    "client certificates": TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n",
    "http2": "http_server_config:\n  http2: off\n",
    "headers": HEADERS + "    X-Frame-Options: deny\n    X-Content-Type-Options: nosniff\n    X-XSS-Protection: 0\n"
                         "    Strict-Transport-Security: max-age=5\n    Content-Security-Policy: default-src 'self'\n",
    "users": f"basic_auth_users:\n  alice: {HASH}\n  'b o b': \"{HASH}\"\n",
    "an anchor": f"basic_auth_users:\n  alice: &hash {HASH}\n  bob: *hash\n",
}
BAD = {
    "unknown section": "tls_config:\n",
    "unknown key": TLS + "  certfile: x\n",
    "unknown key of http": "http_server_config:\n  http3: true\n",
    "twice": TLS + "  key_file: server.key\n",
    "a list": "- tls_server_config\n",
    "a text": "tls_server_config\n",
    "bad yaml": "tls_server_config: {\n",
    "open quote": "basic_auth_users:\n  alice: 'x\n",
    "tab": "tls_server_config:\n\tcert_file: x\n",
    "no certificate": "tls_server_config:\n  key_file: server.key\n",
    "no key": "tls_server_config:\n  cert_file: server.pem\n",
    "only client settings": "tls_server_config:\n  client_auth_type: RequestClientCert\n",
    "missing file": "tls_server_config:\n  cert_file: none.pem\n  key_file: server.key\n",
    "exchanged": "tls_server_config:\n  cert_file: server.key\n  key_file: server.pem\n",
    "key of another": "tls_server_config:\n  cert_file: server.pem\n  key_file: ca.key\n",
    "missing authority": TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: none.pem\n",
    "authority for nothing": TLS + "  client_ca_file: ca.pem\n",
    "unknown client auth": TLS + "  client_auth_type: Verify\n",
    "unknown version": TLS + "  min_version: TLSv1.2\n",
    "unknown suite": TLS + "  cipher_suites: [TLS_ECDHE_MAGIC]\n",
    "one suite": TLS + "  cipher_suites: TLS_AES_128_GCM_SHA256\n",
    "unknown curve": TLS + "  curve_preferences: [P256]\n",
    "no boolean": TLS + "  prefer_server_cipher_suites: maybe\n",
    "quoted boolean": 'http_server_config:\n  http2: "true"\n',
    "header of another name": HEADERS + "    Server: mine\n",
    "header of another case": HEADERS + "    x-frame-options: deny\n",
    "frame option": HEADERS + "    X-Frame-Options: allow\n",
    "type option": HEADERS + "    X-Content-Type-Options: sniff\n",
    "plain password": "basic_auth_users:\n  alice: secret\n",
    "no password": "basic_auth_users:\n  alice:\n",
    "other hash": "basic_auth_users:\n  alice: $6$salt$0123456789012345678901234567890123456789012345678901234567\n",
    "cost of 3": f"basic_auth_users:\n  alice: {HASH.replace('$10$', '$03$')}\n",
    "users as a list": "basic_auth_users:\n- alice\n",
}
# What sockwatchd refuses and the toolkit takes: each would not do what it says.
STRICTER = {
    "versions exchanged": TLS + "  min_version: TLS13\n  max_version: TLS12\n",
    "public authorities": TLS + "  client_auth_type: RequireAndVerifyClientCert\n",
    "no authority in it": TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.key\n",
    "a cost of hours": f"basic_auth_users:\n  alice: {HASH.replace('$10$', '$31$')}\n",
    "a name that none can say": f"basic_auth_users:\n  'a:b': {HASH}\n",
    "second document": TLS + "---\n" + TLS,
}


class WebConfig(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.promtool = shutil.which("promtool", path=f"{os.environ['PATH']}:{REPOSITORY}/build/tools/usr/bin")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "sockwatch.toml").write_text("")
        certificates.Authority(cls.folder).sign("server")

    def verdict(self, *command):
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        self.assertIn(done.returncode, (0, 1, 78), done.stderr)
        return done.returncode == 0, done.stdout + done.stderr

    def check(self, table, *, ours, theirs):
        for name, text in table.items():
            with self.subTest(name=name):
                (self.folder / "web.yml").write_text(text)
                said, words = self.verdict(SOCKWATCHD, "--config", "sockwatch.toml", "--check-config",
                                           "--web.config.file", "web.yml")
                self.assertEqual(said, ours, words)
                if not ours:
                    self.assertRegex(words, r"\Aweb\.yml:\d+:\d+: .")
                self.assertEqual(self.verdict(self.promtool, "check", "web-config", "web.yml")[0], theirs)

    def test_good_files(self):
        self.check(GOOD, ours=True, theirs=True)

    def test_bad_files(self):
        self.check(BAD, ours=False, theirs=False)

    def test_files_that_only_we_refuse(self):
        self.check(STRICTER, ours=False, theirs=True)


if __name__ == "__main__":
    if not shutil.which("promtool", path=f"{os.environ['PATH']}:{REPOSITORY}/build/tools/usr/bin"):
        print("promtool is not there: script/bootstrap gets it")
        sys.exit(77)
    unittest.main(verbosity=2)
