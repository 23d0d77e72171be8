#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A reload of a broken file fails with its line, and the old rules stay."""
import machine as m


def case():
    m.install(policy='[[rule]]\nname = "demo"\naction = "expect"\nport = 4444\n')
    m.wait_active()
    m.start(m.make_service())
    m.wait_until(lambda: m.listeners(port=4444), "4444 is seen")
    broken = m.POLICY / "50-broken.toml"
    broken.write_text('[[rule]]\nname = "x"\naction = "expect"\nport = 70000\n')
    pid = m.main_pid()

    assert m.status_of("systemctl reload sockwatch") != 0
    m.contains(m.sh("journalctl --no-pager -u sockwatch"), f"{broken}:4:8: port = 70000 is out of range")
    # Whoever sends the signal himself gets past the unit's check; the daemon checks again.
    m.sh("systemctl kill --signal=HUP --kill-who=main sockwatch")
    m.wait_until(lambda: m.metric("sockwatch_config_last_reload_successful") == 0, "the metric says so")
    m.contains(m.log_of_daemon(), "not reloaded, the old configuration stays")
    m.equal((m.main_pid(), m.listeners(port=4444)[0]["verdict"]), (pid, "expected"))
    assert m.is_active()

    broken.unlink()
    m.sh("systemctl reload sockwatch")
    m.wait_until(lambda: m.metric("sockwatch_config_last_reload_successful") == 1, "all is right again")


m.run(case)
