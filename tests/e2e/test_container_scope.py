#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What runs in a scope as container engines make them belongs to that container; a plain scope is a unit."""
import machine as m

ID = "0123456789abcdef" * 4


def case():
    m.install()
    m.wait_active()
    m.make_service("unused.service")
    listener = "/usr/bin/python3 /opt/listener.py tcp 0.0.0.0"
    m.sh(f"systemd-run --unit=a sh -c 'exec systemd-run --scope --unit=docker-{ID}.scope {listener} 4444 4444'")
    m.sh(f"systemd-run --unit=b sh -c 'exec systemd-run --scope --unit=plain.scope {listener} 5555 5555'")
    m.contains(m.wait_alert(port=4444)["SOCKWATCH_CONTAINER"], "docker:" + ID[:12])
    plain = m.wait_alert(port=5555)
    m.equal(plain["SOCKWATCH_UNIT"], "plain.scope")
    assert "SOCKWATCH_CONTAINER" not in plain


m.run(case)
