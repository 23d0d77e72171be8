#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A state file that is none: put aside with one warning, never a crash, and nothing is learned."""
import machine as m


def case():
    m.install()
    m.wait_active()
    for number, text in enumerate(('{"version": 1, "lear', "\0" * 4096, '{"version": 999}', "")):
        m.sh("systemctl stop sockwatch")
        (m.STATE / "state.json").write_text(text)
        m.sh("systemctl start sockwatch")
        m.wait_active()
        m.wait_polls(1)
        assert (m.STATE / "state.json").read_text() != text, f"text {number} was replaced"
    m.equal(m.show("sockwatch.service", "NRestarts"), "0")
    assert (m.STATE / "state.json.corrupt").read_text() == "", "the last one was kept"
    m.contains(m.log_of_daemon(), "what it had learned is unexpected until a rule says else")
    m.start(m.make_service())
    m.wait_alert(port=4444)


m.run(case)
