"""A patient client of the public gRPC APIs, as a partner platform would write one.

Every request carries its own id, so a call whose answer was lost is sent again unchanged: a
service may be killed and restarted in the middle of a run without a trace in the figures.
"""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import grpc
from dangol.events.v1.event_pb2 import Event
from dangol.offers.v1.calendar_service_pb2_grpc import CalendarServiceStub
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol.offers.v1.clock_service_pb2_grpc import ClockServiceStub
from dangol.offers.v1.coupon_service_pb2_grpc import CouponServiceStub
from dangol.offers.v1.gift_service_pb2_grpc import GiftServiceStub
from dangol.offers.v1.ledger_service_pb2_grpc import LedgerServiceStub
from dangol.offers.v1.offer_service_pb2_grpc import OfferServiceStub
from dangol.offers.v1.task_service_pb2_grpc import TaskServiceStub
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol.profile.v1.event_service_pb2 import (
    RECORD_OUTCOME_DUPLICATE,
    RECORD_OUTCOME_RECORDED,
    RecordEventsRequest,
)
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_client.connections import async_channel
from dangol_client.events import batches
from dangol_service_kit.channels import resolved
from dangol_service_kit.errors import from_rpc_error
from dangol_service_kit.retries import UNKNOWN_OR_PASSING, Attempts, Patience

Request_contra = TypeVar("Request_contra", contravariant=True)
Response_co = TypeVar("Response_co", covariant=True)
Request = TypeVar("Request")
Response = TypeVar("Response")
Result = TypeVar("Result")
Argument = TypeVar("Argument")

_LANES_MAX = 3
_LANE_EVENTS_MIN = 200
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://dangol.invalid/demo")


def request_id(*parts: object) -> str:
    """The UUID that always stands for these parts, so that a repeated run sends it again."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)))


class Method(Protocol[Request_contra, Response_co]):
    """A unary method of a generated stub."""

    def __call__(
        self, request: Request_contra, /, *, timeout: float, metadata: Any, wait_for_ready: bool
    ) -> Awaitable[Response_co]: ...


@dataclass(frozen=True)
class Targets:
    """Where the three services listen, as host:port."""

    profile: str
    segmentation: str
    offers: str


class Connection:
    """One channel to each service, shared by the clients of all tenants."""

    def __init__(self, targets: Targets) -> None:
        self.profile = async_channel(resolved(targets.profile), None)
        self.segmentation = async_channel(resolved(targets.segmentation), None)
        self.offers = async_channel(resolved(targets.offers), None)

    async def close(self) -> None:
        """Close the channels."""
        for channel in (self.profile, self.segmentation, self.offers):
            await channel.close()


@dataclass
class Sent:
    """What became of the events that a client sent. Counts are of acknowledged events."""

    event_count: int = 0
    item_count: int = 0
    rejections: list[str] = field(default_factory=list)


class Client:
    """Calls on behalf of one tenant with one role's token.

    `token` answers a token that is good for some minutes from now. A call that meets an
    unavailable service is repeated for up to `patience_seconds`, then fails with RpcFailure; other
    errors fail at once.
    """

    def __init__(
        self, connection: Connection, token: Callable[[], str], *, patience_seconds: float = 120
    ) -> None:
        self.customers = CustomerServiceStub(connection.profile)
        self.events = EventServiceStub(connection.profile)
        self.tenants = TenantServiceStub(connection.profile)
        self.segments = SegmentServiceStub(connection.segmentation)
        self.offers = OfferServiceStub(connection.offers)
        self.campaigns = CampaignServiceStub(connection.offers)
        self.calendar = CalendarServiceStub(connection.offers)
        self.tasks = TaskServiceStub(connection.offers)
        self.coupons = CouponServiceStub(connection.offers)
        self.gifts = GiftServiceStub(connection.offers)
        self.ledger = LedgerServiceStub(connection.offers)
        self.clock = ClockServiceStub(connection.offers)
        self.sent = Sent()
        self.retry_count = 0
        self._token = token
        self._patience_seconds = patience_seconds

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The credentials to send with a call."""
        return (("authorization", f"Bearer {self._token()}"),)

    async def call(
        self, method: Method[Request, Response], request: Request, timeout_seconds: float = 30
    ) -> Response:
        """Call, and while the service is unavailable call again with the same request."""
        patience = Patience(
            total_seconds=self._patience_seconds,
            first_pause_seconds=_FIRST_PAUSE_SECONDS,
            longest_pause_seconds=_LONGEST_PAUSE_SECONDS,
        )
        attempts = Attempts(patience, UNKNOWN_OR_PASSING)
        while True:
            try:
                return await method(
                    request,
                    timeout=timeout_seconds,
                    metadata=self.metadata(),
                    wait_for_ready=False,
                )
            except grpc.aio.AioRpcError as error:
                failure = from_rpc_error(error)
            pause = attempts.pause_after(failure)
            self.retry_count += 1
            await asyncio.sleep(pause)

    async def pages(
        self, method: Method[Any, Any], request: Any, field_name: str
    ) -> AsyncIterator[Any]:
        """Every element of a List method, page after page; `request` is changed on the way."""
        while True:
            response = await self.call(method, request)
            for element in getattr(response, field_name):
                yield element
            if not response.next_page_token:
                return
            request.page_token = response.next_page_token

    async def record(self, events: Sequence[Event]) -> None:
        """Record one batch and count what was acknowledged; a repeat counts like the first.

        Rejections are kept in `sent.rejections` as "code field: message".
        """
        response = await self.call(self.events.RecordEvents, RecordEventsRequest(events=events))
        for event, result in zip(events, response.results, strict=True):
            if result.outcome in (RECORD_OUTCOME_RECORDED, RECORD_OUTCOME_DUPLICATE):
                self.sent.event_count += 1
                self.sent.item_count += len(event.items)
            else:
                self.sent.rejections.append(f"{result.code} {result.field}: {result.message}")

    async def record_step(self, events: Sequence[Event], lane: Callable[[Event], int]) -> None:
        """Record a step's events, several batches at the same time.

        `lane` numbers the customer: events of equal numbers are sent in their order. Small
        steps go as one batch, since a batch costs about as much as a hundred events.
        """
        lane_count = min(_LANES_MAX, max(1, len(events) // _LANE_EVENTS_MIN))
        lanes: list[list[Event]] = [[] for _ in range(lane_count)]
        for event in events:
            lanes[lane(event) % lane_count].append(event)

        async def drive(events_of_lane: Sequence[Event]) -> None:
            for batch in batches(events_of_lane):
                await self.record(batch)

        await asyncio.gather(*(drive(one) for one in lanes))


async def gather_bounded(
    run: Callable[[Argument], Awaitable[Result]], arguments: Iterable[Argument], limit: int = 16
) -> list[Result]:
    """Run for every argument, at most `limit` at a time; results in the arguments' order."""
    results: dict[int, Result] = {}
    numbered = iter(enumerate(arguments))

    async def work() -> None:
        for number, argument in numbered:
            results[number] = await run(argument)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(work())
    return [results[number] for number in sorted(results)]


def chunks(values: Sequence[Result], size: int) -> Iterable[Sequence[Result]]:
    """Cut a sequence into pieces of at most `size`."""
    for start in itertools.count(0, size):
        piece = values[start : start + size]
        if not piece:
            return
        yield piece
