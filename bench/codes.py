"""Batches of codes: made with progress, and shown, beside a bare insert of the same documents."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from typing import Any

from dangol.offers.v1 import code_service_pb2 as codes
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol.offers.v1.code_service_pb2_grpc import CodeServiceStub
from dangol_service_kit.client import metadata

from bench.context import Bench, new_id
from bench.figures import Figure
from bench.store_bare import bare_insert_seconds

COUNT = 100_000
_DEADLINE_SECONDS = 600.0


async def _make(bench: Bench, count: int) -> tuple[str, int]:
    """A batch in one call: its id, and how often the call told how far it is."""
    request = codes.IssueCodesRequest(request_id=new_id(), offer_id="ten-percent", count=count)
    stub: Any = CodeServiceStub(bench.connection.offers)
    call = stub.IssueCodes(request, timeout=_DEADLINE_SECONDS, metadata=metadata(bench.token()))
    answers = [answer async for answer in call]
    if answers[-1].made_count != count or not answers[-1].done:
        raise RuntimeError(f"{answers[-1].made_count} codes made, not {count}")
    return answers[-1].batch_id, len(answers)


async def _export(bench: Bench, batch_id: str) -> set[str]:
    request = codes.ExportCodesRequest(request_id=new_id(), batch_id=batch_id)
    stub: Any = CodeServiceStub(bench.connection.offers)
    call = stub.ExportCodes(request, timeout=_DEADLINE_SECONDS, metadata=metadata(bench.token()))
    return set(b"".join([piece.data async for piece in call]).decode().split()[1:])


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """CODES (100,000) of a batch, durable when it is done, and shown as CSV."""
    count = int(os.environ.get("CODES", COUNT))
    offer = offers.Offer(offer_id="ten-percent", percent_basis_points=1000)
    create = offers.CreateOfferRequest(request_id=new_id(), offer=offer)
    await bench.admin.call(bench.admin.offers.CreateOffer, create)
    await _make(bench, 1)
    started = time.perf_counter()
    batch_id, answers = await _make(bench, count)
    made_seconds = time.perf_counter() - started
    started = time.perf_counter()
    shown = len(await _export(bench, batch_id))
    shown_seconds = time.perf_counter() - started
    if shown != count:
        raise RuntimeError(f"{shown} different codes shown, not {count}")
    uri, source = bench.stack.mongodb_uri, ("dangol_offers", "accounts")
    bare = count / await bare_insert_seconds(uri, source, 1_000, limit=count)
    name = f"make {count:,} codes, one call, {answers} answers of progress"
    yield Figure(name, count / made_seconds, "codes/s", "bare insert_many", bare)
    name = f"show {count:,} codes as CSV"
    yield Figure(name, count / shown_seconds, "codes/s", "making them", count / made_seconds)
