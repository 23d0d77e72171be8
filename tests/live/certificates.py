# SPDX-License-Identifier: Apache-2.0
"""Certificates made by openssl when a test needs them."""
import subprocess


class Authority:
    """Signs certificates; every file is in the folder, `NAME.pem` and `NAME.key`."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.name = name
        self._openssl("req", "-x509", *self._new_key(name), "-subj", f"/CN={name}", "-days", "2",
                      "-out", f"{name}.pem", "-addext", "basicConstraints=critical,CA:true")

    def sign(self, name, *, alt_names="DNS:localhost,IP:127.0.0.1,IP:::1", purpose="serverAuth,clientAuth"):
        """Returns the certificate's bytes in PEM."""
        self._openssl("req", *self._new_key(name), "-subj", f"/CN={name}", "-out", f"{name}.csr")
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alt_names}\nextendedKeyUsage={purpose}\n")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem", "-CAkey", f"{self.name}.key",
                      "-CAcreateserial", "-days", "1", "-extfile", extensions.name, "-out", f"{name}.pem")
        return (self.folder / f"{name}.pem").read_text()

    @staticmethod
    def _new_key(name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)
