"""The entries of LedgerService on the wire: lists and files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from dangol.offers.v1 import ledger_service_pb2 as pb
from dangol.offers.v1 import ledger_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp

from offers_service import entry_files
from offers_service.entries import Filter, Line, Mark, order_of, read_token, write_token
from offers_service.entry_files import Format
from offers_service.journal import NEVER_MS
from offers_service.rpc_common import authorize, failures, page_size, timestamp
from offers_service.service_entries import EntryReader

AUDITORS = (Role.ADMIN, Role.MARKETER, Role.SERVICE)
_FORMATS = {
    pb.ENTRY_FORMAT_CSV: Format.CSV,
    pb.ENTRY_FORMAT_JSON_LINES: Format.JSON_LINES,
}


class EntryRpc(pb_grpc.LedgerServiceServicer):
    """Entries of one tenant, page by page or as a file."""

    def __init__(self, reader: EntryReader) -> None:
        self._reader = reader

    async def ListEntries(  # noqa: N802
        self, request: pb.ListEntriesRequest, _context: Any
    ) -> pb.ListEntriesResponse:
        """One page; ACCOUNT_NOT_FOUND, PAGE_TOKEN_INVALID."""
        caller = authorize(*AUDITORS)
        wanted = _filter(request.filter, request.account_id)
        after = _mark(wanted, request.page_token)
        with failures():
            await self._check(caller.tenant_id, wanted.account)
            lines, mark = await self._reader.page(
                caller.tenant_id, wanted, after, page_size(request.page_size)
            )
        return pb.ListEntriesResponse(
            entries=[write_entry(line) for line in lines],
            next_page_token=write_token(wanted, mark) if mark else "",
        )

    async def ExportEntries(  # noqa: N802
        self, request: pb.ExportEntriesRequest, _context: Any
    ) -> AsyncIterator[pb.ExportEntriesResponse]:
        """Whole lines; what holds the stream up is how fast the caller reads."""
        caller = authorize(*AUDITORS)
        wanted, form = _filter(request.filter), _FORMATS[request.format]
        after = _mark(wanted, request.resume_token)
        head = b"" if after else entry_files.begin(form)
        with failures():
            await self._check(caller.tenant_id, wanted.account)
            async for lines, mark in self._reader.everything(caller.tenant_id, wanted, after):
                yield pb.ExportEntriesResponse(
                    data=head + entry_files.write(form, lines),
                    resume_token=write_token(wanted, mark) if mark else "",
                )
                head = b""

    async def _check(self, tenant_id: str, account_id: str) -> None:
        if account_id and not await self._reader.has(tenant_id, account_id):
            raise RpcFailure(Code.ACCOUNT_NOT_FOUND, "there is no such account")


def write_entry(line: Line) -> pb.Entry:
    """An entry for the wire."""
    entry = line.entry
    return pb.Entry(
        account_id=line.account,
        number=entry.number,
        kind=entry.kind,
        debit=entry.debit,
        credit=entry.credit,
        amount_minor_units=entry.amount,
        request_id=entry.request,
        order_id=order_of(entry),
        gift_id=entry.gift,
        campaign_id=entry.campaign,
        actor=entry.actor,
        time=timestamp(entry.at_ms),
        hash=entry.hash,
        discount_minor_units=entry.discount,
        refund_minor_units=entry.refund,
        customer_id=entry.owner,
        offer_id=entry.offer,
        coupon_id=entry.coupon,
        points=entry.points,
    )


def _filter(given: pb.EntryFilter, account_id: str = "") -> Filter:
    if account_id and given.account_id not in ("", account_id):
        message = "name one account, in either field"
        raise RpcFailure(Code.FIELD_INVALID, message, field="filter.account_id")
    start_ms = _milliseconds(given.start_time) if given.HasField("start_time") else 0
    end_ms = _milliseconds(given.end_time) if given.HasField("end_time") else NEVER_MS
    if start_ms >= end_ms:
        message = "use a time after start_time"
        raise RpcFailure(Code.FIELD_INVALID, message, field="filter.end_time")
    customers: Sequence[str] = [given.customer_id] if given.customer_id else []
    return Filter(
        account=account_id or given.account_id,
        order=given.order_id,
        customers=tuple(customers),
        campaign=given.campaign_id,
        start_ms=start_ms,
        end_ms=end_ms,
    )


def _milliseconds(time: Timestamp) -> int:
    """Rounded up: an entry's time is in whole milliseconds, and none is left out or added."""
    return min(NEVER_MS, max(0, -(-(time.seconds * 10**9 + time.nanos) // 10**6)))


def _mark(wanted: Filter, token: str) -> Mark | None:
    try:
        return read_token(wanted, token) if token else None
    except ValueError:
        message = "send a token as it came, with the filter that it came for"
        raise RpcFailure(Code.PAGE_TOKEN_INVALID, message) from None
