"""LedgerService on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from dangol.offers.v1 import ledger_service_pb2 as pb
from dangol_service_kit.auth import Caller
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.notes import NoteError

from offers_service.audit import Verification
from offers_service.checkpoints import Checkpoint
from offers_service.rpc_common import authorize, failures, page_size, timestamp
from offers_service.rpc_entries import AUDITORS, EntryRpc
from offers_service.service_audit import Auditor
from offers_service.service_checkpoints import CheckpointBook
from offers_service.service_entries import EntryReader
from offers_service.service_verify import Verifier
from offers_service.service_verify_daily import Rounds
from offers_service.store_checkpoints import StoredCheckpoint

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["LedgerService"].full_name
_NUMBER_DIGITS_MAX = 15


class LedgerServicer(EntryRpc):
    """The journal, for auditors."""

    def __init__(
        self,
        reader: EntryReader,
        auditor: Auditor,
        verifier: Verifier,
        rounds: Rounds,
        book: CheckpointBook,
    ) -> None:
        super().__init__(reader)
        self._auditor = auditor
        self._verifier = verifier
        self._rounds = rounds
        self._book = book

    async def GetTrialBalance(  # noqa: N802
        self, request: pb.GetTrialBalanceRequest, _context: Any
    ) -> pb.GetTrialBalanceResponse:
        """Every book in minor units, and "<book>.count" in coupons."""
        del request
        caller = authorize(*AUDITORS)
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
        caller = authorize(*AUDITORS)
        known = [self._kept(caller, number, note) for number, note in _numbered(request)]
        with failures():
            if request.account_id:
                one = await self._verifier.account(caller.tenant_id, request.account_id, known)
                if one is None:
                    raise RpcFailure(Code.ACCOUNT_NOT_FOUND, "there is no such account")
                yield _write_progress(one, done=True)
                return
            last = None
            async for progress in self._rounds.tenant(caller.tenant_id, known):
                if last is not None:
                    yield last
                last = _write_progress(progress)
            if last is not None:
                last.done = True
                yield last

    async def GetCheckpointKey(  # noqa: N802
        self, request: pb.GetCheckpointKeyRequest, _context: Any
    ) -> pb.GetCheckpointKeyResponse:
        """Public keys only."""
        del request
        authorize(*AUDITORS)
        now, *former = self._book.keys()
        return pb.GetCheckpointKeyResponse(verifier_key=now, former_verifier_keys=former)

    async def ListCheckpoints(  # noqa: N802
        self, request: pb.ListCheckpointsRequest, _context: Any
    ) -> pb.ListCheckpointsResponse:
        """Oldest first; a page token is the number behind which the page begins."""
        caller = authorize(*AUDITORS)
        token = request.page_token
        if token and not (token.isdecimal() and len(token) <= _NUMBER_DIGITS_MAX):
            raise RpcFailure(Code.PAGE_TOKEN_INVALID, "send a next_page_token as it came")
        size = page_size(request.page_size)
        with failures():
            found = await self._book.page(caller.tenant_id, after=int(token or 0), limit=size + 1)
        return pb.ListCheckpointsResponse(
            checkpoints=[_write_checkpoint(stored) for stored in found[:size]],
            next_page_token=str(found[size - 1].number) if len(found) > size else "",
        )

    async def ExportCheckpoint(  # noqa: N802
        self, request: pb.ExportCheckpointRequest, _context: Any
    ) -> AsyncIterator[pb.ExportCheckpointResponse]:
        """The note first, then page after page; CHECKPOINT_NOT_FOUND."""
        caller = authorize(*AUDITORS)
        found = False
        with failures():
            async for part in self._book.export(caller.tenant_id, request.number):
                found = True
                if isinstance(part, bytes):
                    yield pb.ExportCheckpointResponse(accounts=part)
                else:
                    yield pb.ExportCheckpointResponse(checkpoint=_write_checkpoint(part))
        if not found:
            message = "there is no such checkpoint, or its list of accounts is not kept any more"
            raise RpcFailure(Code.CHECKPOINT_NOT_FOUND, message)

    def _kept(self, caller: Caller, number: int, note: str) -> Checkpoint:
        try:
            return self._book.kept(caller.tenant_id, note)
        except (NoteError, ValueError) as error:
            field = f"known_checkpoints[{number}]"
            message = f"send a checkpoint of this tenant as it came: {error}"
            raise RpcFailure(Code.FIELD_INVALID, message, field=field) from None


def _numbered(request: pb.VerifyJournalRequest) -> Iterator[tuple[int, str]]:
    return enumerate(request.known_checkpoints)


def _write_progress(progress: Verification, *, done: bool = False) -> pb.VerifyJournalResponse:
    checkpoint = progress.checkpoint
    return pb.VerifyJournalResponse(
        accounts_checked=progress.accounts_checked,
        entries_checked=progress.entries_checked,
        faults=progress.faults,
        fault_count=progress.fault_count,
        done=done,
        new_faults=[
            pb.JournalFault(
                kind=f"JOURNAL_FAULT_KIND_{fault.kind.name}",
                account_id=fault.account,
                checkpoint_number=fault.checkpoint,
                detail=fault.detail,
            )
            for fault in progress.fresh
        ],
        checkpoint_number=checkpoint.number if checkpoint else 0,
        checkpoint_time=timestamp(checkpoint.taken_ms) if checkpoint else None,
    )


def _write_checkpoint(stored: StoredCheckpoint) -> pb.SignedCheckpoint:
    return pb.SignedCheckpoint(number=stored.number, note=stored.note)
