"""The journal, for auditors."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated

import strawberry
from dangol.offers.v1 import ledger_service_pb2 as pb
from dangol_service_kit.client import stream

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.types_common import Int64, Money, to_money
from gateway_service.types_offers import to_id

_VERIFY_SECONDS = 300.0
_PAGE_SIZE = 1_000
# More is a matter for LedgerService's own pages, or its export.
_ENTRIES_MAX = 10_000
_FAULTS_MAX = 100


@strawberry.type(description="One step of one account, chained to the one before.")
class LedgerEntry:
    """A line of the journal."""

    account_id: strawberry.ID = strawberry.field(description="The account, such as a coupon.")
    number: Int64 = strawberry.field(description="Counts the account's entries, from 1.")
    kind: str = strawberry.field(description="What was done.")
    debit: str = strawberry.field(description="The book debited.")
    credit: str = strawberry.field(description="The book credited.")
    amount: Money = strawberry.field(description="How much.")
    request_id: str = strawberry.field(description="The request that did it.")
    order_id: str | None = strawberry.field(description="The order it was about.")
    gift_id: strawberry.ID | None = strawberry.field(description="The gift it was about.")
    campaign_id: strawberry.ID | None = strawberry.field(description="The campaign behind it.")
    actor: str = strawberry.field(description="Role and id of who did it.")
    time: dt.datetime = strawberry.field(description="When.")
    hash: str = strawberry.field(description="Over the entry and the previous hash, in hex.")
    discount: Money = strawberry.field(
        description="The discount that the order gets, or still gets, after this entry."
    )
    refund: Money = strawberry.field(description="What a return was refunded under the coupon.")
    customer_id: strawberry.ID | None = strawberry.field(
        description="Who has the coupon, the gift or the points after it."
    )
    offer_id: strawberry.ID | None = strawberry.field(description="The offer it is about.")
    coupon_id: strawberry.ID | None = strawberry.field(description="The coupon it is about.")
    points: Int64 = strawberry.field(
        description="Points that an order gets; of points accounts, what is available after it."
    )


@strawberry.type(description="One book of the journal.")
class Book:
    """Sums over all entries."""

    book: str = strawberry.field(description="For example available, held, escrow, redeemed.")
    debit: Int64 = strawberry.field(description="All debits.")
    credit: Int64 = strawberry.field(description="All credits.")
    state_balance: Int64 = strawberry.field(
        description="What the coupons' states say the book holds."
    )


@strawberry.type(description="Debits and credits by book.")
class TrialBalance:
    """Computed from all entries."""

    books: list[Book] = strawberry.field(description="Every book.")
    difference: Int64 = strawberry.field(description="All debits minus all credits.")
    disagreeing_books: Int64 = strawberry.field(
        description="Books whose entries and states disagree."
    )

    @resolver("Whether everything adds up.")
    def balanced(self) -> bool:
        """No difference, no disagreement."""
        return self.difference == 0 and self.disagreeing_books == 0


@strawberry.enum(description="What is wrong with an account or with a checkpoint.")
class JournalFaultKind(Enum):
    """Values are those of the contract."""

    ACCOUNT_INVALID = 1
    ACCOUNT_MISSING = 2
    ACCOUNT_CUT = 3
    ACCOUNT_REWRITTEN = 4
    CHECKPOINT_MISSING = 5
    CHECKPOINT_ALTERED = 6


@strawberry.type(description="Something wrong with the journal.")
class JournalFault:
    """Found by recomputing it."""

    kind: JournalFaultKind | None = strawberry.field(description="What is wrong.")
    account_id: strawberry.ID | None = strawberry.field(
        description="Null where a checkpoint is at fault."
    )
    checkpoint_number: Int64 | None = strawberry.field(
        description="The checkpoint at fault, or the one that the account does not agree with."
    )
    detail: str = strawberry.field(description="In words, for people.")


@strawberry.type(description="A signed note of what the journal was at an instant.")
class Checkpoint:
    """Keep it elsewhere: it stands for itself (docs/ledger.md)."""

    number: Int64 = strawberry.field(description="Counts the tenant's checkpoints.")
    note: str = strawberry.field(description="The text and its signature, to be kept as it is.")


@strawberry.type(description="The public keys with which checkpoints are checked.")
class CheckpointKeys:
    """As C2SP's signed-note writes verifier keys."""

    current: str = strawberry.field(description="The one that signs now.")
    former: list[str] = strawberry.field(description="Those that signed before it.")


