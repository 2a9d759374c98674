"""Quotas over several replicas, with one Redis, with none, and with one that goes away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import redis.asyncio
from dangol.profile.v1.event_service_pb2 import RecordEventsRequest, StreamEventsRequest
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.client import call, stream
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.gcra import SCRIPT, Quota, take
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.quotas import Quotas, Share, items_in, key_of

from tests.integration.service_kit.conftest import serve_echo

# Slow enough that nothing comes back while a test runs.
SLOW = 1 / 3600
# A busy machine is no Redis that is away.
PATIENCE_SECONDS = 10.0
Opened = Callable[[str | None], Quotas]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    """Makes replicas' quotas and closes them."""
    async with AsyncExitStack() as stack:

        def make(url: str | None) -> Quotas:
            quotas = Quotas(url, Metrics(), silence_seconds=PATIENCE_SECONDS)
            stack.push_async_callback(quotas.close)
            return quotas

        yield make


async def _takes(quotas: Quotas, count: int, share: Share, cost: int = 1) -> int:
    """How many of `count` concurrent calls get what they ask for."""

    async def one() -> int:
        try:
            await quotas.take("shop", [share._replace(cost=cost)])
        except RpcFailure as failure:
            told = failure.code is Code.TOO_MANY_REQUESTS and failure.retry_after_ms
            return 0 if told else count + 1
        return 1

    return sum(await asyncio.gather(*(one() for _ in range(count))))


@pytest.mark.parametrize("any_redis_url", ["one", "cluster"], indirect=True)
async def test_replicas_grant_a_small_quota_exactly(any_redis_url: str, opened: Opened) -> None:
    """Three replicas and ninety calls at once: forty are granted, on a cluster too."""
    share = Share("exact", Quota(SLOW, 40))
    replicas = [opened(any_redis_url) for _ in range(3)]
    granted = await asyncio.gather(*(_takes(one, 30, share) for one in replicas))
    assert 40 == sum(granted)


async def test_replicas_never_grant_more_than_a_large_quota(redis_url: str, opened: Opened) -> None:
    """Units that one of them took in advance are the only ones that may be left over."""
    share = Share("leased", Quota(SLOW, 1000))
    replicas = [opened(redis_url) for _ in range(3)]
    granted = sum(await asyncio.gather(*(_takes(one, 400, share) for one in replicas)))
    assert 1000 - 3 * share.quota.lease <= granted <= 1000


async def test_most_calls_ask_nobody(redis_url: str, opened: Opened) -> None:
    """A thousand calls of a busy caller come to a handful of round trips."""
    quotas, share = opened(redis_url), Share("busy", Quota(SLOW, 50_000))
    await _takes(quotas, 1, share)
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        before = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
        for _ in range(10):
            await _takes(quotas, 100, share)
        after = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert after - before <= 3


async def test_a_refusal_of_one_share_takes_nothing_of_the_others(
    redis_url: str, opened: Opened
) -> None:
    """A caller who is over does not use up the tenant's."""
    quotas = opened(redis_url)
    mine, all_of_us = Share("mine", Quota(SLOW, 2)), Share("tenant", Quota(SLOW, 6))
    outcomes = []
    for _ in range(8):
        try:
            await quotas.take("shop", [mine, all_of_us])
            outcomes.append(True)
        except RpcFailure:
            outcomes.append(False)
    assert [True] * 2 + [False] * 6 == outcomes
    assert 4 == await _takes(quotas, 9, all_of_us)


async def test_batches_count_by_items(redis_url: str, opened: Opened) -> None:
    """Ten calls of one and one call of ten are the same."""
    quotas, share = opened(redis_url), Share("items", Quota(SLOW, 30))
    assert (2, 10, 0) == (
        await _takes(quotas, 2, share, 10),
        await _takes(quotas, 12, share),
        await _takes(quotas, 1, share, 10),
    )


def test_what_a_request_is_about_is_its_longest_list() -> None:
    """At the top, or within the batch of a stream's message."""
    batch = RecordEventsRequest()
    for _ in range(7):
        batch.events.add()
    assert (1, 7, 7) == (
        items_in(GetSegmentRequest()),
        items_in(batch),
        items_in(StreamEventsRequest(batch=batch)),
    )


async def test_the_script_and_the_function_agree(redis_url: str) -> None:
    """Grant by grant, from the same states."""
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        script = client.register_script(SCRIPT)
        quota, at = Quota(SLOW, 20), 0.0
        for needed, wanted in ((3, 3), (1, 5), (9, 12), (4, 4), (1, 1), (30, 30)):
            arguments = [quota.interval_us, quota.burst, needed, wanted]
            answer = await script(keys=["{a}:one"], args=arguments)
            expected = take(quota, at, 0, needed, wanted)
            at = expected.whole_at_us
            if expected.granted:
                assert [expected.granted] == answer
            else:
                # A moment passed between the steps.
                assert -1 == answer[0]
                assert 0 <= expected.wait_us - answer[1] < 60_000_000


async def test_without_redis_a_replica_counts_by_itself(redis_server: Any, opened: Opened) -> None:
    """It goes on refusing, does not wait for a server that is away, and comes back to it."""
    share, quotas = Share("alone", Quota(SLOW, 5)), opened(redis_server.url)
    assert 3 == await _takes(quotas, 3, share)
    redis_server.kill()
    assert 5 == await _takes(quotas, 20, share)
    await redis_server.start()
    async with asyncio.timeout(30), redis.asyncio.Redis.from_url(redis_server.url) as client:
        while not await client.keys("dangol:quota:*back*"):
            await _takes(quotas, 1, Share("back", Quota(SLOW, 1000)))
            await asyncio.sleep(0.1)


async def test_grpc_refuses_with_retry_info_and_by_the_item(redis_url: str) -> None:
    """A caller's quota over two replicas of a service; another caller has one of its own."""
    settings = {"redis_url": redis_url, "quota_caller_per_second": SLOW, "quota_caller_burst": 5}
    async with serve_echo(settings=settings) as one:
        codes, waits = [], []
        for number in range(7):
            try:
                request = GetSegmentRequest(segment_id=f"s{number}")
                await call(one.methods["unary"], request, token=one.token, timeout_seconds=30)
                codes.append("OK")
            except RpcFailure as failure:
                codes.append(failure.code.status.name)
                waits.append(failure.retry_after_ms)
        assert ["OK"] * 5 + ["RESOURCE_EXHAUSTED"] * 2 == codes
        assert all(3_500_000 < (wait or 0) <= 3_600_000 for wait in waits)
        request = GetSegmentRequest(segment_id="s")
        served = stream(one.methods["server_stream"], request, token=one.token)
        with pytest.raises(RpcFailure) as caught:
            await anext(served)
        assert Code.TOO_MANY_REQUESTS is caught.value.code


def test_keys_name_nobody() -> None:
    """What Redis holds says nothing of a caller."""
    key = key_of(Caller("shop", Role.CUSTOMER, "kim@example.test", (), ""))
    assert "kim" not in key
    assert key != key_of(Caller("shop", Role.STAFF, "kim@example.test", (), ""))
