"""Reading records over gRPC: a batch by id, and pages and counts by tag of a large tenant.

Beside the same finds by a bare motor, in the same process and on the same documents.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from dangol.profile.v1 import customer_service_pb2 as customers
from dangol_service_kit import keys
from motor.motor_asyncio import AsyncIOMotorClient
from profile_service import store
from profile_service.domain import CUSTOMER, Attributes, Customer
from profile_service.records import NewIdentity
from profile_service.sealing import Vault
from profile_service.store_customers import CustomerStore
from profile_service.store_identifiers import IdentifierStore

from bench.context import TENANT, Bench, new_id, one_by_one
from bench.figures import Figure, percentile

_CHUNK: Final = 5_000
_BATCH: Final = 100
_PAGE: Final = 20
_CALLS: Final = 200
_WARM_UP: Final = 20
# One in so many carries each tag.
_TAGS: Final = {"common": 10, "rare": 1_000}
_PAGE_GOAL: Final = "p50 <= 20 ms of 1,000,000"
Call = Callable[[], Awaitable[Any]]


def _customer(number: int) -> Customer:
    tags = tuple(tag for tag, each in _TAGS.items() if number % each == 0)
    attributes = Attributes(
        tier=("", "silver", "gold")[number % 3], region=f"region-{number % 17}", tags=tags
    )
    return Customer(TENANT, f"u_{number:08d}", 1, 1_700_000_000_000, number % 2 == 0, attributes)


async def _fill(database: Any, vault: Vault, count: int) -> None:
    """Customers as the service would store them; those with a tag have their identifiers too."""
    stored, identifiers = CustomerStore(database, vault), IdentifierStore(database, vault)
    for start in range(0, count, _CHUNK):
        made = [_customer(number) for number in range(start, min(start + _CHUNK, count))]
        named = [
            NewIdentity(
                vault.identifier_hash(TENANT, namespace, one.customer_id),
                *(one.customer_id, namespace, one.customer_id),
            )
            for one in made
            if one.attributes.tags
            for namespace in (CUSTOMER, "device")
        ]
        await asyncio.gather(stored.insert(made), identifiers.claim(TENANT, named))


async def _known(bench: Bench, count: int) -> list[str]:
    """Customers with a name and a number, as they sign up."""
    ids = []
    for number in range(count):
        request = customers.IdentifyCustomerRequest(
            request_id=new_id(),
            attributes=customers.Customer(display_name=f"Kim {number}", birth_date="1990-05-17"),
        )
        request.identifiers.add(namespace="member", value=f"member-{number}")
        request.identifiers.add(namespace="phone", value=f"010-0000-{number:04d}")
        answer = await bench.admin.call(bench.admin.customers.IdentifyCustomer, request)
        ids.append(answer.customer.customer_id)
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
        yield await _batch(bench, database, ids)
        await _fill(database, vault, count)
        for tag in _TAGS:
            yield await _page(bench, database, tag, count)
        yield await _count(bench, database)
    finally:
        client.close()


async def _batch(bench: Bench, database: Any, ids: list[str]) -> Figure:
    keys_of = [{"t": TENANT, "c": one} for one in ids]
    request = customers.BatchGetCustomersRequest(customer_ids=ids)

    async def ask() -> None:
        answer = await bench.admin.call(bench.admin.customers.BatchGetCustomers, request)
        if len(answer.customers) != len(ids):
            raise RuntimeError(f"{len(answer.customers)} of {len(ids)} customers")

    async def bare() -> Any:
        return await database.customers.find({"_id": {"$in": keys_of}}).to_list(None)

    ours, least = await _middle_ms(ask), await _middle_ms(bare)
    return Figure(
        f"BatchGetCustomers of {_BATCH}, p50", ours, "ms", "bare motor find, p50", least, "<= 5 ms"
    )


async def _page(bench: Bench, database: Any, tag: str, count: int) -> Figure:
    """Pages from everywhere in the list, each behind another customer."""
    after = iter(range(0, count, max(1, count // (4 * _CALLS))))
    tokens = [await _token(bench, tag)]

    async def ask() -> None:
        request = customers.ListCustomersRequest(page_size=_PAGE, tag=tag, page_token=tokens[0])
        answer = await bench.admin.call(bench.admin.customers.ListCustomers, request)
        tokens[0] = answer.next_page_token

    async def bare() -> Any:
        condition = {
            "_id.t": TENANT,
            "terms": f"tag:{tag}",
            "_id.c": {"$gt": f"u_{next(after):08d}"},
        }
        cursor = database.customers.find(condition).sort("_id.c", 1).limit(_PAGE + 1)
        return await cursor.to_list(None)

    ours, least = await _middle_ms(ask), await _middle_ms(bare)
    name = f"ListCustomers by {tag} tag, {_PAGE} of {count:,}, p50"
    return Figure(name, ours, "ms", "bare motor find, p50", least, _PAGE_GOAL)


async def _token(bench: Bench, tag: str) -> str:
    request = customers.ListCustomersRequest(page_size=_PAGE, tag=tag)
    answer = await bench.admin.call(bench.admin.customers.ListCustomers, request)
    token: str = answer.next_page_token
    return token


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
