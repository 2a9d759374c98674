"""A batch whose process dies in the middle, and is sent again: every row is one customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.clock import wall_ms
from profile_service import store
from profile_service.config import ProfileConfig
from profile_service.domain import MEMBER, Attributes, Tenant
from profile_service.identify import IdentifyOutcome
from profile_service.imports import RowResult
from profile_service.sealing import Vault
from profile_service.service_fields import FieldService
from profile_service.service_imports import Batch, ImportService
from profile_service.service_ring import open_vault
from profile_service.service_segmentation import Segmentation
from profile_service.store import StoreUnavailableError
from profile_service.store_fields import FieldStore
from profile_service.store_imports import ImportStore
from profile_service.store_intents import IntentStore

from tests.integration.profile.harness import open_channel
from tests.integration.profile.machine.faulty import Fate, FaultyDatabase, KilledError
from tests.integration.profile.machine.replica import Replica, Wall

ROWS = 12
# The request, the intent, deciding identifiers, customers, the other identifiers, and the rest.
WRITES = 8


def _importer(database: Any, vault: Vault, segmentation: Segmentation) -> tuple[Replica, Any]:
    """A process that may be killed at any write."""
    replica = Replica(database, vault, segmentation, Wall(wall_ms()))
    faulty: Any = FaultyDatabase(database, replica.faults)
    service = ImportService(
        clock=replica.clock,
        registry=replica.registry,
        identify=replica.identify,
        fields=FieldService(FieldStore(faulty)),
        requests=ImportStore(faulty),
        intents=IntentStore(faulty),
    )
    return replica, service


@asynccontextmanager
async def _opened(uri: str, name: str) -> AsyncIterator[Any]:
    client = store.connect(uri)
    try:
        database = store.open_database(client, name)
        await store.set_up(database)
        yield database
    finally:
        client.close()


def _batch(service: ImportService, shop: str) -> Batch:
    rows = [
        service.want(
            shop,
            [(MEMBER, f"m{number}"), ("phone", f"010-1234-{number:04}")],
            Attributes(display_name=f"name {number}", tier="gold"),
        )
        for number in range(ROWS)
    ]
    # The same row again, and one that adds a device to the first.
    rows.append(rows[3])
    rows.append(service.want(shop, [(MEMBER, "m0"), ("device", "d0")], Attributes()))
    return Batch(shop, "import", rows)


def _expected() -> list[IdentifyOutcome]:
    return [
        *[IdentifyOutcome.CREATED] * ROWS,
        IdentifyOutcome.UNCHANGED,
        IdentifyOutcome.LINKED,
    ]


async def _check(database: Any, replica: Replica, shop: str, results: list[RowResult]) -> None:
    """One customer a row, with its attributes, its identifiers, and the one that its id is."""
    assert _expected() == [one.outcome for one in results]
    found = await replica.customers.list_all(shop, "", 1_000)
    names = Counter(one.attributes.display_name for one in found)
    assert {f"name {number}": 1 for number in range(ROWS)} == names
    assert {one.customer_id for one in found} == {one.customer_id for one in results}
    owned = await replica.identifiers.of_customers(shop, [one.customer_id for one in found])
    for number, one in enumerate(results[:ROWS]):
        namespaces = sorted(each.namespace for each in owned[one.customer_id])
        assert sorted(["customer", MEMBER, "phone", *["device"] * (number == 0)]) == namespaces
    told = {
        customer_id
        async for intent in database.intents.find({"t": shop})
        for customer_id in intent["c"]
    }
    assert {one.customer_id for one in found} <= told


@pytest.mark.parametrize("fate", [Fate.KILLED_HALF, Fate.KILLED_AFTER, Fate.ANSWER_LOST])
async def test_a_batch_that_was_cut_off_anywhere_is_finished_by_sending_it_again(
    settings: ProfileConfig, database_name: str, fate: Fate
) -> None:
    """Behind each of its writes, and half-way through those of many documents."""
    vault, _ = await open_vault(settings)
    async with (
        _opened(settings.mongodb_uri, database_name) as database,
        open_channel(settings.segmentation_target) as channel,
    ):
        credentials = ServiceCredentials(
            settings.service_key_file, settings.auth_issuer, settings.auth_audience, "profile"
        )
        segmentation = Segmentation(EvaluationServiceStub(channel), credentials)
        struck = 0
        for writes in range(WRITES):
            shop = f"shop-{writes}"
            dying, service = _importer(database, vault, segmentation)
            tenant = Tenant(shop, shop, "Asia/Seoul", "KRW", "ko", False, wall_ms())
            await dying.tenants.insert(tenant)
            dying.faults.writes_left, dying.faults.fate = writes, fate
            with pytest.raises((KilledError, StoreUnavailableError)):
                await service.run(_batch(service, shop), b"r" * 16, b"f" * 16)
            struck += dying.faults.struck
            living, service = _importer(database, vault, segmentation)
            results = await service.run(_batch(service, shop), b"r" * 16, b"f" * 16)
            await _check(database, living, shop, results)
            again = await service.run(_batch(service, shop), b"r" * 16, b"f" * 16)
            assert results == again
        assert WRITES == struck
