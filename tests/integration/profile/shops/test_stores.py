"""The tenant's stores over gRPC and a real database."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from dangol.profile.v1 import store_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import OTHER, Client, Platform
from tests.integration.profile.shops.counter import staff_of, store, stores_stub, upsert

SOME = (
    store("gangnam", "seoul", "south", time_zone="Asia/Seoul"),
    store("jamsil", "seoul", "east"),
    store("bundang", "gyeonggi", "south"),
)


async def _ids(platform: Platform, client: Client, **query: object) -> list[str]:
    """All pages of two."""
    found: list[str] = []
    token = ""
    while True:
        request = pb.ListStoresRequest(page_size=2, page_token=token, **query)  # type: ignore[arg-type]
        answer = await client.call(stores_stub(platform).ListStores, request)
        found += [one.store_id for one in answer.stores]
        token = answer.next_page_token
        if not token:
            return found


async def test_stores_are_written_listed_and_found_by_region_and_zone(platform: Platform) -> None:
    """In pages, in order of id; another tenant sees none of them."""
    written = await upsert(platform, *SOME)
    assert ["CREATED"] * 3 == [outcome for outcome, _ in written]
    admin = platform.client(Role.ADMIN)
    assert ["bundang", "gangnam", "jamsil"] == await _ids(platform, admin)
    assert ["gangnam", "jamsil"] == await _ids(platform, admin, region="seoul")
    assert ["gangnam"] == await _ids(platform, admin, region="seoul", zone="south")
    assert [] == await _ids(platform, platform.client(Role.ADMIN, OTHER))
    stub = stores_stub(platform)
    found = (await admin.call(stub.GetStore, pb.GetStoreRequest(store_id="gangnam"))).store
    assert ("Asia/Seoul", "gangnam점", 1) == (
        found.time_zone,
        found.display_names["ko"],
        found.version,
    )


async def test_an_upsert_may_be_sent_twice_and_its_id_means_one_thing(platform: Platform) -> None:
    """The same again is answered the same, other content is refused, store by store."""
    request_id = str(uuid.uuid4())
    first = await upsert(platform, *SOME, request_id=request_id)
    assert first == await upsert(platform, *SOME, request_id=request_id)
    moved = store("jamsil", "seoul", "west")
    again = await upsert(platform, SOME[0], moved, request_id=request_id)
    assert ["CREATED", "REQUEST_CONFLICT"] == [outcome for outcome, _ in again]
    stale = store("jamsil", "seoul", "west", version=7)
    fresh = store("jamsil", "seoul", "west", version=1)
    assert "VERSION_CONFLICT" == (await upsert(platform, stale))[0][0]
    outcome, now = (await upsert(platform, fresh))[0]
    assert ("CHANGED", 2, "west") == (outcome, now.version, now.zone)
    outcome, now = (await upsert(platform, store("jamsil", "seoul", "west")))[0]
    assert ("UNCHANGED", 2) == (outcome, now.version)


async def test_two_writers_at_once_leave_a_version_each(platform: Platform) -> None:
    """Nothing is lost: of ten who say that they read version 1, one wins."""
    await upsert(platform, SOME[0])
    changes = [store("gangnam", "seoul", f"zone-{number}", version=1) for number in range(10)]
    answers = await asyncio.gather(*(upsert(platform, one) for one in changes))
    outcomes = sorted(answer[0][0] for answer in answers)
    assert ["CHANGED", *["VERSION_CONFLICT"] * 9] == outcomes


async def test_an_archived_store_leaves_the_lists_and_comes_back(platform: Platform) -> None:
    """What an upsert says of it is kept meanwhile."""
    await upsert(platform, *SOME)
    admin, stub = platform.client(Role.ADMIN), stores_stub(platform)
    request = pb.ArchiveStoreRequest(request_id=str(uuid.uuid4()), store_id="jamsil")
    for _ in range(2):
        assert (await admin.call(stub.ArchiveStore, request)).store.archived
    assert ["bundang", "gangnam"] == await _ids(platform, admin)
    assert ["bundang", "gangnam", "jamsil"] == await _ids(platform, admin, include_archived=True)
    _, changed = (await upsert(platform, store("jamsil", "seoul", "west")))[0]
    assert changed.archived
    back = pb.RestoreStoreRequest(request_id=str(uuid.uuid4()), store_id="jamsil")
    assert not (await admin.call(stub.RestoreStore, back)).store.archived
    assert ["gangnam", "jamsil"] == await _ids(platform, admin, region="seoul")


async def test_staff_see_the_stores_of_their_token_and_change_none(platform: Platform) -> None:
    """Another store looks like one that does not exist; a token without stores sees none."""
    await upsert(platform, *SOME)
    stub = stores_stub(platform)
    staff = staff_of(platform, "gangnam", "nowhere")
    assert ["gangnam"] == await _ids(platform, staff)
    assert [] == await _ids(platform, staff_of(platform))
    with pytest.raises(RpcFailure) as foreign:
        await staff.call(stub.GetStore, pb.GetStoreRequest(store_id="jamsil"))
    with pytest.raises(RpcFailure) as unknown:
        await staff.call(stub.GetStore, pb.GetStoreRequest(store_id="nowhere"))
    assert Code.STORE_NOT_FOUND is foreign.value.code
    assert str(foreign.value) == str(unknown.value)
    request = pb.UpsertStoresRequest(request_id=str(uuid.uuid4()), stores=SOME[:1])
    with pytest.raises(RpcFailure) as refused:
        await staff.call(stub.UpsertStores, request)
    assert Code.ROLE_NOT_ALLOWED is refused.value.code


BAD_STORES: list[tuple[tuple[pb.Store, ...], str]] = [
    ((SOME[0], SOME[0]), "stores[1].store_id"),
    ((store("a b"),), "stores[0].store_id"),
    ((store("s", time_zone="Mars/Olympus"),), "stores[0].time_zone"),
    ((), "stores"),
]


async def test_bad_stores_are_refused_by_the_field(platform: Platform) -> None:
    """And nothing of the request is written."""
    for sent, field in BAD_STORES:
        with pytest.raises(RpcFailure) as refused:
            await upsert(platform, *sent)
        assert (Code.FIELD_INVALID, field) == (refused.value.code, refused.value.field)
    assert 0 == await platform.database.stores.count_documents({})
