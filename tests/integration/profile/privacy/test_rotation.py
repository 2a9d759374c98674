"""Rotation of the tenants' keys: under load, without a failed request, and to its end."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from dangol.profile.v1 import customer_service_pb2 as customer_pb
from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from profile_service.config import ProfileConfig
from profile_service.rotation import Step, advance, begin
from profile_service.store import connect, open_database
from profile_service.store_rotations import RotationStore

from tests.integration.profile.harness import OTHER, SHOP, Client, Platform, event, eventually
from tests.integration.profile.privacy.ring_file import RingFile

WORKERS = 4


def _privacy(platform: Platform) -> Any:
    return PrivacyServiceStub(platform.channel)


async def _rotation(platform: Platform, tenant_id: str = SHOP) -> pb.KeyRotation:
    admin = platform.client(Role.ADMIN, tenant_id)
    request = pb.ListKeyRotationsRequest()
    answer = await admin.call(_privacy(platform).ListKeyRotations, request)
    return answer.rotations[0] if answer.rotations else pb.KeyRotation()


def rotated_to(platform: Platform, version: int) -> Callable[[], Any]:
    """A condition: every key of the shop lies under the version."""

    async def look() -> bool:
        found = await _rotation(platform)
        return found.version == version and found.state == pb.KEY_ROTATION_STATE_COMPLETE

    return look


async def _versions(platform: Platform) -> set[int]:
    """Under which versions anything lies."""
    places = (("customers", "data_key"), ("identifiers", "k"), ("consents", "k"))
    return {
        found[field][0]
        for name, field in places
        async for found in platform.database[name].find({field: {"$nin": [b"", None]}})
    }


async def _visit(client: Client, admin: Client, name: str) -> None:
    """Every kind of request that seals or opens something, for one customer."""
    made = await client.identify(("member", name), ("phone", f"p-{name}"), display_name=name)
    customer = made.customer
    update = customer_pb.UpdateCustomerRequest(request_id=str(uuid.uuid4()), customer=customer)
    update.customer.note = f"note of {name}"
    update.update_mask.paths.append("note")
    changed = await admin.call(admin.customers.UpdateCustomer, update)
    assert f"note of {name}" == changed.customer.note
    sent = event("phone", f"p-{name}", "search")
    sent.properties["query"].text = name
    await client.record(sent)
    consent = customer_pb.SetConsentRequest(
        request_id=str(uuid.uuid4()), customer_id=customer.customer_id
    )
    consent.entries.add(purpose="marketing", channel="sms", granted=True, source=name)
    await admin.call(admin.customers.SetConsent, consent)
    await _read(admin, name)


async def _read(admin: Client, name: str) -> None:
    found = await admin.find("member", name)
    assert (name, f"note of {name}") == (found.display_name, found.note)
    timeline = await admin.timeline(found.customer_id)
    assert {name} == {one.properties["query"].text for one in timeline.events}
    request = customer_pb.ListConsentsRequest(customer_id=found.customer_id)
    log = await admin.call(admin.customers.ListConsents, request)
    assert [name] == [one.source for one in log.entries]


async def test_under_load_no_request_fails_while_every_key_is_sealed_anew_twice(
    platform: Platform, ring: RingFile
) -> None:
    """From the derived version to one of the ring, then to the next, the former destroyed."""
    partner, admin = platform.client(Role.PARTNER), platform.client(Role.ADMIN)
    names: list[str] = []
    over = asyncio.Event()

    async def work(worker: int) -> None:
        while not over.is_set():
            name = f"w{worker}-{len(names)}"
            await _visit(partner, admin, name)
            names.append(name)
            # Those of before the rotation are read and written during it.
            await _read(admin, names[len(names) // 2])

    await _visit(partner, admin, "first")
    names.append("first")
    workers = [asyncio.create_task(work(number)) for number in range(WORKERS)]

    async def rotate() -> None:
        ring.add(2, ahead_seconds=3.0)
        await eventually(rotated_to(platform, 2))
        ring.add(3, ahead_seconds=3.0)
        await eventually(rotated_to(platform, 3))
        over.set()

    await asyncio.gather(rotate(), *workers)
    assert {3} == await _versions(platform)
    found = await _rotation(platform)
    assert found.customer_count > 0
    assert found.identifier_count > found.customer_count
    assert (0, True) == (found.broken_count, found.consent_count > 0)
    ring.destroy(2)
    for name in names:
        await _read(admin, name)


async def test_another_replica_goes_on_where_one_stopped(
    platform: Platform, settings: ProfileConfig, ring: RingFile
) -> None:
    """The position is kept; nobody takes it while the lease of the other lasts."""
    partner, admin = platform.client(Role.PARTNER), platform.client(Role.ADMIN)
    for name in ("a", "b", "c"):
        await _visit(partner, admin, name)
    mongodb = connect(settings.mongodb_uri)
    store = RotationStore(open_database(mongodb, settings.mongodb_database))
    first = await store.lease(begin(SHOP, 2, 1_000), 1_000, 500)
    assert first is not None
    came_so_far = advance(first[0], Step(7, 0, "u"), 1_100, 0)
    assert await store.save(came_so_far, first[1], 1_100, 500)
    assert None is await store.lease(begin(SHOP, 2, 1_599), 1_599, 500)
    second = await store.lease(begin(SHOP, 2, 1_600), 1_600, 500)
    assert second is not None
    assert came_so_far == second[0]
    assert not await store.save(came_so_far, first[1], 1_700, 500)
    mongodb.close()
    ring.add(2)
    await eventually(rotated_to(platform, 2))
    assert {2} == await _versions(platform)
    found = await _rotation(platform)
    assert (1, 7 + 3) == (found.start_time.seconds, found.customer_count)
    await _read(admin, "a")


async def test_a_key_destroyed_too_early_is_counted_and_spoils_nobody_else(
    platform: Platform, ring: RingFile
) -> None:
    """The one that does not open is told of; the others are sealed anew."""
    partner, admin = platform.client(Role.PARTNER), platform.client(Role.ADMIN)
    await _visit(partner, admin, "a")
    lost = await partner.identify(("member", "lost"))
    foreign = bytes([200]) + bytes(60)
    await platform.database.identifiers.update_many(
        {"c": lost.customer.customer_id, "ns": "member"}, {"$set": {"k": foreign}}
    )
    ring.add(2)
    await eventually(rotated_to(platform, 2))
    assert 1 == (await _rotation(platform)).broken_count
    await _read(admin, "a")


async def test_only_those_who_run_the_platform_see_rotations_and_admins_their_own(
    platform: Platform, ring: RingFile
) -> None:
    """Others are refused; pages go by tenant."""
    for role in (Role.MARKETER, Role.STAFF, Role.PARTNER, Role.CUSTOMER):
        client = platform.client(role)
        with pytest.raises(RpcFailure) as caught:
            await client.call(_privacy(platform).ListKeyRotations, pb.ListKeyRotationsRequest())
        assert Code.ROLE_NOT_ALLOWED is caught.value.code
    with pytest.raises(grpc.aio.AioRpcError):
        await _privacy(platform).ListKeyRotations(pb.ListKeyRotationsRequest())
    ring.add(2)
    await eventually(rotated_to(platform, 2))
    assert OTHER == (await _rotation(platform, OTHER)).tenant_id
    operator = platform.client(Role.OPERATOR, "*")
    request = pb.ListKeyRotationsRequest(page_size=2)
    first = await operator.call(_privacy(platform).ListKeyRotations, request)
    request.page_token = first.next_page_token
    second = await operator.call(_privacy(platform).ListKeyRotations, request)
    tenants = [one.tenant_id for one in (*first.rotations, *second.rotations)]
    assert ["lab", OTHER, SHOP] == tenants
    assert "" == second.next_page_token
