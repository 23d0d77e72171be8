#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""boot.py CASE.py: boots a Debian of its own for one case, runs the case in it as root, and ends as the case ended.

CASE.py may say in a line `# nspawn: OPTION...` what its machine needs, and in `# seconds: N` how long it may take. What
it printed is printed; where it failed, also the end of its machine's journal, which stays in build/e2e/out/CASE."""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import base

HERE = pathlib.Path(__file__).resolve().parent
OUTPUT = base.REPOSITORY / "build/e2e/out"

UNIT = """[Unit]
After=multi-user.target
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -B -u /e2e/{case}
StandardOutput=file:/out/log
StandardError=inherit
TimeoutStartSec={seconds}
"""


def said(text, key, default=""):
    found = re.findall(rf"^# {key}: (.*)$", text, re.M)
    return found[0] if found else default


def boot(case, output):
    """Runs the case and returns its exit code. The machine's own console says only what went wrong before it."""
    text = (HERE / case).read_text()
    seconds = int(said(text, "seconds", "60"))
    unit = output / "case.service"
    unit.write_text(UNIT.format(case=case, seconds=seconds))
    command = [
        "systemd-nspawn", "--quiet", f"--directory={base.BASE}", "--volatile=overlay",
        # Neither a service manager nor a bus is needed outside; the network is the machine's own.
        "--register=no", "--keep-unit", "--private-network", f"--machine=sockwatch-{os.getpid()}", "--console=pipe",
        f"--bind={output}:/out", f"--bind-ro={HERE}:/e2e", f"--bind-ro={base.package()}:/sockwatch.deb",
        f"--bind-ro={unit}:/etc/systemd/system/case.service", *shlex.split(said(text, "nspawn")),
        "--boot", "systemd.unit=multi-user.target", "systemd.wants=case.service"]
    with open(output / "console", "wb") as console:
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                                  timeout=seconds + 30)
        except subprocess.TimeoutExpired:
            return "it did not end in time"
    return done.returncode


def show(output, ended):
    log = output / "log"
    print(log.read_text(errors="replace") if log.exists() else "the case did not begin", end="")
    if ended == 0:
        return
    print(f"--- ended with {ended}; console:\n{(output / 'console').read_text(errors='replace')[-2000:]}")
    subprocess.run(["journalctl", "--no-pager", "-o", "short-precise", "-n", "200", "-D", output / "journal"])


def main(case):
    base.check_tools()
    base.package()
    if not base.BASE.is_dir():
        base.skip("needs build/e2e/base: tests/e2e/base.py makes it")
    name = pathlib.Path(case).stem
    output = OUTPUT / name
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    ended = boot(pathlib.Path(case).name, output)
    show(output, ended)
    sys.exit(ended if isinstance(ended, int) else 1)


if __name__ == "__main__":
    main(sys.argv[1])
