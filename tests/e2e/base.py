#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""base.py: makes the Debian 12 that the cases boot, once, in build/e2e/base. Nothing ever writes to it again: each
boot lays a file system of its own over it (systemd-nspawn --volatile=overlay).

sockwatch itself is not in it, only what it depends on: each case installs the package as a user would."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BASE = REPOSITORY / "build/e2e/base"
STAMP = REPOSITORY / "build/e2e/base.made-of"
PACKAGES = REPOSITORY / "build/package"

SKIPPED = 77
# libpam-systemd: user managers. python3: what the cases are written in. locales: journalctl -x in Japanese.
INCLUDED = ["systemd", "systemd-sysv", "dbus", "iproute2", "procps", "locales", "python3", "libpam-systemd"]


def skip(reason):
    print(reason)
    sys.exit(SKIPPED)


def package():
    """The newest sockwatch_*.deb."""
    found = sorted(PACKAGES.glob("sockwatch_*.deb"), key=lambda path: path.stat().st_mtime)
    if not found:
        skip("needs build/package/sockwatch_*.deb: run script/package first")
    return found[-1]


def check_tools():
    for program, origin in (("mmdebstrap", "mmdebstrap"), ("systemd-nspawn", "systemd-container")):
        if not shutil.which(program):
            skip(f"needs {program}: apt-get install {origin}")
    if os.geteuid() != 0:
        skip("needs root, to boot a container")


def dependencies():
    listed = subprocess.run(["dpkg-deb", "--field", package(), "Depends"], capture_output=True, text=True, check=True)
    return re.findall(r"(?:^|, )([a-z0-9.+-]+)", listed.stdout.strip())


def sources():
    """Where this machine itself gets its packages from."""
    folder = pathlib.Path("/etc/apt")
    return [path for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))) if path.is_file()]


def make(include):
    partial = BASE.with_name("base.partial")
    subprocess.run(["rm", "-rf", "--one-file-system", partial, BASE], check=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=" + ",".join(include),
                    '--aptopt=Acquire::Languages "none"', "--dpkgopt=path-exclude=/usr/share/doc/*",
                    "--dpkgopt=path-include=/usr/share/doc/sockwatch/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
                    '--customize-hook=chroot "$1" localedef -i ja_JP -f UTF-8 ja_JP.UTF-8',
                    '--customize-hook=chroot "$1" useradd --create-home --uid 1000 visitor',
                    "bookworm", partial, *sources()], check=True)
    partial.rename(BASE)


def main():
    check_tools()
    include = sorted({*INCLUDED, *dependencies()})
    stamp = hashlib.sha256("\n".join(include).encode() + pathlib.Path(__file__).read_bytes()).hexdigest()
    if BASE.is_dir() and STAMP.exists() and STAMP.read_text() == stamp:
        print("the base is there")
        return
    try:
        make(include)
    except subprocess.CalledProcessError as error:
        skip(f"the base could not be made: {error}")
    STAMP.write_text(stamp)


if __name__ == "__main__":
    main()
