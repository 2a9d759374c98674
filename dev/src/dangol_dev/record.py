"""The record of a running stack: which processes it has, told from others that reuse their ids."""

import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProcessRecord:
    """A process by its id and the kernel's tick at its start, which together are never reused."""

    pid: int
    started_ticks: int

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return _started_ticks(self.pid) == self.started_ticks

    def send(self, number: signal.Signals) -> None:
        """Signal this very process; nothing happens when it has ended."""
        if self.alive:
            os.kill(self.pid, number)


@dataclass(frozen=True)
class StackRecord:
    """What `up` writes for `down` and `status`."""

    supervisor: ProcessRecord
    processes: dict[str, ProcessRecord]
    urls: dict[str, str]


def record_process(pid: int) -> ProcessRecord | None:
    """The record of a process that runs now, else None."""
    ticks = _started_ticks(pid)
    return None if ticks is None else ProcessRecord(pid, ticks)


def write_record(path: Path, processes: Mapping[str, int], urls: Mapping[str, str]) -> None:
    """Record this process as the supervisor of `processes` (name to process id)."""
    found = {"supervisor": os.getpid(), **processes}
    records = {name: record_process(pid) for name, pid in found.items()}
    content = {
        "processes": {
            name: [record.pid, record.started_ticks] for name, record in records.items() if record
        },
        "urls": dict(urls),
    }
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(content, indent=2) + "\n")
    scratch.replace(path)


def read_record(path: Path) -> StackRecord | None:
    """The record at `path`, or None when there is none."""
    if not path.exists():
        return None
    content = json.loads(path.read_text())
    records = {name: ProcessRecord(*pair) for name, pair in content["processes"].items()}
    return StackRecord(records.pop("supervisor"), records, content["urls"])


def _started_ticks(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in brackets, may hold anything; what follows it is numbers. See proc(5).
    fields = stat.rpartition(")")[2].split()
    state, ticks = fields[0], int(fields[19])
    return None if state == "Z" else ticks
