"""Windows of an import on their way to profile: each row is taken, known already, or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc
from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import event_service_pb2 as events
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol_service_kit.client import call
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.retries import PASSING, Patience, repeat

from dangol_cli.import_state import Rejected

PATIENCE: Final = Patience(total_seconds=60.0)
_TIMEOUT_SECONDS: Final = 30.0
_AT_ONCE: Final = 32
_LANES: Final = 4
_BATCH_EVENTS: Final = 500
_BATCH_BYTES: Final = 3 * 1024 * 1024
# Every row may be sent again, so not knowing what became of one is no loss either.
_REPEATED: Final = PASSING | {Code.DEADLINE_EXCEEDED, Code.CANCELLED}
# Faults of one row. Others (a wrong token, no such tenant) are faults of every row.
_OF_A_ROW: Final = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ABORTED,
}
_DUPLICATES: Final = {customers.IDENTIFY_OUTCOME_UNCHANGED}


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that became a request."""

    line: int
    message: Any


@dataclass(slots=True)
class Sent:
    """What became of a window."""

    accepted: int = 0
    unchanged: int = 0
    rejected: list[Rejected] | None = None

    def refuse(self, line: int, field: str, code: str, reason: str) -> None:
        """One more that was not taken."""
        self.rejected = [*(self.rejected or []), Rejected(line, field, code, reason)]


class CustomerSender:
    """IdentifyCustomer, so many at once."""

    def __init__(self, channel: grpc.aio.Channel, sign: Callable[[], str]) -> None:
        self._stub: Any = CustomerServiceStub(channel)
        self._sign = sign

    async def send(self, window: Sequence[Ready]) -> Sent:
        """Each of a window, in which no identifier is named twice. Raises RpcFailure."""
        sent, token, waiting = Sent(), self._sign(), iter(window)

        async def work() -> None:
            for ready in waiting:
                await self._send_one(ready, token, sent)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(_AT_ONCE, len(window))):
                group.create_task(work())
        return sent

    async def _send_one(self, ready: Ready, token: str, sent: Sent) -> None:
        def attempt() -> Any:
            return call(
                self._stub.IdentifyCustomer,
                ready.message,
                token=token,
                timeout_seconds=_TIMEOUT_SECONDS,
            )

        try:
            response = await repeat(attempt, PATIENCE, _REPEATED)
        except RpcFailure as failure:
            _refuse_or_raise(ready.line, failure, sent)
            return
        if response.outcome == customers.IDENTIFY_OUTCOME_CONFLICT:
            reason = "its identifiers belong to two members"
            sent.refuse(ready.line, "", "CONFLICT", reason)
        elif response.outcome in _DUPLICATES:
            sent.unchanged += 1
        else:
            sent.accepted += 1


class EventSender:
    """RecordEvents, in batches; a customer's events stay in their order."""

    def __init__(self, channel: grpc.aio.Channel, sign: Callable[[], str]) -> None:
        self._stub: Any = EventServiceStub(channel)
        self._sign = sign

    async def send(self, window: Sequence[Ready]) -> Sent:
        """Raises RpcFailure."""
        sent, token = Sent(), self._sign()
        lanes: list[list[Ready]] = [[] for _ in range(_LANES)]
        for ready in window:
            customer = ready.message.customer
            lanes[hash((customer.namespace, customer.value)) % _LANES].append(ready)

        async def work(lane: list[Ready]) -> None:
            for batch in _batches(lane):
                await self._send_batch(batch, token, sent)

        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(work(lane))
        return sent

    async def _send_batch(self, batch: Sequence[Ready], token: str, sent: Sent) -> None:
        request = events.RecordEventsRequest(events=[ready.message for ready in batch])

        def attempt() -> Any:
            return call(
                self._stub.RecordEvents, request, token=token, timeout_seconds=_TIMEOUT_SECONDS
            )

        response = await repeat(attempt, PATIENCE, _REPEATED)
        for ready, result in zip(batch, response.results, strict=True):
            if result.outcome == events.RECORD_OUTCOME_RECORDED:
                sent.accepted += 1
            elif result.outcome == events.RECORD_OUTCOME_DUPLICATE:
                sent.unchanged += 1
            else:
                sent.refuse(ready.line, result.field, result.code, result.message)


def _batches(lane: Sequence[Ready]) -> Iterator[list[Ready]]:
    batch: list[Ready] = []
    size_bytes = 0
    for ready in lane:
        event: Event = ready.message
        length = event.ByteSize()
        if batch and (len(batch) == _BATCH_EVENTS or size_bytes + length > _BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(ready)
        size_bytes += length
    if batch:
        yield batch


def _refuse_or_raise(line: int, failure: RpcFailure, sent: Sent) -> None:
    of_a_row = failure.code.status in _OF_A_ROW and failure.code is not Code.TENANT_NOT_FOUND
    if not of_a_row:
        raise failure
    field = (failure.field or "").removeprefix("attributes.")
    sent.refuse(line, field, failure.code.value, failure.message)