@strawberry.input(description="Which entries. Whatever is given has to hold.")
class LedgerFilterInput:
    """Nothing given means all of the tenant's."""

    account_id: strawberry.ID | None = strawberry.field(default=None, description="An account.")
    order_id: str | None = strawberry.field(default=None, description="An order.")
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who had the coupon, the gift or the points after the entry."
    )
    campaign_id: strawberry.ID | None = strawberry.field(default=None, description="A campaign.")
    starts_at: dt.datetime | None = strawberry.field(default=None, description="Included.")
    ends_at: dt.datetime | None = strawberry.field(default=None, description="Not included.")

    def to_proto(self) -> pb.EntryFilter:
        """The message."""
        return pb.EntryFilter(
            account_id=str(self.account_id or ""),
            order_id=self.order_id or "",
            customer_id=str(self.customer_id or ""),
            campaign_id=str(self.campaign_id or ""),
            start_time=convert.optional_timestamp(self.starts_at),
            end_time=convert.optional_timestamp(self.ends_at),
        )


@strawberry.type(description="What recomputing the journal found.")
class Verification:
    """Hash chains and states, recomputed."""

    accounts_checked: Int64 = strawberry.field(description="Accounts recomputed.")
    entries_checked: Int64 = strawberry.field(description="Entries recomputed.")
    fault_count: Int64 = strawberry.field(description="Accounts at fault.")
    faults: list[str] = strawberry.field(description="The first of them, with the reason.")
    found: list[JournalFault] = strawberry.field(description="The first 100, in detail.")
    checkpoint_number: Int64 | None = strawberry.field(
        description="What accounts were held against; null when there is no checkpoint yet."
    )
    checkpoint_at: dt.datetime | None = strawberry.field(description="When that was taken.")


