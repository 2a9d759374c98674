"""Checks exported checkpoints off line: with the public key and nothing else of ours.

Shares no code with the service that takes them, so that it checks the format (docs/ledger.md) and
not the service against itself.
"""

import base64
import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dangol_service_kit.notes import NoteError, VerifierKey, open_note

_LINES = 7


class LedgerError(Exception):
    """A file cannot be read, or what it says does not hold."""


@dataclass(frozen=True)
class Exported:
    """One checkpoint as its signed text has it."""

    tenant: str
    number: int
    size: int
    root: str
    previous: str
    digest: str


def verify(
    key_file: Path, note_files: Sequence[Path], accounts_file: Path | None = None
) -> list[str]:
    """One line a checkpoint, oldest first. accounts_file: the list of the newest one's accounts.

    A file may hold several notes, one after the other. Raises LedgerError for what does not hold:
    a signature, two checkpoints of one number that differ, one that does not follow from the one
    before it, a list whose root was not signed.
    """
    keys = _keys(key_file)
    notes = [note for path in note_files for note in _notes(path)]
    by_number: dict[int, Exported] = {}
    for note in notes:
        checkpoint = _read(note, keys)
        if by_number.setdefault(checkpoint.number, checkpoint) != checkpoint:
            raise LedgerError(f"there are two different checkpoints {checkpoint.number}")
    chain = [by_number[number] for number in sorted(by_number)]
    if not chain:
        raise LedgerError("there is no checkpoint in these files")
    for before, after in itertools.pairwise(chain):
        if before.tenant != after.tenant:
            raise LedgerError("these are checkpoints of several tenants")
        if after.number == before.number + 1 and after.previous != before.digest:
            raise LedgerError(f"checkpoint {after.number} does not follow from {before.number}")
    lines = [f"{each.tenant} {each.number}: {each.size} accounts, signed" for each in chain]
    if accounts_file is not None:
        _check_accounts(_text(accounts_file), chain[-1])
        lines.append(f"{accounts_file}: the accounts of checkpoint {chain[-1].number}")
    return lines


def _keys(path: Path) -> list[VerifierKey]:
    try:
        return [VerifierKey.parse(line) for line in _text(path).splitlines() if line.strip()]
    except ValueError:
        raise LedgerError(f"{path} holds no verifier key") from None


def _notes(path: Path) -> Iterable[str]:
    """Notes begin with their origin; each ends with its signatures."""
    origin = "dangol.ledger/"
    lines = _text(path).splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if line.startswith(origin)]
    for start, end in itertools.pairwise([*starts, len(lines)]):
        yield "".join(lines[start:end]).rstrip("\n") + "\n"


def _read(note: str, keys: Iterable[VerifierKey]) -> Exported:
    try:
        text = open_note(note, keys)
    except NoteError as error:
        raise LedgerError(f"a checkpoint cannot be trusted: {error}") from None
    lines = text.splitlines()
    if len(lines) != _LINES or not lines[3].startswith("number "):
        raise LedgerError("a signed note is no checkpoint")
    return Exported(
        tenant=lines[0].partition("/")[2],
        number=int(lines[3].removeprefix("number ")),
        size=int(lines[1]),
        root=lines[2],
        previous=lines[4].removeprefix("previous "),
        digest=base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(),
    )


def _check_accounts(text: str, checkpoint: Exported) -> None:
    leaves = text.encode().splitlines()
    root = base64.b64encode(_root([hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]))
    if len(leaves) != checkpoint.size or root.decode() != checkpoint.root:
        message = f"the accounts are not those of checkpoint {checkpoint.number}"
        raise LedgerError(message)


def _root(level: list[bytes]) -> bytes:
    """Level by level, an odd one out going up as it is: the tree of RFC 9162, section 2.1.1."""
    if not level:
        return hashlib.sha256().digest()
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs]
        level = above + level[len(level) - len(level) % 2 :]
    return level[0]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeError):
        raise LedgerError(f"{path} cannot be read") from None
