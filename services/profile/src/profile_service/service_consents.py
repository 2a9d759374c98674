"""The log of consent: written first, then held by the customer, then told to segmentation.

A record's insert is what decides. The customer's own document takes the newest decisions from it,
which may be done again by anyone: by the writer, by the request sent again, or by the relay when
the writer died in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dangol.events.v1.membership_pb2 import MembershipChange
from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.logs import describe, get_logger

from profile_service import encoding
from profile_service.consents import (
    CONSENTS_MAX,
    ConsentEntry,
    ConsentRecord,
    first_ahead,
    first_repeated,
    first_unconfirmable,
    record_ms,
    too_many,
)
from profile_service.domain import AnsweredRequest, Customer, take_consents
from profile_service.notices import parse_reference
from profile_service.service_registry import Registry
from profile_service.service_segmentation import NOTHING, Answer, Delta, Segmentation
from profile_service.service_tenants import StoreDirectory
from profile_service.store import StoreUnavailableError
from profile_service.store_consents import ConsentStore
from profile_service.store_customers import CustomerStore
from profile_service.store_intents import IntentStore
from profile_service.store_notices import NoticeStore

_ATTEMPTS_MAX: Final = 20
_SETTLED_AT_ONCE_MAX: Final = 200
# Longer than a writer needs.
_OPEN_MAX_MS: Final = 10_000

_log = get_logger()


@dataclass(frozen=True, slots=True)
class Consented:
    """The customer now; the changes that this very call caused; whether more follow."""

    customer: Customer
    changes: Sequence[MembershipChange] = ()
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the log."""

    record: ConsentRecord
    number: int

    @property
    def entry(self) -> ConsentEntry:
        """What was decided."""
        return self.record.entries[self.number]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines newest first; more says that others follow."""

    customer: Customer
    lines: Sequence[Line]
    more: bool


class ConsentService:
    """Appends to the log and reads it."""

    def __init__(
        self,
        *,
        directory: StoreDirectory,
        clock: Clock,
        log: ConsentStore,
        notices: NoticeStore,
        customers: CustomerStore,
        registry: Registry,
        intents: IntentStore,
        segmentation: Segmentation,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._log = log
        self._notices = notices
        self._customers = customers
        self._registry = registry
        self._intents = intents
        self._segmentation = segmentation
        self._wall_ms = wall_ms

    async def set(
        self,
        tenant_id: str,
        customer_id: str,
        entries: Sequence[ConsentEntry],
        request: AnsweredRequest,
        actor: str,
    ) -> Consented:
        """Writes entries; the same request again answers the customer as it is now.

        Raises RpcFailure FIELD_INVALID, TIME_AHEAD, CUSTOMER_NOT_FOUND, REQUEST_CONFLICT.
        """
        record = await self._log.find(tenant_id, request.key)
        if record is None:
            fresh = await self._draw_up(tenant_id, customer_id, entries, request, actor)
            record = await self._log.append(fresh, self._wall_ms())
        if record.fingerprint != request.fingerprint:
            raise RpcFailure(
                Code.REQUEST_CONFLICT,
                "this request id was used with other content: send a fresh one",
                field="request_id",
            )
        if record.open:
            return await self._settle(record)
        return Consented(await self._alive(record))

    async def page(
        self, tenant_id: str, customer_id: str, after: tuple[int, bytes, int] | None, limit: int
    ) -> LogPage | None:
        """Lines after a position (time, key, number); None when there is no such customer."""
        customer = await self._registry.get(tenant_id, customer_id)
        if customer is None:
            return None
        until = None if after is None else after[:2]
        # The first record may have been read up to its last entry; each of the others has one.
        records = await self._log.page(tenant_id, customer.customer_id, until, limit + 2)
        lines = [
            Line(record, number)
            for record in records
            for number in range(len(record.entries))
            if after is None or (record.recorded_ms, record.key) != after[:2] or number > after[2]
        ]
        return LogPage(customer, lines[:limit], len(lines) > limit)

    async def settle_open(self, tenant_id: str = "") -> None:
        """Finishes what writers left behind; of one tenant, whoever may be at work on it."""
        before_ms = self._wall_ms() - (0 if tenant_id else _OPEN_MAX_MS)
        for record in await self._log.list_open(before_ms, _SETTLED_AT_ONCE_MAX, tenant_id):
            try:
                await self._settle(record)
            except StoreUnavailableError as error:
                # It stays open, and must not keep the others waiting.
                _log.warning("consent_not_settled", **describe(error))

    async def _draw_up(
        self,
        tenant_id: str,
        customer_id: str,
        entries: Sequence[ConsentEntry],
        request: AnsweredRequest,
        actor: str,
    ) -> ConsentRecord:
        repeated = first_repeated(entries)
        if repeated is not None:
            raise _refuse(
                Code.FIELD_INVALID, repeated, "name each purpose and channel once in a request"
            )
        reading = await self._clock.read(tenant_id)
        info = await self._directory.get(tenant_id)
        ahead = first_ahead(entries, reading.horizon_ms if info.virtual else reading.now_ms)
        if ahead is not None:
            message = "send a time that has come, or none for the present"
            raise _refuse(Code.TIME_AHEAD, ahead, message, "decide_time")
        customer = await self._registry.get(tenant_id, customer_id)
        if customer is None:
            raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
        unconfirmable = first_unconfirmable(customer.consents, entries)
        if unconfirmable is not None:
            message = "only a consent that stands is confirmed: record what the customer decided"
            raise _refuse(Code.FIELD_INVALID, unconfirmable, message, "confirmation")
        await self._check_notices(tenant_id, entries)
        if too_many(customer.consents, entries):
            message = f"a customer decides on at most {CONSENTS_MAX} purposes and channels"
            raise RpcFailure(Code.FIELD_INVALID, message, field="entries")
        return ConsentRecord(
            tenant_id=tenant_id,
            key=request.key,
            fingerprint=request.fingerprint,
            customer_id=customer.customer_id,
            recorded_ms=record_ms(reading.now_ms, customer.consents, entries),
            actor=actor,
            entries=tuple(entries),
        )

    async def _check_notices(self, tenant_id: str, entries: Sequence[ConsentEntry]) -> None:
        """A text that is named by name@version has to be one of the tenant's."""
        named = [parse_reference(one.notice) for one in entries]
        wanted = [one for one in named if one is not None]
        missing = await self._notices.missing(tenant_id, wanted) if wanted else set()
        for position, reference in enumerate(named):
            if reference in missing:
                message = "there is no such version: create the notice first (CreateNotice)"
                raise _refuse(Code.FIELD_INVALID, position, message, "notice")

    async def _settle(self, record: ConsentRecord) -> Consented:
        """Has the customer hold what a record says, wherever merges lead meanwhile.

        A merge moves the log after the source has become a tombstone. So a record that lies with a
        customer who is found alive afterwards is moved by whatever merge comes.
        """
        told: Answer = NOTHING
        place = record.customer_id
        for _ in range(_ATTEMPTS_MAX):
            customer = await self._alive(record)
            held = take_consents(customer, record.decisions())
            if held is not customer:
                answer = await self._hold(customer, held)
                if answer is None:
                    continue
                told = answer
            if place != customer.customer_id:
                place = customer.customer_id
                await self._log.give(record, place)
            if (await self._alive(record)).customer_id == place:
                await self._log.close(record)
                return Consented(held, told.changes, bool(told.pending_ids))
        raise StoreUnavailableError("a customer changes too often to take a consent")

    async def _hold(self, customer: Customer, held: Customer) -> Answer | None:
        """Saves the customer and tells segmentation; None when the customer changed meanwhile."""
        tenant_id = customer.tenant_id
        intent = await self._intents.open(tenant_id, [held.customer_id], self._wall_ms())
        if not await self._customers.replace(held, customer.version):
            await self._intents.complete([intent])
            return None
        delta = Delta(held.customer_id, False, encoding.to_snapshot(held))
        answer = await self._segmentation.evaluate(tenant_id, intent.at_ms, [delta])
        if answer.pending_ids:
            await self._intents.leave([intent])
        else:
            await self._intents.complete([intent])
        return answer

    async def _alive(self, record: ConsentRecord) -> Customer:
        customer = await self._registry.get(record.tenant_id, record.customer_id)
        if customer is None or customer.merged_into:
            raise StoreUnavailableError("a record of consent without its customer")
        return customer


def _refuse(code: Code, position: int, message: str, name: str = "") -> RpcFailure:
    field = f"entries[{position}]" + (f".{name}" if name else "")
    return RpcFailure(code, message, field=field)