@strawberry.type(description="The journal of coupons, for auditors.")
class Ledger:
    """Every field is computed when asked for."""

    @resolver("Debits and credits by book, and whether they add up.")
    async def trial_balance(self, info: AppInfo) -> TrialBalance | None:
        """Asks offers."""
        context = info.context
        method = context.clients.ledger.GetTrialBalance
        answer = await context.call(
            method, pb.GetTrialBalanceRequest(), timeout_seconds=_VERIFY_SECONDS
        )
        books = [
            Book(
                book=book.book,
                debit=Int64(book.debit),
                credit=Int64(book.credit),
                state_balance=Int64(book.state_balance),
            )
            for book in answer.books
        ]
        return TrialBalance(
            books=books,
            difference=Int64(answer.difference),
            disagreeing_books=Int64(answer.disagreeing_books),
        )

    @resolver("The entries of one account, such as a coupon, oldest first.")
    async def entries(self, info: AppInfo, account_id: strawberry.ID) -> list[LedgerEntry] | None:
        """Asks offers."""
        context = info.context
        request = pb.ListEntriesRequest(account_id=account_id, page_size=_PAGE_SIZE)
        entries: list[pb.Entry] = []
        while True:
            answer = await context.call(context.clients.ledger.ListEntries, request)
            entries += answer.entries
            request.page_token = answer.next_page_token
            if not request.page_token or len(entries) >= _ENTRIES_MAX:
                break
        currency = await context.currency_code()
        return [_to_entry(entry, currency) for entry in entries]

    @resolver("Entries of an account, an order, a customer, a campaign or a time.")
    async def journal(
        self,
        info: AppInfo,
        filter: LedgerFilterInput | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[LedgerEntry] | None:
        """In order of account and number; where only times are given, of time."""
        context = info.context
        currency = await context.currency_code()
        wanted = filter.to_proto() if filter else None

        async def load(page_size: int, page_token: str) -> Page[pb.Entry]:
            request = pb.ListEntriesRequest(
                filter=wanted, page_size=page_size, page_token=page_token
            )
            answer = await context.call(context.clients.ledger.ListEntries, request)
            return Page(answer.entries, answer.next_page_token)

        return await connect(first, after, load, lambda entry: _to_entry(entry, currency))

    @resolver("The signed checkpoints, oldest first.")
    async def checkpoints(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Checkpoint] | None:
        """A page of checkpoints."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.SignedCheckpoint]:
            request = pb.ListCheckpointsRequest(page_size=page_size, page_token=page_token)
            answer = await context.call(context.clients.ledger.ListCheckpoints, request)
            return Page(answer.checkpoints, answer.next_page_token)

        return await connect(
            first, after, load, lambda one: Checkpoint(number=Int64(one.number), note=one.note)
        )

    @resolver("With which checkpoints can be checked by whoever has them.")
    async def checkpoint_keys(self, info: AppInfo) -> CheckpointKeys | None:
        """Asks offers."""
        method = info.context.clients.ledger.GetCheckpointKey
        answer = await info.context.call(method, pb.GetCheckpointKeyRequest())
        return CheckpointKeys(current=answer.verifier_key, former=list(answer.former_verifier_keys))

    @resolver("Recomputes hashes and states, of one account or of all.")
    async def verify(
        self,
        info: AppInfo,
        account_id: strawberry.ID | None = None,
        known_checkpoints: Annotated[
            list[str] | None, argument("Notes that were kept; each has to be there still.")
        ] = None,
    ) -> Verification | None:
        """Asks offers, and waits for the verdict."""
        context = info.context
        answer = pb.VerifyJournalResponse()
        found: list[pb.JournalFault] = []
        request = pb.VerifyJournalRequest(
            account_id=account_id or "", known_checkpoints=known_checkpoints or ()
        )
        async for progress in stream(
            context.clients.ledger.VerifyJournal,
            request,
            token=context.caller.token,
            timeout_seconds=_VERIFY_SECONDS,
        ):
            answer = progress
            found += progress.new_faults[: _FAULTS_MAX - len(found)]
        return Verification(
            accounts_checked=Int64(answer.accounts_checked),
            entries_checked=Int64(answer.entries_checked),
            fault_count=Int64(answer.fault_count),
            faults=list(answer.faults),
            found=[_to_fault(fault) for fault in found],
            checkpoint_number=Int64(answer.checkpoint_number) or None,
            checkpoint_at=convert.to_datetime(answer, "checkpoint_time"),
        )


def _to_fault(fault: pb.JournalFault) -> JournalFault:
    return JournalFault(
        kind=convert.to_enum(JournalFaultKind, fault.kind),
        account_id=to_id(fault.account_id),
        checkpoint_number=Int64(fault.checkpoint_number) or None,
        detail=fault.detail,
    )


def _to_entry(entry: pb.Entry, currency: str) -> LedgerEntry:
    return LedgerEntry(
        account_id=strawberry.ID(entry.account_id),
        number=Int64(entry.number),
        kind=entry.kind,
        debit=entry.debit,
        credit=entry.credit,
        amount=to_money(entry.amount_minor_units, currency),
        request_id=entry.request_id,
        order_id=entry.order_id or None,
        gift_id=to_id(entry.gift_id),
        campaign_id=to_id(entry.campaign_id),
        actor=entry.actor,
        time=convert.to_required_datetime(entry, "time"),
        hash=entry.hash.hex(),
        discount=to_money(entry.discount_minor_units, currency),
        refund=to_money(entry.refund_minor_units, currency),
        customer_id=to_id(entry.customer_id),
        offer_id=to_id(entry.offer_id),
        coupon_id=to_id(entry.coupon_id),
        points=Int64(entry.points),
    )
