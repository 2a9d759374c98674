"""The journal of one account: entries, hash chain, fold, verification. Pure.

An account is one document: its state, its version and its entries. The state is what folding the
entries gives, so nothing is true that no entry says. Each entry's hash covers the hash before it.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Sequence
from hashlib import blake2b
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

# An offer without an end is good until here: the last millisecond of the year 9999.
NEVER_MS = 253_402_300_799_999
# A journal stays one document well below 16 MiB; only steps that a caller repeats can reach it.
ENTRIES_MAX = 2_000
HASH_BYTES = 32
FINGERPRINT_BYTES = 16

_INTEGERS = struct.Struct("<5q")


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, rename={"number": "n"}):
    """One line of a journal: what moved from the debit to the credit book, and why.

    amount, discount and refund are in the currency's minor units, times in Unix milliseconds;
    empty strings and zeros mean absent. `owner` is the customer whom the entry concerns: the
    holder after it. `print` is the keyed fingerprint of the request's content, `cart` the digest
    of the order as the account keeps it, `facts` what else was so at that time, as (name, value).
    `stripe` concerns budgets: see coupon_account.
    """

    number: int
    kind: str
    debit: str
    credit: str
    at_ms: int
    actor: str
    owner: str
    amount: int = 0
    request: str = ""
    print: bytes = b""
    campaign: str = ""
    offer: str = ""
    order: str = ""
    gift: str = ""
    coupon: str = ""
    origin: str = ""
    until_ms: int = 0
    discount: int = 0
    points: int = 0
    refund: int = 0
    cart: bytes = b""
    facts: tuple[tuple[str, str], ...] = ()
    hash: bytes = b""
    stripe: int = 0

    def fact(self, name: str) -> str:
        """The value of one of the facts; empty for none."""
        return next((value for known, value in self.facts if known == name), "")


class JournalFullError(Exception):
    """An account has so many entries that no new cycle may begin; what is open can end."""


class Account(Protocol):
    """What the journal asks of a coupon or a gift."""

    @property
    def account_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def hash(self) -> bytes: ...
    @property
    def entries(self) -> Sequence[Entry]: ...


AccountT = TypeVar("AccountT", bound=Account)


class Request(msgspec.Struct, frozen=True):
    """Who asks for a step, under which id, with which content; ids are scoped by the actor."""

    request_id: str
    actor: str
    print: bytes


def fingerprint(key: bytes, *content: str | int) -> bytes:
    """Keyed hash (BLAKE2b as a MAC, RFC 7693) of a request's content."""
    texts = [str(value) for value in content]
    framed = "".join([f"{len(text)}:{text}" for text in texts])
    return blake2b(framed.encode(), key=key, digest_size=FINGERPRINT_BYTES).digest()


def genesis(tenant_id: str, account_id: str) -> bytes:
    """The hash before an account's first entry: chains cannot be swapped between accounts."""
    framed = f"dangol.journal.v1{len(tenant_id)}:{tenant_id}{len(account_id)}:{account_id}"
    return blake2b(framed.encode(), digest_size=HASH_BYTES).digest()


def frame_head(entry: Entry) -> bytes:
    """Every hashed field of an entry but its owner, each text behind its length in characters."""
    e = entry
    integers = _INTEGERS.pack(e.number, e.at_ms, e.amount, e.until_ms, e.discount)
    texts = (
        f"{len(e.kind)}:{e.kind}{len(e.debit)}:{e.debit}{len(e.credit)}:{e.credit}"
        f"{len(e.actor)}:{e.actor}{len(e.request)}:{e.request}{len(e.campaign)}:{e.campaign}"
        f"{len(e.offer)}:{e.offer}{len(e.order)}:{e.order}{len(e.gift)}:{e.gift}"
        f"{len(e.coupon)}:{e.coupon}{len(e.origin)}:{e.origin}{len(e.print)}:"
    )
    head = integers + texts.encode() + e.print
    # The owner's length follows, a digit, so that nothing else can begin with these signs.
    if e.cart or e.points or e.refund:
        head += f"+{e.points}:{e.refund}:{len(e.cart)}:".encode() + e.cart
    head = head + _frame_facts(e.facts) if e.facts else head
    return head + f"^{e.stripe}:".encode() if e.stripe else head


def _frame_facts(facts: Sequence[tuple[str, str]]) -> bytes:
    texts = [f"{len(name)}:{name}{len(value)}:{value}" for name, value in facts]
    return f"~{len(facts)}:{''.join(texts)}".encode()


def chain(previous: bytes, head: bytes, owner: str) -> bytes:
    """BLAKE2b-256 over the hash before, the framed fields and the owner."""
    return blake2b(
        previous + head + f"{len(owner)}:{owner}".encode(), digest_size=HASH_BYTES
    ).digest()


def entry_hash(previous: bytes, entry: Entry) -> bytes:
    """The hash of one entry: over the hash before it and every field of its own."""
    return chain(previous, frame_head(entry), entry.owner)


def seal(tenant_id: str, account: Account | None, account_id: str, entry: Entry) -> Entry:
    """The entry as it goes into the journal: next number, time not before the last, hash."""
    if account is None:
        number, at_ms, previous = 1, entry.at_ms, genesis(tenant_id, account_id)
    else:
        number = account.version + 1
        at_ms = max(entry.at_ms, account.entries[-1].at_ms)
        previous = account.hash
    numbered = replace(entry, number=number, at_ms=at_ms)
    return replace(numbered, hash=entry_hash(previous, numbered))


def answered(
    account: Account, request: Request, besides: Container[str] = ()
) -> tuple[int, bool] | None:
    """Number of the entry that a request made before, and whether its content was the same.

    besides: kinds of entries that are no answer.
    """
    for entry in account.entries:
        if entry.request != request.request_id or entry.kind in besides:
            continue
        if entry.actor == request.actor:
            return entry.number, entry.print == request.print
    return None


def chain_fault(tenant_id: str, account: Account) -> str | None:
    """What is wrong with an account's chain of entries; None for nothing."""
    if not account.entries:
        return "no entries"
    if account.version != len(account.entries):
        return f"version {account.version} but {len(account.entries)} entries"
    previous, before_ms = genesis(tenant_id, account.account_id), 0
    for number, entry in enumerate(account.entries, start=1):
        if entry.number != number:
            return f"entry {number} is missing"
        if entry.at_ms < before_ms:
            return f"entry {number} is older than the one before it"
        if entry_hash(previous, entry) != entry.hash:
            return f"entry {number} does not match its hash"
        previous, before_ms = entry.hash, entry.at_ms
    return None if account.hash == previous else "the account's hash is not its last entry's"


def fold_fault(account: AccountT, folded: AccountT) -> str | None:
    """The first field of the state in which the entries and the document disagree."""
    if account == folded:
        return None
    for field in getattr(type(account), "__struct_fields__", ()):
        if getattr(account, field) != getattr(folded, field):
            return f"{field} is not what the entries say"
    return "state is not what the entries say"
