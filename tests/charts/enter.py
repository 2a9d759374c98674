"""Becomes a container's process: run as root in a mount namespace of its own.

    python enter.py PLAN.json

The plan has: parent, its pid; folder, whose etc/ is laid over /etc; keep, folders that the user of
the container must reach; user, group, groups; command and environment. Then the file systems become
read-only, and every privilege goes.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path

MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
LIBC = ctypes.CDLL(None, use_errno=True)
# The kernel's own; containers have them too.
LEFT_ALONE = ("/proc", "/sys", "/dev")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2); raises OSError."""
    arguments = [text.encode() or None for text in (source, target, kind)]
    if LIBC.mount(*arguments, flags, options.encode() or None):
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)}: mounting {target}")


def reach(keep: list[str], scratch: Path) -> None:
    """Opens the way to folders that lie below one that only its owner may enter."""
    held = {}
    closed = set()
    for number, name in enumerate(keep):
        above = [path for path in reversed(Path(name).parents) if not path.stat().st_mode & 1]
        if above:
            closed.add(above[0])
            held[name] = scratch / f"held-{number}"
            held[name].mkdir(exist_ok=True)
            mount(name, str(held[name]), flags=MS_BIND | MS_REC)
    for path in closed:
        mount("none", str(path), "tmpfs", options="mode=0755")
    for name, source in held.items():
        Path(name).mkdir(parents=True, exist_ok=True)
        mount(str(source), name, flags=MS_BIND | MS_REC)


def lay_over(folder: Path) -> None:
    """/etc with the plan's files in it."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    layers = f"lowerdir=/etc,upperdir={folder / 'etc'},workdir={work}"
    mount("overlay", "/etc", "overlay", options=layers)


def make_read_only() -> None:
    """Every file system that is mounted."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    for target in {line.split()[4] for line in lines}:
        if not target.startswith(LEFT_ALONE):
            mount("", target, flags=MS_REMOUNT | MS_BIND | MS_RDONLY)


def drop(user: int, group: int, groups: list[int]) -> None:
    """No privilege is left, and none can be had again."""
    for capability in range(64):
        LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups(groups)
    os.setgid(group)
    os.setuid(user)
    LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Other ids have made the kernel forget it.
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main(plan_path: Path) -> None:
    """Follows the plan; never returns."""
    plan = json.loads(plan_path.read_text())
    folder = Path(plan["folder"])
    LIBC.unshare(0x00020000)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    reach(plan["keep"], folder)
    lay_over(folder)
    make_read_only()
    drop(plan["user"], plan["group"], plan["groups"])
    if os.getppid() != plan["parent"]:
        sys.exit("the parent has ended")
    os.chdir("/")
    os.execvpe(plan["command"][0], plan["command"], plan["environment"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
