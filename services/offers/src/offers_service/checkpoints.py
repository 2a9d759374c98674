"""Checkpoints of a tenant's ledger: what is signed, and what a later look is held against. Pure.

A checkpoint is a Merkle root over one leaf an account: its version and the hash of its last entry
at that time. Accounts go on changing, so what a checkpoint says of one is that its first
`version` entries are a chain that ends in `hash`, today and for ever. A leaf moves forward only
by proof: the entries since, hashed onto the old leaf's hash, give the new one. So the newest
checkpoint vouches for all before it, and nobody can have a rewritten chain signed after the fact.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

import msgspec

from offers_service import journal
from offers_service.journal import Entry
from offers_service.merkle import Tree, leaf_hash, root_of

ORIGIN = "dangol.ledger/"
# A power of two: the roots of full pages are then nodes of the whole tree.
PAGE_LEAVES = 1_024
# Until the next one: how late it may be before its absence is a fault.
GRACE_MS = 600_000


class FaultKind(StrEnum):
    """What is wrong with an account or a checkpoint."""

    # Its entries, chain or state contradict each other.
    ACCOUNT_INVALID = "account_invalid"
    # The checkpoint has it, and it is gone.
    ACCOUNT_MISSING = "account_missing"
    # It has fewer entries than at the checkpoint.
    ACCOUNT_CUT = "account_cut"
    # Its chain fits together, but is another one than at the checkpoint.
    ACCOUNT_REWRITTEN = "account_rewritten"
    # There is none, one is left out, or one that was seen is gone.
    CHECKPOINT_MISSING = "checkpoint_missing"
    # Its signature, its place in the chain or its list of accounts is wrong.
    CHECKPOINT_ALTERED = "checkpoint_altered"


class Fault(NamedTuple):
    """One fault. account is empty where a checkpoint is at fault, checkpoint 0 where none is."""

    kind: FaultKind
    account: str
    checkpoint: int
    detail: str

    def __str__(self) -> str:
        return f"{self.account or f'checkpoint {self.checkpoint}'}: {self.detail}"


class Leaf(msgspec.Struct, frozen=True, array_like=True):
    """One account at a checkpoint: the hash of its entry number `version`."""

    account: str
    version: int
    hash: bytes

    def line(self) -> str:
        """What is hashed, and what an exported list has as a line."""
        return f"{self.version} {self.hash.hex()} {self.account}"


class Checkpoint(msgspec.Struct, frozen=True):
    """What is signed. size counts accounts and entries their entries; previous is SHA-256 of the
    text before, empty for the first; taken_ms is wall time, also of tenants under virtual time."""

    tenant: str
    number: int
    size: int
    entries: int
    root: bytes
    previous: bytes
    taken_ms: int

    def text(self) -> str:
        """The lines that are signed: those of C2SP's tlog-checkpoint, then our own."""
        previous = base64.b64encode(self.previous).decode() or "-"
        return (
            f"{ORIGIN}{self.tenant}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"
            f"number {self.number}\nprevious {previous}\n"
            f"entries {self.entries}\ntaken {self.taken_ms}\n"
        )

    def digest(self) -> bytes:
        """By which the next checkpoint names this one."""
        return sha256(self.text().encode()).digest()


def parse(text: str) -> Checkpoint:
    """A checkpoint from its text. Raises ValueError for what is none."""
    lines = text.split("\n")
    if len(lines) != 8 or not lines[0].startswith(ORIGIN):
        raise ValueError("not a checkpoint")
    values = dict(zip(("number", "previous", "entries", "taken"), lines[3:7], strict=True))
    given = {name: line.removeprefix(f"{name} ") for name, line in values.items()}
    try:
        previous = "" if given["previous"] == "-" else given["previous"]
        checkpoint = Checkpoint(
            tenant=lines[0].removeprefix(ORIGIN),
            number=int(given["number"]),
            size=int(lines[1]),
            entries=int(given["entries"]),
            root=base64.b64decode(lines[2], validate=True),
            previous=base64.b64decode(previous, validate=True),
            taken_ms=int(given["taken"]),
        )
    except (ValueError, binascii.Error):
        raise ValueError("not a checkpoint") from None
    if checkpoint.text() != text:
        raise ValueError("not a checkpoint in its canonical form")
    return checkpoint


