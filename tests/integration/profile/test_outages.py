"""What happens when segmentation is away, or this service dies at the worst moment."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields

import pytest
from dangol_service_kit.auth import Role
from dangol_service_kit.client import connect
from dangol_service_kit.errors import Code, RpcFailure
from grpc_health.v1 import health_pb2, health_pb2_grpc
from profile_service.config import ProfileConfig
from pymongo import AsyncMongoClient

from tests.integration.profile.harness import (
    LAB,
    LAB_START_SECONDS,
    FakeSegmentation,
    Keys,
    Platform,
    event,
    eventually,
    outcomes,
)


async def test_events_are_recorded_while_segmentation_is_down_and_relayed_later(
    platform: Platform,
) -> None:
    """The answer says that changes follow; when segmentation is back the customer is replayed."""
    partner = platform.client()
    await platform.segmentation.stop()
    response = await partner.record(event("member", "m-1"))
    assert (["RECORDED"], True) == (outcomes(response), response.changes_pending)
    assert not await platform.nothing_open()
    await platform.segmentation.start()
    await eventually(platform.nothing_open)
    customer_id = (await partner.find("member", "m-1")).customer_id
    assert {customer_id} == platform.segmentation.replayed_ids


async def test_customers_that_segmentation_cannot_answer_for_stay_open(
    platform: Platform,
) -> None:
    """The others' changes are answered at once; the pending one is replayed until it works."""
    partner = platform.client()
    await partner.record(event("member", "m-1"), event("member", "m-2"))
    slow = (await partner.find("member", "m-1")).customer_id
    quick = (await partner.find("member", "m-2")).customer_id
    platform.segmentation.pending_ids.add(slow)
    response = await partner.record(event("member", "m-1"), event("member", "m-2"))
    assert (True, [quick]) == (
        response.changes_pending,
        [change.customer_id for change in response.changes],
    )
    assert not await platform.nothing_open()
    platform.segmentation.pending_ids.clear()
    await eventually(platform.nothing_open)
    assert slow in platform.segmentation.replayed_ids


async def test_a_clock_step_finishes_what_was_left_open(platform: Platform) -> None:
    """SetClock answers how many intents it relayed, and refuses while segmentation is away."""
    partner = platform.client(tenant_id=LAB)
    clock = platform.client(Role.SERVICE, LAB)
    await platform.segmentation.stop()
    await partner.record(event("member", "m-1", at_seconds=LAB_START_SECONDS))
    step = (LAB_START_SECONDS + 60, LAB_START_SECONDS + 120)
    with pytest.raises(RpcFailure) as refused:
        await clock.set_clock(*step)
    assert Code.NOT_READY is refused.value.code
    await platform.segmentation.start()

    async def stepped() -> bool:
        try:
            await clock.set_clock(*step)
        except RpcFailure:
            return False
        return True

    await eventually(stepped)
    assert await platform.nothing_open()
    assert {(await partner.find("member", "m-1")).customer_id} == (
        platform.segmentation.replayed_ids
    )
    assert 0 == await clock.set_clock(*step)


@asynccontextmanager
async def _process(settings: ProfileConfig) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service as a process of its own, serving."""
    values = {one.name: getattr(settings, one.name) for one in fields(settings)}
    environment = {
        f"DANGOL_{name.upper()}": str(value) for name, value in values.items() if value is not None
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "profile_service",
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with connect(settings.listen) as channel:
            probe = health_pb2_grpc.HealthStub(channel)
            request = health_pb2.HealthCheckRequest()
            await probe.Check(request, wait_for_ready=True, timeout=60)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_killed_between_insert_and_evaluate_the_customer_is_replayed(
    keys: Keys, segmentation: FakeSegmentation, settings: ProfileConfig
) -> None:
    """The intent outlives the process: the next one replays, and a retry finds duplicates."""
    mongodb: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(settings.mongodb_uri)
    database = mongodb[settings.mongodb_database]
    sent = event("member", "m-1", at_seconds=LAB_START_SECONDS)
    segmentation.release.clear()
    async with _process(settings) as process, connect(settings.listen) as channel:
        platform = Platform(keys, segmentation, settings.listen, database, channel)
        await platform.create_tenants()
        recording = asyncio.create_task(platform.client(tenant_id=LAB).record(sent))
        await segmentation.entered.wait()
        process.send_signal(signal.SIGKILL)
        await process.wait()
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)
    segmentation.release.set()
    async with _process(settings), connect(settings.listen) as channel:
        platform = Platform(keys, segmentation, settings.listen, database, channel)
        await platform.client(Role.SERVICE, LAB).set_clock(LAB_START_SECONDS, LAB_START_SECONDS)
        partner = platform.client(tenant_id=LAB)
        customer = await partner.find("member", "m-1")
        assert {customer.customer_id} == segmentation.replayed_ids
        assert ["DUPLICATE"] == outcomes(await partner.record(sent))
        assert 1 == len((await partner.timeline(customer.customer_id)).events)
    await mongodb.close()


async def test_a_creator_that_died_halfway_leaves_a_customer_that_can_be_finished(
    platform: Platform,
) -> None:
    """An identifier without its customer's document is completed by the relay's replay."""
    partner = platform.client(tenant_id=LAB)
    await platform.segmentation.stop()
    await partner.record(event("device", "d-1", at_seconds=LAB_START_SECONDS))
    customer_id = (await partner.find("device", "d-1")).customer_id
    await platform.database.customers.delete_one({"_id.c": customer_id})
    await platform.database.identifiers.delete_one({"c": customer_id, "ns": "customer"})
    await platform.segmentation.start()
    await eventually(platform.nothing_open)
    assert customer_id == (await partner.get(customer_id)).customer_id
    response = await partner.record(event("customer", customer_id, at_seconds=LAB_START_SECONDS))
    assert ["RECORDED"] == outcomes(response)


async def test_a_clock_step_leaves_the_intent_of_a_writer_at_work_open(
    platform: Platform,
) -> None:
    """It is replayed, but only the writer, or ten seconds, completes it."""
    platform.segmentation.release.clear()
    partner = platform.client(tenant_id=LAB)
    sent = event("member", "m-1", at_seconds=LAB_START_SECONDS)
    recording = asyncio.create_task(partner.record(sent))
    await platform.segmentation.entered.wait()
    clock = platform.client(Role.SERVICE, LAB)
    assert 0 == await clock.set_clock(LAB_START_SECONDS, LAB_START_SECONDS)
    assert 1 == len(platform.segmentation.replayed_ids)
    assert not await platform.nothing_open()
    platform.segmentation.release.set()
    await recording
    assert await platform.nothing_open()
