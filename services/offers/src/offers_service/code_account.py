"""A code of a batch: whoever has it claims a coupon with it, once. Pure.

The code's account is claimed first, for one customer; then the coupon is issued, whose cause is the
code, so that it is issued once however often that is repeated. Where the coupon is refused, the
code is given back.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from offers_service import journal
from offers_service.codes import Secrets, account_id
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request

BOOK = "codes"


class Kind(StrEnum):
    """What an entry of a code's journal records."""

    MAKE = "make_code"
    CLAIM = "claim_code"
    REOPEN = "reopen_code"


class CodeOutcome(StrEnum):
    """What came of a claim; everything but APPLIED left the code as it was."""

    APPLIED = "applied"
    NOT_FOUND = "not_found"
    ALREADY_CLAIMED = "already_claimed"
    EXPIRED = "expired"
    OFFER_ENDED = "offer_ended"
    CUSTOMER_LIMIT_REACHED = "customer_limit_reached"
    BUDGET_EXHAUSTED = "budget_exhausted"
    REQUEST_CONFLICT = "request_conflict"
    TOO_MANY_TRIES = "too_many_tries"


class CodeAccount(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="code"):
    """owner is who claimed it, empty while nobody has; lookup the keyed hash of the code;
    claim_until_ms until when it can be claimed."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    offer: str
    claim_until_ms: int
    lookup: bytes
    hash: bytes
    entries: tuple[Entry, ...]
    campaign: str = ""
    owner: str = ""

    @property
    def account_id(self) -> str:
        """The code's id, which gives no right."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v


class CodeDecision(msgspec.Struct, frozen=True):
    """account is what has to be saved; the very same object for nothing."""

    outcome: CodeOutcome
    account: CodeAccount | None


def code_id(batch_id: str, number: int) -> str:
    """The account of one code of a batch."""
    return account_id("k_", batch_id, str(number))


def making(request: Request, offer: str, campaign: str, claim_until_ms: int, now_ms: int) -> Entry:
    """The first entry of every code of a batch."""
    return replace(
        _entry(Kind.MAKE, "", request, now_ms),
        number=1,
        offer=offer,
        campaign=campaign,
        until_ms=claim_until_ms,
    )


def claim(
    account: CodeAccount | None, customer: str, request: Request, now_ms: int
) -> CodeDecision:
    """Takes the code for a customer. Repeated by whoever has it, the coupon is looked after again:
    the first try may have stopped before it was issued."""
    if account is None:
        return CodeDecision(CodeOutcome.NOT_FOUND, None)
    if account.owner:
        last = account.entries[-1]
        if (last.request, last.actor) == (request.request_id, request.actor):
            same = last.print == request.print
            outcome = CodeOutcome.APPLIED if same else CodeOutcome.REQUEST_CONFLICT
            return CodeDecision(outcome, account)
        return CodeDecision(CodeOutcome.ALREADY_CLAIMED, account)
    if account.claim_until_ms <= now_ms:
        return CodeDecision(CodeOutcome.EXPIRED, account)
    if account.v >= journal.ENTRIES_MAX:
        raise journal.JournalFullError(account.key.a)
    claimed = _fold(account, _sealed(account, _entry(Kind.CLAIM, customer, request, now_ms)))
    return CodeDecision(CodeOutcome.APPLIED, claimed)


def reopen(account: CodeAccount, claimed_version: int, now_ms: int) -> CodeAccount:
    """Gives the code back, if that claim is still its last word."""
    if not account.owner or account.v != claimed_version:
        return account
    entry = _entry(Kind.REOPEN, "", Request("", "system:codes", b""), now_ms)
    return _fold(account, _sealed(account, entry))


def begin(key: AccountKey, entry: Entry, secrets: Secrets) -> CodeAccount:
    """The account that a sealed first entry opens."""
    return CodeAccount(
        key=key,
        v=1,
        offer=entry.offer,
        claim_until_ms=entry.until_ms,
        lookup=secrets.bulk_lookup(key.a),
        hash=entry.hash,
        entries=(entry,),
        campaign=entry.campaign,
    )


def fault(account: CodeAccount, secrets: Secrets) -> str | None:
    """What is wrong with a stored code: chain, steps or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    first, *others = account.entries
    if first.kind != Kind.MAKE or first.owner:
        return "entry 1 does not make the code"
    folded = begin(account.key, first, secrets)
    for entry in others:
        legal = Kind.REOPEN if folded.owner else Kind.CLAIM
        if entry.kind != legal or bool(entry.owner) == bool(folded.owner):
            return f"entry {entry.number} does not follow from the one before"
        folded = _fold(folded, entry)
    if any({entry.debit, entry.credit} != {BOOK} for entry in account.entries):
        return "an entry stands in another book"
    return journal.fold_fault(account, folded)


def _entry(kind: Kind, owner: str, request: Request, now_ms: int) -> Entry:
    return Entry(
        number=0,
        kind=kind.value,
        debit=BOOK,
        credit=BOOK,
        at_ms=now_ms,
        actor=request.actor,
        owner=owner,
        request=request.request_id,
        print=request.print,
    )


def _sealed(account: CodeAccount, entry: Entry) -> Entry:
    about = replace(entry, offer=account.offer, campaign=account.campaign)
    return journal.seal(account.key.t, account, account.key.a, about)


def _fold(account: CodeAccount, entry: Entry) -> CodeAccount:
    entries = (*account.entries, entry)
    return replace(account, v=entry.number, owner=entry.owner, hash=entry.hash, entries=entries)
