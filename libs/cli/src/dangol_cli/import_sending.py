"""Windows of an import on their way to profile: each row is taken, known already, or refused."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import event_service_pb2 as events
from dangol.profile.v1 import import_service_pb2 as imports
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.profile.v1.import_service_pb2_grpc import ImportServiceStub
from dangol_service_kit.client import call
from dangol_service_kit.retries import UNKNOWN_OR_PASSING, Patience, repeat

from dangol_cli.import_state import Rejected

PATIENCE: Final = Patience(total_seconds=60.0)
_TIMEOUT_SECONDS: Final = 30.0
_LANES: Final = 4
_BATCH_ROWS: Final = 500
_BATCH_BYTES: Final = 3 * 1024 * 1024


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
    """ImportCustomers, in batches, several at once."""

    def __init__(self, channel: grpc.aio.Channel, sign: Callable[[], str], import_id: str) -> None:
        self._stub: Any = ImportServiceStub(channel)
        self._sign = sign
        self._import_id = import_id

    async def send(self, window: Sequence[Ready]) -> Sent:
        """All of a window, in which no identifier is named twice. Raises RpcFailure."""
        sent, token, waiting = Sent(), self._sign(), iter(_batches(window))

        async def work() -> None:
            for batch in waiting:
                await self._send_batch(batch, token, sent)

        async with asyncio.TaskGroup() as group:
            for _ in range(_LANES):
                group.create_task(work())
        return sent

    async def _send_batch(self, batch: Sequence[Ready], token: str, sent: Sent) -> None:
        request = imports.ImportCustomersRequest(
            import_id=self._import_id, customers=[ready.message for ready in batch]
        )
        content = request.SerializeToString(deterministic=True)
        name = hashlib.sha256(content).hexdigest()
        request.request_id = str(uuid.uuid5(uuid.NAMESPACE_OID, name))

        def attempt() -> Any:
            return call(
                self._stub.ImportCustomers, request, token=token, timeout_seconds=_TIMEOUT_SECONDS
            )

        response = await repeat(attempt, PATIENCE, UNKNOWN_OR_PASSING)
        for ready, result in zip(batch, response.results, strict=True):
            if result.outcome == customers.IDENTIFY_OUTCOME_CONFLICT:
                reason = "its identifiers belong to two members: send them apart"
                sent.refuse(ready.line, "", "CONFLICT", reason)
            elif result.outcome == customers.IDENTIFY_OUTCOME_UNCHANGED:
                sent.unchanged += 1
            elif result.outcome:
                sent.accepted += 1
            else:
                field = result.field.removeprefix("attributes.")
                sent.refuse(ready.line, field, result.code, result.message)


class EventSender:
    """RecordEvents, in batches; a customer's events stay in their order.

    import_id is empty for events on which campaigns shall act.
    """

    def __init__(self, channel: grpc.aio.Channel, sign: Callable[[], str], import_id: str) -> None:
        self._stub: Any = EventServiceStub(channel)
        self._sign = sign
        self._import_id = import_id

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
        request = events.RecordEventsRequest(
            events=[ready.message for ready in batch], import_id=self._import_id
        )

        def attempt() -> Any:
            return call(
                self._stub.RecordEvents, request, token=token, timeout_seconds=_TIMEOUT_SECONDS
            )

        response = await repeat(attempt, PATIENCE, UNKNOWN_OR_PASSING)
        for ready, result in zip(batch, response.results, strict=True):
            if result.outcome == events.RECORD_OUTCOME_RECORDED:
                sent.accepted += 1
            elif result.outcome == events.RECORD_OUTCOME_DUPLICATE:
                sent.unchanged += 1
            else:
                sent.refuse(ready.line, result.field, result.code, result.message)


async def finish(channel: grpc.aio.Channel, token: str, import_id: str) -> None:
    """Says that nothing follows: memberships are computed now. Raises RpcFailure."""
    stub: Any = ImportServiceStub(channel)
    request = imports.FinishImportRequest(import_id=import_id)

    def attempt() -> Any:
        return call(stub.FinishImport, request, token=token, timeout_seconds=_TIMEOUT_SECONDS)

    await repeat(attempt, PATIENCE, UNKNOWN_OR_PASSING)


def _batches(lane: Sequence[Ready]) -> Iterator[list[Ready]]:
    batch: list[Ready] = []
    size_bytes = 0
    for ready in lane:
        length = ready.message.ByteSize()
        if batch and (len(batch) == _BATCH_ROWS or size_bytes + length > _BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(ready)
        size_bytes += length
    if batch:
        yield batch
