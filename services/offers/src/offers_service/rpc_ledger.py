"""LedgerService on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from dangol.offers.v1 import ledger_service_pb2 as pb
from dangol.offers.v1 import ledger_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.journal import Entry
from offers_service.rpc_common import authorize, failures, timestamp
from offers_service.service_audit import Auditor

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["LedgerService"].full_name
_AUDITORS = (Role.ADMIN, Role.MARKETER, Role.SERVICE)


class LedgerServicer(pb_grpc.LedgerServiceServicer):
    """The journal, for auditors."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor

    async def ListEntries(  # noqa: N802
        self, request: pb.ListEntriesRequest, _context: Any
    ) -> pb.ListEntriesResponse:
        """The entries of one account; ACCOUNT_NOT_FOUND."""
        caller = authorize(*_AUDITORS)
        with failures():
            entries = await self._auditor.entries(caller.tenant_id, request.account_id)
        if entries is None:
            raise RpcFailure(Code.ACCOUNT_NOT_FOUND, "there is no such account")
        return pb.ListEntriesResponse(
            entries=[_write_entry(request.account_id, entry) for entry in entries]
        )

    async def GetTrialBalance(  # noqa: N802
        self, request: pb.GetTrialBalanceRequest, _context: Any
    ) -> pb.GetTrialBalanceResponse:
        """Every book in minor units, and "<book>.count" in coupons."""
        del request
        caller = authorize(*_AUDITORS)
        with failures():
            balance = await self._auditor.balance(caller.tenant_id)
        books = [
            pb.Book(
                book=book.name,
                debit=book.debit,
                credit=book.credit,
                state_balance=book.state_balance,
            )
            for book in balance.books
        ]
        return pb.GetTrialBalanceResponse(
            books=books,
            difference=balance.difference,
            disagreeing_books=balance.disagreeing_count,
        )

    async def VerifyJournal(  # noqa: N802
        self, request: pb.VerifyJournalRequest, _context: Any
    ) -> AsyncIterator[pb.VerifyJournalResponse]:
        """Progress after each batch of accounts, then the verdict with done set."""
        caller = authorize(*_AUDITORS)
        with failures():
            last = None
            async for progress in self._auditor.verify(caller.tenant_id, request.account_id):
                if last is not None:
                    yield last
                last = pb.VerifyJournalResponse(
                    accounts_checked=progress.accounts_checked,
                    entries_checked=progress.entries_checked,
                    faults=progress.faults,
                    fault_count=progress.fault_count,
                )
            if last is None or (request.account_id and not last.accounts_checked):
                raise RpcFailure(Code.ACCOUNT_NOT_FOUND, "there is no such account")
            last.done = True
            yield last


def _write_entry(account_id: str, entry: Entry) -> pb.Entry:
    return pb.Entry(
        account_id=account_id,
        number=entry.number,
        kind=entry.kind,
        debit=entry.debit,
        credit=entry.credit,
        amount_minor_units=entry.amount,
        request_id=entry.request,
        order_id=entry.order,
        gift_id=entry.gift,
        campaign_id=entry.campaign,
        actor=entry.actor,
        time=timestamp(entry.at_ms),
        hash=entry.hash,
        discount_minor_units=entry.discount,
        refund_minor_units=entry.refund,
    )
