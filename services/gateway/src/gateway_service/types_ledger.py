"""The journal, for auditors."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.offers.v1 import ledger_service_pb2 as pb
from dangol_service_kit.client import stream

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, Money, to_money
from gateway_service.types_offers import to_id

_VERIFY_SECONDS = 300.0
_PAGE_SIZE = 1_000
# More is a matter for LedgerService's own pages, or its export.
_ENTRIES_MAX = 10_000


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


@strawberry.type(description="What recomputing the journal found.")
class Verification:
    """Hash chains and states, recomputed."""

    accounts_checked: Int64 = strawberry.field(description="Accounts recomputed.")
    entries_checked: Int64 = strawberry.field(description="Entries recomputed.")
    fault_count: Int64 = strawberry.field(description="Accounts at fault.")
    faults: list[str] = strawberry.field(description="The first of them, with the reason.")


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

    @resolver("Recomputes hashes and states, of one account or of all.")
    async def verify(
        self, info: AppInfo, account_id: strawberry.ID | None = None
    ) -> Verification | None:
        """Asks offers, and waits for the verdict."""
        context = info.context
        answer = pb.VerifyJournalResponse()
        request = pb.VerifyJournalRequest(account_id=account_id or "")
        async for progress in stream(
            context.clients.ledger.VerifyJournal,
            request,
            token=context.caller.token,
            timeout_seconds=_VERIFY_SECONDS,
        ):
            answer = progress
        return Verification(
            accounts_checked=Int64(answer.accounts_checked),
            entries_checked=Int64(answer.entries_checked),
            fault_count=Int64(answer.fault_count),
            faults=list(answer.faults),
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
    )
