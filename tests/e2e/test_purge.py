#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A purge takes units, settings, rules and state with it, also what the administrator wrote; the journal stays."""
import pathlib

import machine as m


def case():
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    (m.POLICY / "50-mine.toml").write_text('[[rule]]\nname = "x"\naction = "expect"\nport = 1\n')
    files = [path for path in m.sh("dpkg -L sockwatch").split() if pathlib.Path(path).is_file()]
    m.sh("DEBIAN_FRONTEND=noninteractive dpkg --purge sockwatch")

    for path in [*files, "/etc/sockwatch", "/var/lib/sockwatch", "/run/sockwatch", "/usr/share/sockwatch"]:
        assert not pathlib.Path(path).exists(), path
    m.contains(m.sh("systemctl status sockwatch.service sockwatch.socket", check=False), "could not be found")
    m.equal(m.sh("find /etc /lib /usr /var/lib -name '*sockwatch*' -not -path '*/dpkg/*'", check=False), "")
    assert not m.is_listening(10762)
    m.equal(len(m.alerts()), 1, "the journal is the record")


m.run(case)
