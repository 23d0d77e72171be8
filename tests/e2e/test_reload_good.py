#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A rule is added and reloaded: what it expects falls silent, what another one forbids alerts."""
import machine as m


def case():
    m.start(m.make_service("known.service", 2222))
    m.wait_until(lambda: m.is_listening(2222), "it listens")
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    m.equal(m.metric("sockwatch_unexpected_listeners"), 1)

    (m.POLICY / "50-demo.toml").write_text(
        '[[rule]]\nname = "demo"\naction = "expect"\nport = 4444\nunit = "demo.service"\n'
        '[[rule]]\nname = "not-2222"\naction = "alert"\nport = 2222\nseverity = "critical"\n')
    pid = m.main_pid()
    m.sh("systemctl reload sockwatch")
    m.equal(m.main_pid(), pid, "the same process")
    forbidden = m.wait_alert(port=2222)
    m.equal((forbidden["SOCKWATCH_RULE"], forbidden["PRIORITY"]), ("not-2222", "3"))
    m.wait_until(lambda: m.listeners(port=4444)[0]["verdict"] == "expected", "4444 is expected")
    m.equal(m.listeners(port=4444)[0]["rule"], "demo")
    m.equal(m.metric("sockwatch_config_last_reload_successful"), 1)
    assert m.is_active()


m.run(case)
