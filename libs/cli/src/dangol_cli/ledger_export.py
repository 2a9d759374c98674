"""Writes a tenant's entries into a file, through offers' API.

A stream that breaks off is taken up behind the last piece that came, so the file has every line
once; the file gets its name when it is whole.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from dangol.offers.v1 import ledger_service_pb2 as messages
from dangol.offers.v1.ledger_service_pb2_grpc import LedgerServiceStub
from dangol_service_kit.client import connect, stream
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tls import Identity

FORMATS = {"csv": messages.ENTRY_FORMAT_CSV, "jsonl": messages.ENTRY_FORMAT_JSON_LINES}
# In a row, without a piece in between.
_BROKEN_OFF_MAX = 5
_PAUSE_SECONDS = 0.5
_PASSING = {Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.CANCELLED}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries; empty and None ask for nothing."""

    account: str = ""
    order: str = ""
    customer: str = ""
    campaign: str = ""
    start: datetime | None = None
    end: datetime | None = None

    def message(self) -> messages.EntryFilter:
        """The filter on the wire."""
        wanted = messages.EntryFilter(
            account_id=self.account,
            order_id=self.order,
            customer_id=self.customer,
            campaign_id=self.campaign,
        )
        if self.start is not None:
            wanted.start_time.FromDatetime(self.start)
        if self.end is not None:
            wanted.end_time.FromDatetime(self.end)
        return wanted


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `dangol ledger export` asks."""
    parser.add_argument("--tenant", required=True, help="tenant id")
    parser.add_argument("--format", choices=sorted(FORMATS), default="csv")
    parser.add_argument("--output", default="-", metavar="FILE", help="- (default) prints it")
    for name in ("account", "order", "customer", "campaign"):
        parser.add_argument(f"--{name}", default="", metavar="ID", help=f"only of this {name}")
    parser.add_argument("--from", dest="start", metavar="ISO_TIME", help="only from then on")
    parser.add_argument("--to", dest="end", metavar="ISO_TIME", help="only before then")


async def export(
    target: str,
    sign: Callable[[], str],
    wanted: Wanted,
    *,
    form: str,
    output: str,
    identity: Identity | None = None,
) -> int:
    """Writes the entries to a file or, for "-", to stdout; how many lines. sign: makes a token,
    anew for each attempt. Raises RpcFailure and OSError."""
    with _opened(output) as out:
        async with connect(target, identity=identity) as channel:
            request = messages.ExportEntriesRequest(filter=wanted.message(), format=FORMATS[form])
            return await _copy(LedgerServiceStub(channel).ExportEntries, request, sign, out)


async def _copy(
    method: Any,
    request: messages.ExportEntriesRequest,
    sign: Callable[[], str],
    out: BinaryIO,
) -> int:
    lines = broken_off = 0
    while True:
        try:
            pieces: AsyncIterator[messages.ExportEntriesResponse] = stream(
                method, request, token=sign()
            )
            async for piece in pieces:
                out.write(piece.data)
                lines += piece.data.count(b"\n")
                request.resume_token, broken_off = piece.resume_token, 0
        except RpcFailure as failure:
            broken_off += 1
            if failure.code not in _PASSING or broken_off > _BROKEN_OFF_MAX:
                raise
            await asyncio.sleep(_PAUSE_SECONDS * broken_off)
            continue
        return lines


@contextmanager
def _opened(output: str) -> Iterator[BinaryIO]:
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
