#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Everything that docs/security.md says is refused, tried from inside the unit's own sandbox, with each drop-in; and the
daemon's second filter stands on top of the unit's."""
# nspawn: --capability=all --system-call-filter=@known
# seconds: 120
import json
import pathlib
import platform
import re
import shutil

import machine as m

DROP_INS = (None, "no-bpf", "no-capabilities", "webhook", "namespaces")
# What neither the daemon nor any drop-in needs: numbers of x86-64, arguments that the kernel answers otherwise than by EPERM.
NEVER = {
    "ptrace": (101, 0x4206, -1), "process_vm_readv": (310, 1), "process_vm_writev": (311, 1), "pidfd_getfd": (438, -1),
    "kcmp": (312, 1, 1), "process_madvise": (440, -1), "userfaultfd": (323, -1), "io_uring_setup": (425, 0),
    "io_uring_enter": (426, -1), "io_uring_register": (427, -1), "io_setup": (206, 0), "keyctl": (250, -1),
    "add_key": (248, 0), "request_key": (249, 0), "shmget": (29, 0, 1 << 62), "msgget": (68, 0), "semget": (64, 0, -1),
    "mq_open": (240, 0), "mount": (165, 0, 0, 0), "umount2": (166, 0, -1), "move_mount": (429, -1, 0, -1, 0, -1),
    "open_tree": (428, -1, 0, -1), "fsopen": (430, 0), "pivot_root": (155, 0, 0), "chroot": (161, 0),
    "init_module": (175, 0), "finit_module": (313, -1, 0, -1), "swapon": (167, 0), "unshare": (272, 0),
    "open_by_handle_at": (304, -1, 0), "name_to_handle_at": (303, -1, 0), "personality": (135, -1),
    "setuid": (105, -1), "chown": (92, 0, 0, 0), "setpriority": (141, -1)}
START = {"bpf": (321, -1), "perf_event_open": (298, 0), "capset": (126, 0)}
SETNS = {"setns into nothing": (308, -1, 0), "setns into a mount namespace": (308, -1, 0x20000)}

PROBE = """
import ctypes, errno, json, mmap, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    padded = [ctypes.c_long(each) for each in (number, *arguments, *[0] * (6 - len(arguments)))]
    return "" if libc.syscall(*padded) >= 0 else errno.errorcode[ctypes.get_errno()]

def attempt(work):
    try:
        work()
        return ""
    except OSError as error:
        return errno.errorcode[error.errno]

said = {name: call(*each) for name, each in json.loads(sys.argv[1]).items()}
for family in ("AF_INET", "AF_INET6", "AF_PACKET", "AF_VSOCK", "AF_ALG", "AF_NETLINK", "AF_UNIX"):
    kind = socket.SOCK_SEQPACKET if family == "AF_ALG" else socket.SOCK_RAW if family == "AF_NETLINK" else socket.SOCK_STREAM
    said[family] = attempt(lambda: socket.socket(getattr(socket, family), kind, 0))
for path in ("/etc", "/usr", "/sys", "/sys/fs/cgroup", "/opt", "/var/log"):
    said["write " + path] = attempt(lambda: os.close(os.open(path + "/x", os.O_WRONLY | os.O_CREAT)))
said["write /var/lib/sockwatch"] = attempt(lambda: os.close(os.open("/var/lib/sockwatch/x", os.O_WRONLY | os.O_CREAT)))
said["memory of pid 1"] = attempt(lambda: os.close(os.open("/proc/1/mem", os.O_RDWR)))
said["map to write and execute"] = attempt(lambda: mmap.mmap(-1, 4096, prot=7))
said["filters"] = next(line for line in open("/proc/self/status") if line.startswith("Seccomp_filters")).split()[1]
print(json.dumps(said), flush=True)
"""


def probe_in_unit(drop_in, calls):
    """What the probe says in a unit that is sockwatch.service but for the program it starts."""
    unit = pathlib.Path("/lib/systemd/system/sockwatch.service").read_text()
    unit = re.sub(r"^(Type|Exec\w+|Restart\w*|WatchdogSec|Requires|Wants|After|NoNewPrivileges)=.*\n", "", unit, flags=re.M)
    # Standing still at its own uid: what is refused to it must be refused by the sandbox.
    added = ("[Service]\nType=oneshot\nNoNewPrivileges=yes\nStandardOutput=truncate:/run/probe.json\n"
             f"ExecStart=/usr/bin/python3 /opt/probe.py '{json.dumps(calls)}'\n")
    m.write_unit("probe.service", unit.replace("[Service]\n", added, 1))
    folder = pathlib.Path("/etc/systemd/system/probe.service.d")
    shutil.rmtree(folder, ignore_errors=True)
    if drop_in:
        folder.mkdir()
        shutil.copy(f"/usr/share/doc/sockwatch/examples/{drop_in}.conf", folder)
    m.sh("systemctl daemon-reload && systemctl start probe.service")
    return json.loads(pathlib.Path("/run/probe.json").read_text())


def check(drop_in, calls):
    said = probe_in_unit(drop_in, calls)
    print(f"with {drop_in or 'nothing added'}: {said}")
    wanted = dict.fromkeys((*NEVER, *SETNS), "EPERM")
    for path in ("/etc", "/usr", "/opt", "/var/log", "/sys", "/sys/fs/cgroup"):
        assert said["write " + path] in ("EROFS", "EACCES", "EPERM"), (drop_in, path, said["write " + path])
    wanted |= {"AF_PACKET": "EAFNOSUPPORT", "AF_VSOCK": "EAFNOSUPPORT", "AF_ALG": "EAFNOSUPPORT", "AF_NETLINK": "", "AF_UNIX": ""}
    inet = "" if drop_in == "webhook" else "EAFNOSUPPORT"
    wanted |= {"AF_INET": inet, "AF_INET6": inet, "write /var/lib/sockwatch": ""}
    if drop_in in ("no-bpf", "no-capabilities"):
        wanted |= dict.fromkeys(START, "EPERM")
    m.equal({name: said[name] for name in wanted}, wanted, str(drop_in))
    for name in ("memory of pid 1", "map to write and execute"):
        assert said[name] in ("EPERM", "EACCES", "ENOENT"), (drop_in, name, said[name])
    return int(said["filters"])


def filters_of_daemon():
    counts = {re.search(r"^Seccomp_filters:\t(\d+)$", path.read_text(), re.M)[1]
              for path in pathlib.Path(f"/proc/{m.main_pid()}/task").glob("*/status")}
    m.equal(len(counts), 1, "all threads have the same")
    return int(counts.pop())


def case():
    m.equal(platform.machine(), "x86_64", "the numbers are this architecture's")
    pathlib.Path("/opt/probe.py").write_text(PROBE)
    calls = NEVER | START | SETNS
    # Outside the unit nobody refuses: else the rest would prove nothing.
    outside = json.loads(m.sh(f"python3 /opt/probe.py '{json.dumps(NEVER)}' 2>&1"))
    m.equal([name for name in NEVER if outside[name] == "EPERM"], [], "refused outside the unit, too")
    m.install()
    m.wait_active()
    for drop_in in DROP_INS:
        if drop_in:
            shutil.rmtree("/etc/systemd/system/sockwatch.service.d", ignore_errors=True)
            m.drop_in(drop_in)
            m.wait_active()
        m.equal(filters_of_daemon(), check(drop_in, calls) + 1, "the daemon's own on top of the unit's")
        assert "stay allowed" not in m.log_of_daemon()


m.run(case)
