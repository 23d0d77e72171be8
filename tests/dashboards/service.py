#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A program to look at: takes a name and a user, listens, and accepts whoever comes.

    service.py NAME USER KIND:ADDRESS:PORT...

KIND is tcp, udp, deaf (TCP that never accepts) or full (UDP that nobody reads).
"""
import os
import pwd
import select
import socket
import sys

KINDS = {"tcp": socket.SOCK_STREAM, "deaf": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM, "full": socket.SOCK_DGRAM}


def opened(place):
    kind, _, rest = place.partition(":")
    address, _, port = rest.rpartition(":")
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, KINDS[kind])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if kind == "full":
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind((address, int(port)))
    if KINDS[kind] == socket.SOCK_STREAM:
        made.listen(16 if kind == "deaf" else 128)
    return kind, made


def serve(places):
    sockets = [opened(place) for place in places]
    print("listening", flush=True)
    readers = [made for kind, made in sockets if kind in ("tcp", "udp")]
    servers = {made for kind, made in sockets if kind == "tcp"}
    while True:
        for ready in select.select(readers, [], [])[0]:
            if ready in servers:
                readers.append(ready.accept()[0])
            elif not ready.recv(65536) and ready.type == socket.SOCK_STREAM:
                readers.remove(ready)
                ready.close()


def main(name, user, *places):
    with open("/proc/self/comm", "w", encoding="utf-8") as comm:
        comm.write(name)
    account = pwd.getpwnam(user)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    serve(places)


if __name__ == "__main__":
    main(*sys.argv[1:])
