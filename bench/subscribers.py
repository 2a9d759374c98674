"""Many subscribers, many changes: does each get each, and what does the gateway need for it?"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dangol.profile.v1 import event_service_pb2 as events
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role
from dangol_service_kit.client import call, connect, follow

from bench.context import TENANT, Bench
from bench.figures import Figure
from bench.sockets import Subscriber

SUBSCRIBERS = 200
SECONDS = 60
RATE = 100
SETTLED_SECONDS = 10
_BATCH = 10
_SEGMENT = "watched-by-many"
_LAST_SECONDS = 300.0
QUERY = """subscription Many($segments: [ID!], $from: String) {
  membershipChanges(segmentIds: $segments, resumeToken: $from) {
    resumeToken change { id kind customerId segmentId effectiveAt }
  }
}"""


@dataclass
class Outcome:
    """announced: customers in the order in which segmentation told of them; found: what each
    subscriber got; bytes of the gateway's resident memory after the first seconds, and at the end;
    CPU seconds of the gateway."""

    announced: list[str]
    found: list[list[str]]
    too_slow_count: int
    settled_bytes: int
    last_bytes: int
    seconds: float
    cpu_seconds: float

    @property
    def exact_count(self) -> int:
        """How many subscribers got everything once, in order."""
        return sum(one == self.announced for one in self.found)


async def watch(
    stack: Stack, tenant: str, *, subscribers: int = SUBSCRIBERS, seconds: float = SECONDS
) -> Outcome:
    """Subscribes, has RATE customers a second enter a segment, and waits until all were told."""
    token = stack.token(tenant, Role.ADMIN)
    async with (
        connect(stack.targets["segmentation"]) as segmentation,
        connect(stack.targets["profile"]) as profile,
    ):
        await _create_segment(SegmentServiceStub(segmentation), token)
        announced: list[str] = []
        began = asyncio.Event()
        reference = asyncio.create_task(
            _follow(SegmentServiceStub(segmentation), token, announced, began.set)
        )
        await began.wait()
        watching = [await _subscriber(stack, tenant, number) for number in range(subscribers)]
        try:
            await _warm(EventServiceStub(profile), token, announced, watching)
            buy = partial(_buy, EventServiceStub(profile), token, _BATCH)
            return await _measure(stack, buy, announced, watching, seconds)
        finally:
            for one in watching:
                one.transport.close()
            reference.cancel()
            with suppress(asyncio.CancelledError):
                await reference


async def _measure(
    stack: Stack,
    buy: Callable[[], Awaitable[None]],
    announced: list[str],
    watching: list[Subscriber],
    seconds: float,
) -> Outcome:
    """buy: has _BATCH more customers enter."""
    del announced[:]
    for one in watching:
        del one.found[:]
    pid = stack.processes["gateway"].pid
    assert pid is not None
    started, cpu = time.perf_counter(), _cpu_seconds(pid)
    count = int(RATE * seconds)
    settled = 0
    for first in range(0, count, _BATCH):
        planned = started + first / RATE
        await asyncio.sleep(max(0.0, planned - time.perf_counter()))
        await buy()
        if not settled and first >= RATE * min(SETTLED_SECONDS, seconds / 2):
            settled = _resident_bytes(pid)
    async with asyncio.timeout(_LAST_SECONDS):
        await asyncio.gather(*(one.wait_for(count) for one in watching))
        # Who tells in which order it was may be the last to hear.
        while len(announced) < count:
            await asyncio.sleep(0.05)
    return Outcome(
        announced=list(announced),
        found=[one.found for one in watching],
        too_slow_count=sum(one.too_slow_count for one in watching),
        settled_bytes=settled,
        last_bytes=_resident_bytes(pid),
        seconds=time.perf_counter() - started,
        cpu_seconds=_cpu_seconds(pid) - cpu,
    )


async def _create_segment(stub: Any, token: str) -> None:
    segment = segments.Segment(segment_id=_SEGMENT, rule="count(purchase) >= 1")
    request = segments.CreateSegmentRequest(request_id=str(uuid.uuid4()), segment=segment)
    await call(stub.CreateSegment, request, token=token, timeout_seconds=60.0)
    live = segments.SEGMENT_STATE_BACKFILLING
    while live != segments.SEGMENT_STATE_LIVE:
        await asyncio.sleep(0.1)
        found = await call(
            stub.GetSegment,
            segments.GetSegmentRequest(segment_id=_SEGMENT),
            token=token,
            timeout_seconds=60.0,
        )
        live = found.segment.state


async def _follow(stub: Any, token: str, announced: list[str], began: Callable[[], None]) -> None:
    request = segments.WatchMembershipsRequest(segment_ids=[_SEGMENT])
    async with aclosing(
        follow(stub.WatchMemberships, request, token=token, began=began)
    ) as answers:
        async for answer in answers:
            announced.append(answer.change.customer_id)


async def _subscriber(stack: Stack, tenant: str, number: int) -> Subscriber:
    """Each is somebody of its own: nothing is shared because they are one caller."""
    token = stack.token(tenant, Role.MARKETER, f"marketer-{number}")
    loop = asyncio.get_running_loop()
    port = stack.ports.gateway
    _, subscriber = await loop.create_connection(
        lambda: Subscriber(port, token, QUERY, {"segments": [_SEGMENT]}), "127.0.0.1", port
    )
    await subscriber.ready
    return subscriber


async def _warm(stub: Any, token: str, announced: list[str], watching: list[Subscriber]) -> None:
    """Buys until everybody is told of something, and then has everybody told of the same last."""
    while not all(one.found for one in watching):
        await _buy(stub, token, 1)
        await asyncio.sleep(0.1)
    while len({one.found[-1] for one in watching} | set(announced[-1:])) != 1:
        await asyncio.sleep(0.05)


async def _buy(stub: Any, token: str, count: int) -> None:
    request = events.RecordEventsRequest()
    for _ in range(count):
        event = request.events.add(event_id=str(uuid.uuid4()), type="purchase")
        event.customer.namespace, event.customer.value = "device", str(uuid.uuid4())
        event.occurred_at.GetCurrentTime()
    await call(stub.RecordEvents, request, token=token, timeout_seconds=60.0)


def _resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """Deliveries, their order, and what the gateway needed."""
    outcome = await watch(bench.stack, TENANT)
    count = len(outcome.announced)
    yield Figure(
        f"subscribers that got {count} changes at {RATE}/s once, in order",
        outcome.exact_count,
        "subscribers",
        "subscribers",
        len(outcome.found),
        "ratio = 1",
    )
    yield Figure(
        "gateway's resident memory at the end",
        outcome.last_bytes / 2**20,
        "MiB",
        f"after {SETTLED_SECONDS} s",
        outcome.settled_bytes / 2**20,
        "ratio <= 1.1",
    )
    yield Figure(
        "deliveries to subscribers",
        count * len(outcome.found) / outcome.seconds,
        "messages/s",
        "asked for",
        RATE * len(outcome.found),
        "ratio >= 0.95",
    )
    yield Figure(
        "gateway's CPU for a delivery",
        1e6 * outcome.cpu_seconds / (count * len(outcome.found)),
        "us",
        "what one core has for each",
        1e6 / (RATE * len(outcome.found)),
        "ratio <= 1",
    )
