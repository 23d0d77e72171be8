#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Listeners that nobody connects to, as the running daemon knows them."""
import json
import socket

import harness


class Idle(harness.LiveTest):
    def idle(self, *arguments):
        return self.run_program(harness.SOCKWATCH, "list", *self.arguments("--api-socket", "/no/such/socket"),
                                "--idle", *arguments)

    def connected(self, port):
        """The listener as told, once a connection to it was seen."""
        for row in json.loads(self.idle("1ms", "--json").stdout)["sockets"]:
            if row["port"] == port and "last_connection" in row:
                return row
        return None

    def test_who_was_connected_to_is_told_apart_from_who_was_not(self):
        busy = self.open_socket("tcp", "127.0.0.1", 8000)
        self.open_socket("tcp", "127.0.0.1", 8001)
        self.open_socket("udp", "127.0.0.1", 8002)
        self.start()
        with self.net:
            client = socket.create_connection(busy.getsockname())
        self.addCleanup(client.close)
        harness.wait_until(lambda: self.connected(8000), "a connection to 8000 is seen")
        client.close()
        listed = self.idle("1ms")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        rows = {row.split()[2]: row for row in listed.stdout.splitlines()[1:]}
        self.assertIn("never seen", rows["8001"])
        self.assertNotIn("8002", rows)
        self.assertEqual(self.idle("1h").stdout.splitlines()[1:], [])

    def test_without_a_daemon_it_says_so(self):
        listed = self.idle("30d")
        self.assertEqual((listed.returncode, listed.stdout), (3, ""))
        self.assertIn("no daemon answers: /no/such/socket: connect: No such file or directory", listed.stderr)

    def test_no_duration_is_an_error(self):
        self.assertEqual(self.idle("soon").returncode, 2)


if __name__ == "__main__":
    harness.main()
