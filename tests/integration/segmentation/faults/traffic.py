"""A shop in full swing: customers come and go, and what is announced must be what happened.

The till stands for profile: it records an event, sends it to a replica once, and has customers
replayed whose change is pending. Customers return only after everything that one visit causes is
over, so the log replayed from scratch tells exactly what has to be announced, whatever broke.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import grpc
from dangol.events.v1.membership_pb2 import (
    CHANGE_CAUSE_TIME,
    CHANGE_KIND_ENTERED,
    MembershipChange,
)
from dangol.segmentation.v1 import evaluation_service_pb2, segment_service_pb2
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_cli.keys import sign_token
from dangol_rules.rules import parse
from dangol_service_kit.auth import Role
from dangol_service_kit.client import metadata
from dangol_service_kit.redis_address import open_redis
from segmentation_service import histories
from segmentation_service.config import SegmentationConfig
from segmentation_service.engine import SegmentRule, compile_ruleset, replay

from tests.integration.segmentation.fake_profile import SHOP, FakeProfile, keyed, wall_ms
from tests.integration.segmentation.harness import ISSUER, eventually

RULES = {
    "here": "count(visit, 2s) >= 1",
    "gone": "since(visit) >= 3s",
    "regular": "count(visit, 1h) >= 2",
    "missed": 'in segment("regular") and not in segment("here")',
}
# After this long a visit causes nothing more by itself.
SETTLED_SECONDS = 3.0
_CALL_SECONDS = 2.0
_DEFINE_SECONDS = 60.0
_TOLD_SECONDS = 60.0
_RELAY_AGE_MS = 500
_RELAY_SECONDS = 0.2

Told = tuple[str, str, int, bool, int]


class Heard(NamedTuple):
    """An announcement on the bus: what it tells, when it came there, and whether time told it."""

    told: Told
    late_ms: int
    by_time: bool


@dataclass
class Till:
    """Sends visits through replicas and remembers who is pending, and since when."""

    profile: FakeProfile
    settings: SegmentationConfig
    channels: list[Any]
    customer_count: int = 80
    pending: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    answered_pending: int = 0

    def __post_init__(self) -> None:
        """The credential with which profile calls."""
        keys = self.settings.service_key_file.parent
        self._token = sign_token(
            keys / "offers.pem",
            issuer=ISSUER,
            audience=ISSUER,
            tenant_id=SHOP,
            role=Role.SERVICE,
            subject="till",
            ttl_seconds=3600,
        )
        self._admin = sign_token(
            keys / "platform.pem",
            issuer=ISSUER,
            audience=ISSUER,
            tenant_id=SHOP,
            role=Role.MARKETER,
            subject="tester",
            ttl_seconds=3600,
        )
        self._turns = itertools.cycle(range(len(self.channels)))

    async def define(self) -> None:
        """The four segments."""
        stub: Any = SegmentServiceStub(self.channels[0])
        for segment_id, rule in RULES.items():
            request = segment_service_pb2.CreateSegmentRequest(
                request_id=str(uuid.uuid4()),
                segment=segment_service_pb2.Segment(segment_id=segment_id, rule=rule),
            )
            await stub.CreateSegment(
                request, metadata=metadata(self._admin), timeout=_DEFINE_SECONDS
            )

            async def is_live(segment_id: str = segment_id) -> bool:
                answer = await stub.GetSegment(
                    segment_service_pb2.GetSegmentRequest(segment_id=segment_id),
                    metadata=metadata(self._admin),
                    timeout=_DEFINE_SECONDS,
                )
                return bool(answer.segment.state == segment_service_pb2.SEGMENT_STATE_LIVE)

            await eventually(is_live)

    async def run(self, is_over: Callable[[], bool]) -> None:
        """Customers visit in turn, evenly, everyone again once the visit before has settled."""
        pause = (SETTLED_SECONDS + _CALL_SECONDS + 1.0) / self.customer_count
        async with asyncio.TaskGroup() as group:
            relay = group.create_task(self._relay())
            visits = [
                group.create_task(self._visits(number, is_over, pause))
                for number in range(self.customer_count)
            ]
            await asyncio.gather(*visits)
            relay.cancel()
        await self.settle()

    async def _visits(self, number: int, is_over: Callable[[], bool], pause: float) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(number * pause)
        while not is_over():
            began = loop.time()
            await self.visit(f"c{number:04d}")
            while f"c{number:04d}" in self.pending:
                await asyncio.sleep(_RELAY_SECONDS)
            took = loop.time() - began
            # A visit that was told late causes nothing later than one that was not.
            await asyncio.sleep(max(self.customer_count * pause - took, SETTLED_SECONDS))

    async def visit(self, customer_id: str) -> None:
        """Records a visit and sends it once."""
        known = self.profile.customers[SHOP]
        event = keyed("visit", wall_ms())
        created = customer_id not in known
        if created:
            self.profile.create(SHOP, customer_id, event.evaluated_at_ms)
        intent_ms = wall_ms()
        self.profile.record(SHOP, customer_id, event)
        self.sent += 1
        delta = evaluation_service_pb2.CustomerDelta(
            customer_id=customer_id, created=created, events=[event]
        )
        if created:
            delta.profile.CopyFrom(known[customer_id].snapshot)
        request = evaluation_service_pb2.EvaluateRequest(customers=[delta])
        request.intent_time.FromMilliseconds(intent_ms)
        try:
            answer = await self._ask("Evaluate", request)
            left = list(answer.pending_customer_ids)
        except grpc.aio.AioRpcError:
            left = [customer_id]
        self.answered_pending += len(left)
        self.pending.update(dict.fromkeys(left, intent_ms))

    async def settle(self) -> None:
        """Returns when nobody is pending and no visit will cause anything more."""

        async def is_quiet() -> bool:
            await self._replay_pending(0)
            return not self.pending

        await eventually(is_quiet)
        await asyncio.sleep(SETTLED_SECONDS + 0.5)

    async def _relay(self) -> None:
        while True:
            await asyncio.sleep(_RELAY_SECONDS)
            await self._replay_pending(_RELAY_AGE_MS)

    async def _replay_pending(self, age_ms: int) -> None:
        due = [name for name, since in self.pending.items() if since <= wall_ms() - age_ms]
        if not due:
            return
        request = evaluation_service_pb2.ReplayCustomersRequest(customer_ids=due)
        try:
            answer = await self._ask("ReplayCustomers", request)
        except grpc.aio.AioRpcError:
            return
        for name in {*due} - {*answer.pending_customer_ids}:
            del self.pending[name]

    async def _ask(self, method: str, request: Any) -> Any:
        stub: Any = EvaluationServiceStub(self.channels[next(self._turns)])
        return await getattr(stub, method)(
            request, metadata=metadata(self._token), timeout=_CALL_SECONDS
        )

    def expected(self) -> set[Told]:
        """What the log, replayed from scratch, says was to be announced."""
        ruleset = compile_ruleset(
            [SegmentRule(name, parse(rule)) for name, rule in RULES.items()], "Asia/Seoul"
        )
        told: set[Told] = set()
        for customer_id, customer in self.profile.customers[SHOP].items():
            events = [histories.to_input(event) for event in customer.events]
            created_ms = histories.created_ms(customer.snapshot, events)
            result = replay(ruleset, customer.snapshot, created_ms, events, wall_ms())
            told |= {
                (customer_id, one.segment_id, one.stint, one.entered, one.at_ms)
                for one in result.transitions
            }
        return told

    async def kept(self, database: Any) -> Counter[Told]:
        """What was announced, as MongoDB keeps it for good, once all that was to be is there; what
        there is after a minute if it never is. A busy machine may tell late, but not otherwise."""
        expected, until = self.expected(), time.monotonic() + _TOLD_SECONDS
        while True:
            found = [document["d"] async for document in database.announcements.find({"t": SHOP})]
            kept = Counter(_told(MembershipChange.FromString(data)) for data in found)
            if expected <= kept.keys() or time.monotonic() > until:
                return kept
            await asyncio.sleep(_RELAY_SECONDS)

    async def heard(self) -> list[Heard]:
        """What consumers were told by the bus, each change the first time it came."""
        client = open_redis(self.settings.redis_url)
        entries = await client.xrange("dangol:bus:membership")
        await client.aclose()
        first: dict[Told, Heard] = {}
        for entry_id, fields in entries:
            change = MembershipChange.FromString(fields[b"d"])
            told = _told(change)
            late_ms = int(entry_id.split(b"-")[0]) - told[4]
            by_time = change.cause == CHANGE_CAUSE_TIME
            first.setdefault(told, Heard(told, late_ms, by_time))
        return list(first.values())


def under_two_ids(told: Sequence[Told]) -> list[tuple[str, str, bool, int]]:
    """Changes (customer, segment, entered, instant) announced under more than one stint."""
    stints: dict[tuple[str, str, bool, int], set[int]] = {}
    for customer_id, segment_id, stint, entered, at_ms in told:
        stints.setdefault((customer_id, segment_id, entered, at_ms), set()).add(stint)
    return [change for change, numbers in stints.items() if len(numbers) > 1]


def _told(change: MembershipChange) -> Told:
    return (
        change.customer_id,
        change.segment_id,
        change.stint,
        change.kind == CHANGE_KIND_ENTERED,
        change.effective_at.ToMilliseconds(),
    )
