"""Reading records over gRPC: a batch by id, and pages and counts by tag of a large tenant.

Beside the same finds by a bare motor, in the same process and on the same documents.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, Final

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import event_service_pb2 as events
from dangol_service_kit import keys
from motor.motor_asyncio import AsyncIOMotorClient
from profile_service import store
from profile_service.domain import CUSTOMER, Attributes, Customer
from profile_service.records import NewIdentity
from profile_service.rpc_pages import to_token
from profile_service.sealing import Vault
from profile_service.store_customers import CustomerStore
from profile_service.store_identifiers import IdentifierStore

from bench.context import TENANT, Bench, new_id, one_by_one
from bench.figures import Figure, percentile

_CHUNK: Final = 5_000
_AT_ONCE: Final = 3
_KINDS: Final = 1_000
_BATCH: Final = 100
_PAGE: Final = 20
_CALLS: Final = 200
_WARM_UP: Final = 20
# One in so many carries each tag.
_TAGS: Final = {"common": 10, "rare": 1_000}
_PAGE_GOAL: Final = "p50 <= 20 ms of 1,000,000"
Call = Callable[[], Awaitable[Any]]


def _name(number: int) -> str:
    """An id as long as those that the service makes."""
    return f"u_{number:016d}"


def _customer(number: int) -> Customer:
    """One of each kind."""
    tags = tuple(tag for tag, each in _TAGS.items() if number % each == 0)
    attributes = Attributes(
        tier=("", "silver", "gold")[number % 3], region=f"region-{number % 17}", tags=tags
    )
    return Customer(TENANT, _name(number), 1, 1_700_000_000_000, number % 2 == 0, attributes)


async def _fill(database: Any, vault: Vault, count: int) -> None:
    """Customers as the service stores them: one of each kind by its own store, the others as copies
    of these documents under other ids, with the indexes built behind them. Those with a tag have
    their identifiers too."""
    collection = database[store.CUSTOMERS]
    stored, identifiers = CustomerStore(database, vault), IdentifierStore(database, vault)
    await stored.insert([_customer(number) for number in range(_KINDS)])
    raw: Any = collection.with_options(codec_options=CodecOptions(RawBSONDocument))
    wanted = {"_id": {"$in": [{"t": TENANT, "c": _name(number)} for number in range(_KINDS)]}}
    kinds = [one.raw for one in await raw.find(wanted).sort("_id", 1).to_list(None)]
    await collection.drop_indexes()

    def copies(start: int) -> Iterator[RawBSONDocument]:
        for number in range(start, min(start + _CHUNK, count)):
            kind = number % _KINDS
            document = kinds[kind].replace(_name(kind).encode(), _name(number).encode())
            yield RawBSONDocument(document)

    await _side_by_side(
        lambda start: raw.insert_many(list(copies(start)), ordered=False),
        range(_KINDS, count, _CHUNK),
    )
    await asyncio.gather(store.set_up(database), _claim(identifiers, vault, count))


async def _claim(identifiers: IdentifierStore, vault: Vault, count: int) -> None:
    tagged = range(0, count, min(_TAGS.values()))

    async def claim(at: int) -> None:
        named = [
            NewIdentity(
                vault.identifier_hash(TENANT, namespace, _name(number)),
                *(_name(number), namespace, _name(number)),
            )
            for number in tagged[at : at + _CHUNK // 2]
            for namespace in (CUSTOMER, "device")
        ]
        await identifiers.claim(TENANT, named)

    await _side_by_side(claim, range(0, len(tagged), _CHUNK // 2))


async def _side_by_side(work: Callable[[int], Awaitable[Any]], starts: Sequence[int]) -> None:
    waiting = iter(starts)

    async def run() -> None:
        for start in waiting:
            await work(start)

    await asyncio.gather(*(run() for _ in range(_AT_ONCE)))


async def _sample(bench: Bench, count: int) -> None:
    """A copy reads as the service would have it. Raises RuntimeError."""
    number = count - count % _KINDS - _KINDS + 510
    request = customers.GetCustomerRequest(customer_id=_name(number))
    found = (await bench.admin.call(bench.admin.customers.GetCustomer, request)).customer
    expected = _customer(number % _KINDS)
    same = (found.customer_id, found.tier, found.region, tuple(found.tags), found.member) == (
        *(_name(number), expected.attributes.tier, expected.attributes.region),
        *(expected.attributes.tags, expected.member),
    )
    if not same:
        raise RuntimeError(f"{found.customer_id} is not as it was written")


async def _known(bench: Bench, count: int) -> list[str]:
    """Customers with a name and a number, as they sign up, who came once and bought once."""
    ids = []
    happened = events.RecordEventsRequest()
    for number in range(count):
        request = customers.IdentifyCustomerRequest(
            request_id=new_id(),
            attributes=customers.Customer(display_name=f"Kim {number}", birth_date="1990-05-17"),
        )
        request.identifiers.add(namespace="member", value=f"member-{number}")
        request.identifiers.add(namespace="phone", value=f"010-0000-{number:04d}")
        answer = await bench.admin.call(bench.admin.customers.IdentifyCustomer, request)
        ids.append(answer.customer.customer_id)
        for kind in ("visit", "purchase"):
            event = happened.events.add(event_id=new_id(), type=kind)
            event.customer.namespace, event.customer.value = "member", f"member-{number}"
            event.occurred_at.seconds = 1_700_000_000
    await bench.admin.call(bench.admin.events.RecordEvents, happened)
    return ids


async def _middle_ms(call: Call) -> float:
    await one_by_one(call, _WARM_UP)
    return percentile(await one_by_one(call, _CALLS), 0.5)


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """BatchGetCustomers of 100; ListCustomers and CountCustomers by tag. CUSTOMERS=number."""
    count = int(os.environ.get("CUSTOMERS", "1000000"))
    vault = Vault(keys.from_file(bench.stack.keys / "master.key"))
    client: Any = AsyncIOMotorClient(bench.stack.mongodb_uri)
    database = store.open_database(client, "dangol_profile")
    try:
        ids = await _known(bench, _BATCH)
        for paths in ((), ("display_name", "tier", "tags")):
            yield await _batch(bench, database, ids, paths)
        await _fill(database, vault, count)
        await _sample(bench, count)
        for tag in _TAGS:
            for deep in (False, True):
                yield await _page(bench, database, tag, count, deep=deep)
        yield await _count(bench, database)
    finally:
        client.close()


async def _batch(bench: Bench, database: Any, ids: list[str], paths: tuple[str, ...]) -> Figure:
    keys_of = [{"t": TENANT, "c": one} for one in ids]
    request = customers.BatchGetCustomersRequest(customer_ids=ids)
    request.read_mask.paths.extend(paths)

    async def ask() -> None:
        answer = await bench.admin.call(bench.admin.customers.BatchGetCustomers, request)
        if len(answer.customers) != len(ids):
            raise RuntimeError(f"{len(answer.customers)} of {len(ids)} customers")

    async def bare() -> Any:
        return await database.customers.find({"_id": {"$in": keys_of}}).to_list(None)

    ours, least = await _middle_ms(ask), await _middle_ms(bare)
    what = "names, tiers and tags" if paths else "everything"
    name = f"BatchGetCustomers of {_BATCH}, {what}, p50"
    return Figure(name, ours, "ms", "bare motor find, p50", least, "<= 5 ms")


async def _page(bench: Bench, database: Any, tag: str, count: int, *, deep: bool) -> Figure:
    """The first page, or pages of the last half, each behind another customer."""
    step = max(1, count // (3 * _CALLS))
    ours_after = iter(range(count // 2, count, step)) if deep else None
    bare_after = iter(range(count // 2, count, step)) if deep else None

    async def ask() -> None:
        request = customers.ListCustomersRequest(page_size=_PAGE, tag=tag)
        if ours_after is not None:
            request.page_token = to_token("customers", _name(next(ours_after)), "1001")
        await bench.admin.call(bench.admin.customers.ListCustomers, request)

    async def bare() -> Any:
        after = "" if bare_after is None else _name(next(bare_after))
        condition = {"_id.t": TENANT, "terms": f"tag:{tag}", "_id.c": {"$gt": after}}
        cursor = database.customers.find(condition).sort("_id.c", 1).limit(_PAGE + 1)
        return await cursor.to_list(None)

    ours, least = await _middle_ms(ask), await _middle_ms(bare)
    where = "deep" if deep else "first"
    name = f"ListCustomers by {tag} tag, {_PAGE} of {count:,}, {where} page, p50"
    return Figure(name, ours, "ms", "bare motor find, p50", least, _PAGE_GOAL)


async def _count(bench: Bench, database: Any) -> Figure:
    request = customers.CountCustomersRequest(filter='"common" in profile.tags')

    async def ask() -> None:
        await bench.admin.call(bench.admin.customers.CountCustomers, request)

    async def bare() -> Any:
        condition = {"_id.t": TENANT, "terms": "tag:common"}
        return await database.customers.count_documents(condition)

    ours = percentile(await one_by_one(ask, _WARM_UP), 0.5)
    least = percentile(await one_by_one(bare, _WARM_UP), 0.5)
    return Figure("CountCustomers by tag, p50", ours, "ms", "bare count_documents, p50", least)
