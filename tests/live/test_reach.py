#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""How far a listener reaches is part of what it is: the options of real sockets, what is learned of them, and what is told
when they reach farther."""
import json
import os
import socket

import harness
from harness import LiveTest

TO_LO = (socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
TRANSPARENT = (socket.SOL_IP, 19, 1)
V6ONLY = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
DUAL = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
AGAIN = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


class Shown(LiveTest):
    def test_scope_and_options_of_each_socket(self):
        made = {
            7001: ("0.0.0.0", ()), 7002: ("0.0.0.0", (TO_LO,)), 7003: ("127.0.0.1", (TRANSPARENT,)),
            7004: ("::", (V6ONLY,)), 7005: ("::", (DUAL,)), 7006: ("127.0.0.1", ()),
        }
        for port, (address, options) in made.items():
            self.open_socket("tcp", address, port, options=options)
        listed = self.run_program(harness.SOCKWATCH, "list", "--config", str(self.config), "--state-dir",
                                  str(self.state), "--json")
        told = {row["port"]: (row["scope"], row.get("interface"), row.get("v6only"), row.get("transparent"))
                for row in json.loads(listed.stdout)["sockets"]}
        self.assertEqual({port: told[port] for port in made}, {
            7001: ("any", None, None, False), 7002: ("loopback", "lo", None, False),
            7003: ("any", None, None, True), 7004: ("any", None, True, False),
            7005: ("any", None, False, False), 7006: ("loopback", None, None, False),
        })


class Learned(LiveTest):
    def learned(self, address, *options):
        """A daemon that has learned a socket of port 7100."""
        self.socket = self.open_socket("tcp", address, 7100, options=(AGAIN, *options))
        daemon = self.start()
        self.assertEqual(daemon.listeners(port=7100)[0]["rule"], "learned")
        return daemon

    def open_again(self, address, *options):
        self.socket.close()
        self.socket = self.open_socket("tcp", address, 7100, options=(AGAIN, *options))

    def assert_told(self, daemon):
        alert = daemon.wait_alert(tone="wrong", port=7100)
        self.assertEqual(alert["verdict"], "unexpected")

    def test_a_socket_that_leaves_its_device_is_told(self):
        daemon = self.learned("0.0.0.0", TO_LO)
        self.open_again("0.0.0.0")
        self.assert_told(daemon)

    def test_a_socket_that_takes_ipv4_too_is_told(self):
        daemon = self.learned("::", V6ONLY)
        self.open_again("::", DUAL)
        self.assert_told(daemon)

    def test_a_socket_that_turns_transparent_while_it_listens_is_told(self):
        daemon = self.learned("127.0.0.1")
        self.socket.setsockopt(*TRANSPARENT)
        self.assert_told(daemon)

    def test_what_reached_farther_while_nobody_watched_is_told(self):
        daemon = self.learned("127.0.0.1")
        daemon.stop()
        self.open_again("127.0.0.1", TRANSPARENT)
        self.assert_told(self.start())

    def test_what_reaches_less_far_is_as_expected_as_before(self):
        daemon = self.learned("::", DUAL)
        for address, options in (("::", (V6ONLY,)), ("::", (DUAL, TO_LO)), ("127.0.0.1", ())):
            self.open_again(address, *options)
            daemon.wait_polls(3)
            self.assertEqual(daemon.listeners(port=7100)[-1]["verdict"], "expected", f"{address} {options}")
        self.assertEqual(daemon.alerts(tone="wrong"), [])


class Unix(LiveTest):
    def bound(self, folder):
        """A socket on the relative path ctl.sock in that folder."""
        path = self.folder / folder
        path.mkdir()
        before = os.getcwd()
        with self.net:
            made = socket.socket(socket.AF_UNIX)
            self.addCleanup(made.close)
            os.chdir(path)
            try:
                made.bind("ctl.sock")
            finally:
                os.chdir(before)
        made.listen()
        return made

    def test_one_relative_path_in_two_folders_is_two_listeners(self):
        self.write_policy('[[rule]]\nname = "ctl"\naction = "alert"\npath = "ctl.sock"\n')
        self.bound("a")
        daemon = self.start()
        daemon.wait_alert(event="listener-opened", path="ctl.sock")
        self.bound("b")
        harness.wait_until(lambda: len(daemon.listeners(path="ctl.sock")) == 2, "both are listed", 10)
        self.assertEqual(daemon.alerts(event="second-owner"), [])

    def test_a_rule_for_an_abstract_name_means_no_longer_one(self):
        self.write_policy('[[rule]]\nname = "bus"\naction = "expect"\npath = "@bus"\n'
                          '[[rule]]\nname = "rest"\naction = "alert"\npath = "@bus*"\n')
        for name in ("\0bus", "\0bus\0evil"):
            with self.net:
                made = socket.socket(socket.AF_UNIX)
            self.addCleanup(made.close)
            made.bind(name)
            made.listen()
        daemon = self.start()
        self.assertEqual({row["path"]: row["rule"] for row in daemon.listeners(protocol="unix")},
                         {"@bus": "bus", "@bus\0evil": "rest"})


if __name__ == "__main__":
    harness.main()