def page_root(leaves: Iterable[Leaf]) -> bytes:
    """The root over one page of leaves."""
    return root_of(leaf_hash(leaf.line().encode()) for leaf in leaves)


class Summary:
    """The whole tree from its pages, as they come."""

    def __init__(self) -> None:
        self._tree = Tree()
        self.size = 0
        self.entries = 0

    def add(self, root: bytes, leaves: Sequence[Leaf]) -> None:
        """The next page; all but the last have PAGE_LEAVES leaves."""
        self._tree.add(root)
        self.size += len(leaves)
        self.entries += sum([leaf.version for leaf in leaves])

    def checkpoint(self, tenant: str, before: Checkpoint | None, taken_ms: int) -> Checkpoint:
        """The checkpoint over all that was added, after `before`."""
        return Checkpoint(
            tenant=tenant,
            number=before.number + 1 if before else 1,
            size=self.size,
            entries=self.entries,
            root=self._tree.root(),
            previous=before.digest() if before else b"",
            taken_ms=max(taken_ms, before.taken_ms) if before else taken_ms,
        )


def follows_fault(checkpoint: Checkpoint, before: Checkpoint | None) -> str | None:
    """What is wrong with a checkpoint's place after `before`; None for nothing."""
    if checkpoint.number != (before.number + 1 if before else 1):
        return "the one before it is missing"
    if checkpoint.previous != (before.digest() if before else b""):
        return "it does not follow from the one before it"
    if before and (checkpoint.size < before.size or checkpoint.entries < before.entries):
        return "it has less than the one before it"
    if before and checkpoint.taken_ms < before.taken_ms:
        return "it is older than the one before it"
    return None


class Proof:
    """Whether the entries since `before`, hashed onto its hash, give a leaf; fed in order, with
    at least those since `before`, and all of them for an account that is new."""

    def __init__(self, tenant: str, account: str, before: Leaf | None) -> None:
        self._hash = before.hash if before else journal.genesis(tenant, account)
        self._version = before.version if before else 0
        self._broken = False

    def feed(self, entries: Iterable[Entry]) -> None:
        """Some more entries; those that are known already are passed over."""
        for entry in entries:
            if entry.number <= self._version:
                continue
            self._broken = self._broken or entry.number != self._version + 1
            self._hash, self._version = journal.entry_hash(self._hash, entry), entry.number

    def gives(self, claimed: Leaf) -> bool:
        """Whether they led to it."""
        led_to = self._version, self._hash
        return not self._broken and led_to == (claimed.version, claimed.hash) and self._version > 0


def leaf_fault(
    account: journal.Account, leaf: Leaf, checkpoint: int, hash_then: bytes
) -> Fault | None:
    """What a checkpoint has against an account whose own chain fits together; hash_then is the
    hash of its entry number leaf.version, empty when it has none."""
    if account.version < leaf.version:
        detail = f"it has {account.version} entries, and had {leaf.version} at the checkpoint"
        return Fault(FaultKind.ACCOUNT_CUT, leaf.account, checkpoint, detail)
    if hash_then != leaf.hash:
        detail = f"its entries up to {leaf.version} are not those of the checkpoint"
        return Fault(FaultKind.ACCOUNT_REWRITTEN, leaf.account, checkpoint, detail)
    return None


def missing(leaf: Leaf, checkpoint: int) -> Fault:
    """An account that the checkpoint has, and that is gone."""
    detail = f"it is gone, and had {leaf.version} entries at the checkpoint"
    return Fault(FaultKind.ACCOUNT_MISSING, leaf.account, checkpoint, detail)


def begin_fault(
    first: Checkpoint | None, created_ms: int, interval_ms: int, now_ms: int
) -> Fault | None:
    """Whether the checkpoints of a tenant that has accounts begin much later than the tenant,
    which was made at created_ms (0: not known): then the earlier ones were removed."""
    due_ms = created_ms + interval_ms + GRACE_MS
    if not created_ms:
        return None
    if first is None and now_ms > due_ms:
        detail = "there is none, though the tenant is old enough for one"
        return Fault(FaultKind.CHECKPOINT_MISSING, "", 0, detail)
    if first is not None and first.size and first.taken_ms > due_ms:
        detail = "it is the first, and the tenant is much older than it"
        return Fault(FaultKind.CHECKPOINT_MISSING, "", first.number, detail)
    return None
