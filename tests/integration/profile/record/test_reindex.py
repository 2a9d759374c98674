"""What an older release wrote is found too."""

from __future__ import annotations

import asyncio
from typing import Any

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol.profile.v1 import search_service_pb2 as search_pb
from dangol_service_kit.auth import Role
from profile_service.service_reindex import Reindexer
from profile_service.service_ring import open_vault
from profile_service.store_reindex import ReindexStore

from tests.integration.profile.harness import Platform

_DAY_MS = 24 * 3_600_000


async def test_records_without_terms_and_hashes_get_them_until_a_day_after_the_first_pass(
    platform: Platform, settings: Any
) -> None:
    """The version stays; later nothing is looked through any more."""
    admin = platform.client(Role.ADMIN)
    names = [("member", "m-1"), ("phone", "010-1234-5678")]
    made = (await admin.identify(*names, display_name="김민수", tier="gold")).customer
    customers, identifiers = platform.database.customers, platform.database.identifiers

    async def forget() -> None:
        await customers.update_many({}, {"$unset": {"terms": "", "numbers": "", "found": ""}})
        await identifiers.update_many({}, {"$unset": {"l4": ""}})

    async def found() -> list[int]:
        listed = pb.ListCustomersRequest(filter='profile.tier = "gold"')
        searched = search_pb.SearchCustomersRequest(name="민수", phone_last_four="5678")
        return [
            len((await admin.call(admin.customers.ListCustomers, listed)).customers),
            len((await admin.call(admin.searches.SearchCustomers, searched)).candidates),
        ]

    now_ms = 1_700_000_000_000
    vault = (await open_vault(settings))[0]
    store = ReindexStore(platform.database, vault)
    reindexer = Reindexer(store, wall_ms=lambda: now_ms)
    await platform.database.reindexed.delete_many({})
    await forget()
    assert [0, 0] == await found()
    await reindexer.run(asyncio.Event())
    assert [1, 1] == await found()
    assert made.version == (await admin.get(made.customer_id)).version
    assert now_ms == await store.done_ms()

    now_ms += _DAY_MS
    await forget()
    await reindexer.run(asyncio.Event())
    assert [1, 1] == await found()
    now_ms += 1
    await forget()
    await reindexer.run(asyncio.Event())
    assert [0, 0] == await found()
