"""How far an import has come, in a file beside its input, and the rows that were refused.

Both are written after each window of rows: first the refused rows, then, in one step, the state.
A run that was cut off in between finds refused rows behind what the state knows, and drops them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from dangol_cli.import_rows import ImportFailure, Place

_HEADER: Final = ("line", "field", "code", "reason")
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that was not taken. It names the column and the line, never the value."""

    line: int
    field: str
    code: str
    reason: str


@dataclass(kw_only=True)
class State:
    """What belongs together: an input (by its SHA-256), where it goes, and how far it has come."""

    kind: str
    tenant: str
    sha256: str
    offset: int = 0
    line: int = 1
    accepted: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejected_bytes: int = 0
    finished: bool = False
    version: int = _VERSION

    @property
    def place(self) -> Place:
        """Where to go on."""
        return Place(self.offset, self.line)


def state_path(source: Path) -> Path:
    """Beside the input."""
    return source.with_name(f"{source.name}.import.json")


def rejected_path(source: Path) -> Path:
    """Beside the input."""
    return source.with_name(f"{source.name}.rejected.csv")


def digest_of(source: Path) -> str:
    """SHA-256 of the whole input, in hexadecimal."""
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_state(source: Path, kind: str, tenant: str, sha256: str) -> State:
    """The state of an earlier run, or a new one. Raises ImportFailure when they do not fit."""
    path = state_path(source)
    if not path.exists():
        return State(kind=kind, tenant=tenant, sha256=sha256)
    try:
        found = State(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError):
        raise ImportFailure(f"{path} is no state of an import: delete it to begin anew") from None
    wanted = (kind, tenant, sha256, _VERSION)
    if (found.kind, found.tenant, found.sha256, found.version) != wanted:
        raise ImportFailure(
            f"{path} belongs to another content, kind or tenant: delete it to begin anew"
        )
    return found


def save_state(source: Path, state: State) -> None:
    """All at once, and on the disk when it returns."""
    path = state_path(source)
    partial = path.with_name(f"{path.name}.part")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_rejected(source: Path, rows: Sequence[Rejected], at_bytes: int) -> int:
    """Writes the rows from that length of the file on, and answers its new length."""
    path = rejected_path(source)
    if not rows and not at_bytes:
        path.unlink(missing_ok=True)
        return 0
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if not at_bytes:
        writer.writerow(_HEADER)
    writer.writerows((one.line, one.field, one.code, one.reason) for one in rows)
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(at_bytes)
        file.seek(at_bytes)
        file.write(text.getvalue().encode())
        file.flush()
        os.fsync(file.fileno())
        return file.tell()
