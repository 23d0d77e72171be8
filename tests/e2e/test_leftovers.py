#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Installed, used, upgraded, removed and purged: after that every file of the machine is what it was before, but for
the journal, dpkg's own notes and the accounts, which Debian's packages leave so that their numbers are not reused."""
import hashlib
import os
import pathlib
import re
import stat

import machine as m

EXPECTED = re.compile("|".join((
    r"/etc/(passwd|group|shadow|gshadow)-?", r"/etc/subuid-?", r"/etc/subgid-?", r"/etc/\.pwd\.lock",
    r"/var/lib/dpkg(/.*)?", r"/var/log(/.*)?",
)))
SKIPPED = {"/proc", "/sys", "/dev", "/run", "/tmp", "/out", "/e2e", "/opt"}


def fingerprint(path):
    status = path.lstat()
    content = ""
    if stat.S_ISLNK(status.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(status.st_mode) and not str(path).startswith("/usr"):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return (stat.filemode(status.st_mode), status.st_uid, status.st_gid, content)


def files():
    """Every path of the machine, and what it is."""
    found = {}
    for folder, below, names in os.walk("/"):
        below[:] = [name for name in below if os.path.join(folder, name) not in SKIPPED]
        for name in below + names:
            path = pathlib.Path(folder, name)
            found[str(path)] = fingerprint(path)
    return found


def differences(before, after):
    return sorted(f"{path}: {before.get(path)} -> {after.get(path)}" for path in before.keys() | after.keys()
                  if before.get(path) != after.get(path) and not EXPECTED.fullmatch(path))


def case():
    before = files()
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    (m.POLICY / "50-mine.toml").write_text('[[rule]]\nname = "x"\naction = "expect"\nport = 1\n')
    m.upgrade()
    m.wait_active()
    m.wait_polls()
    m.sh("systemctl stop demo.service; rm /etc/systemd/system/demo.service; systemctl daemon-reload")

    m.sh("DEBIAN_FRONTEND=noninteractive dpkg --remove sockwatch")
    left = {line.partition(":")[0] for line in differences(before, files())}
    m.contains(left, "/etc/sockwatch/policy.d/50-mine.toml", "/etc/sockwatch/sockwatch.toml",
               "/var/lib/sockwatch/state.json")
    m.equal({path for path in left if not path.startswith(("/etc/", "/var/lib/"))}, set(), "settings and state stay")

    m.sh("DEBIAN_FRONTEND=noninteractive dpkg --purge sockwatch && journalctl --update-catalog")
    m.equal(differences(before, files()), [], "purged")
    # systemd forgets units that are gone in its own time.
    listing = "systemctl list-units --all --no-legend 'sockwatch*.service' 'sockwatch*.socket' | grep -v not-found"
    m.equal(m.sh(listing, check=False), "")
    assert not pathlib.Path("/run/sockwatch").exists() and not m.is_listening(10762)
    m.sh("getent passwd _sockwatch && getent group sockwatch")
    m.equal(len(m.alerts()), 1, "the journal is the record")


m.run(case)
