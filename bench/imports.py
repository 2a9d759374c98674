"""Customers by the batch over gRPC, beside bare insert_many of the very same documents."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from dangol.profile.v1 import import_service_pb2 as imports
from dangol.profile.v1.import_service_pb2_grpc import ImportServiceStub
from dangol_service_kit.client import call
from motor.motor_asyncio import AsyncIOMotorClient
from profile_service import store

from bench.context import TENANT, Bench, new_id
from bench.figures import Figure

_BATCH: Final = 500
_AT_ONCE: Final = 4
_BARE: Final = "dangol_profile_bare"
_IMPORT_ID: Final = str(uuid.UUID(int=1))
_SYLLABLES: Final = "가나다라마바사아자차카타파하"


def _row(number: int) -> imports.ImportedCustomer:
    """A member with a number, a name, a birthday, a tier, a region and tags, as CRMs have them."""
    row = imports.ImportedCustomer(line=number)
    row.identifiers.add(namespace="member", value=f"member-{number}")
    row.identifiers.add(
        namespace="phone", value=f"010-{number // 10_000:04d}-{number % 10_000:04d}"
    )
    customer = row.attributes
    size = len(_SYLLABLES)
    given = _SYLLABLES[number % size] + _SYLLABLES[number // size % size]
    customer.display_name, customer.birth_date = f"김{given}", f"19{number % 80 + 10}-05-17"
    customer.tier = ("silver", "gold", "vip")[number % 3]
    customer.region, customer.language = f"region-{number % 17}", "ko"
    customer.tags.extend(("newsletter", f"tag-{number % 50}"))
    customer.fields["visits"].number = str(number % 90)
    return row


async def _side_by_side(batches: Iterable[Any], work: Callable[[Any], Awaitable[None]]) -> float:
    """Seconds for all batches, so many at once."""
    waiting = iter(batches)

    async def run() -> None:
        for one in waiting:
            await work(one)

    started = time.perf_counter()
    await asyncio.gather(*(run() for _ in range(_AT_ONCE)))
    return time.perf_counter() - started


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """ImportCustomers in batches of 500, four at once. ROWS=number."""
    count = int(os.environ.get("ROWS", "30000"))
    stub: Any = ImportServiceStub(bench.connection.profile)
    requests = [
        imports.ImportCustomersRequest(
            request_id=new_id(),
            import_id=_IMPORT_ID,
            customers=[_row(number) for number in range(start, min(start + _BATCH, count))],
        )
        for start in range(0, count, _BATCH)
    ]
    token = bench.token()

    async def send(request: imports.ImportCustomersRequest) -> None:
        answer = await call(stub.ImportCustomers, request, token=token, timeout_seconds=60)
        created = sum(bool(one.customer_id) for one in answer.results)
        if created != len(request.customers):
            raise RuntimeError(f"{created} of {len(request.customers)} rows")

    ours = count / await _side_by_side(requests, send)
    client: Any = AsyncIOMotorClient(bench.stack.mongodb_uri)
    try:
        least = count / await _bare_seconds(client, count)
    finally:
        client.close()
    name = f"ImportCustomers of {count:,} in batches of {_BATCH}"
    bare = "bare insert_many of the same documents"
    yield Figure(name, ours, "customers/s", bare, least, ">= 5,000 customers/s")


async def _bare_seconds(client: Any, count: int) -> float:
    """The same documents into empty collections with the same indexes, majority and all."""
    written = store.open_database(client, "dangol_profile")
    empty = store.open_database(client, _BARE)
    await store.set_up(empty)
    jobs: list[tuple[str, Sequence[Any]]] = []
    for name, tenant in ((store.CUSTOMERS, "_id.t"), (store.IDENTIFIERS, "t")):
        found = await written[name].find({tenant: TENANT}).to_list(None)
        each = _BATCH * len(found) // count
        jobs += [(name, found[at : at + each]) for at in range(0, len(found), each)]
    halves = len(jobs) // 2
    mixed = [job for pair in zip(jobs[:halves], jobs[halves:], strict=False) for job in pair]

    async def insert(job: tuple[str, Sequence[Any]]) -> None:
        await empty[job[0]].insert_many(job[1], ordered=False)

    return await _side_by_side([*mixed, *jobs[2 * halves :]], insert)
