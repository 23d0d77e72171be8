# SPDX-License-Identifier: Apache-2.0
"""A client for what harness.py's plain one cannot do: headers, passwords, TLS, IPv6, unix sockets."""
import base64
import contextlib
import http.client
import socket
from typing import NamedTuple

import harness


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def connect(net, at=("127.0.0.1", harness.METRICS_PORT), tls=None):
    """`at` is an address and a port, or the path of a unix socket. `tls` is an ssl.SSLContext."""
    with net:
        made = socket.socket(socket.AF_UNIX if isinstance(at, str) else socket.getaddrinfo(*at)[0][0])
        try:
            made.settimeout(5 * harness.PATIENCE)
            made.connect(at)
            return tls.wrap_socket(made, server_hostname="localhost") if tls else made
        except OSError:
            made.close()
            raise


def ask(net, path="/-/ready", method="GET", *, headers=(), user=None, password="", **where):
    """One request on a connection of its own. Raises OSError where it does not come about."""
    headers = dict(headers)
    if user is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    connection = http.client.HTTPConnection("localhost")
    with contextlib.closing(connection):
        connection.sock = connect(net, **where)
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def answers(net, **how):
    """Whether there is an answer 200."""
    with contextlib.suppress(OSError):
        return ask(net, **how).status == 200
    return False
