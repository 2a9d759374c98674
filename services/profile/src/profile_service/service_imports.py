"""Importing customers by the batch: load, decide, save; rows that are not new go the single way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.domain import MEMBER, Attributes, Customer
from profile_service.fields import check_values
from profile_service.identify import IdentifyOutcome, primary_identifier
from profile_service.imports import NOBODY, RowPlan, RowResult, Way, plan_rows, waves
from profile_service.judging import Rejection, RejectionCode
from profile_service.records import Identity, NewIdentity
from profile_service.service_fields import FieldService
from profile_service.service_identify import IdentifyService, Wanted
from profile_service.service_registry import Named, Registry
from profile_service.store import long_write
from profile_service.store_imports import ImportStore
from profile_service.store_intents import IntentStore

# A batch holds its rows several times over; more at once would only wait for the same cores.
_BATCHES_AT_ONCE_MAX: Final = 8
_ALONE_AT_ONCE_MAX: Final = 16
_LESS_THAN_CREATED: Final = (IdentifyOutcome.UNCHANGED, IdentifyOutcome.LINKED)
_RETRIED: Final = {Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows by position: what is wanted, or why not. import_id: to what import they belong."""

    tenant_id: str
    import_id: str
    rows: Sequence[Wanted | Rejection]


@dataclass(slots=True)
class _Work:
    """A batch under way. known: the identifiers as they were found, also those of nobody.

    created: rows whose customer this call made.
    """

    batch: Batch
    wanted: dict[int, Wanted]
    plans: dict[int, RowPlan]
    known: Mapping[bytes, Identity]
    results: dict[int, RowResult] = field(default_factory=dict)
    created: set[int] = field(default_factory=set)

    def reject(self, position: int, rejection: Rejection) -> None:
        self.results[position] = RowResult(None, rejection=rejection)

    def planned(self) -> list[IdentifyOutcome | None]:
        """The outcome of each row, None of those that are rejected."""
        return [
            None if one in self.results else self.plans[one].outcome
            for one in range(len(self.batch.rows))
        ]


class ImportService:
    """New rows of a batch are written together, in five rounds; the others by IdentifyService."""

    def __init__(
        self,
        *,
        clock: Clock,
        registry: Registry,
        identify: IdentifyService,
        fields: FieldService,
        requests: ImportStore,
        intents: IntentStore,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._clock = clock
        self._registry = registry
        self._identify = identify
        self._fields = fields
        self._requests = requests
        self._intents = intents
        self._wall_ms = wall_ms
        self._room = asyncio.Semaphore(_BATCHES_AT_ONCE_MAX)

    def want(
        self, tenant_id: str, identifiers: Sequence[tuple[str, str]], attributes: Attributes
    ) -> Wanted:
        """A row with its identifiers hashed."""
        return self._identify.want(tenant_id, identifiers, attributes)

    async def run(self, batch: Batch, request_key: bytes, fingerprint: bytes) -> list[RowResult]:
        """Carries a batch out; the same request again has the results of the first time.

        Raises RpcFailure REQUEST_CONFLICT and StoreUnavailableError, after which the same request
        goes on where it was.
        """
        async with self._room:
            with long_write():
                return await self._run(batch, request_key, fingerprint)

    async def finish(self, tenant_id: str, import_id: str) -> int:
        """Has whom an import touched computed; answers how many batches that are."""
        return await self._intents.release(tenant_id, import_id, self._wall_ms())

    async def _run(self, batch: Batch, request_key: bytes, fingerprint: bytes) -> list[RowResult]:
        now_ms = (await self._clock.read(batch.tenant_id)).now_ms
        work = await self._plan(batch, now_ms)
        met = await self._requests.open(
            batch.tenant_id, request_key, fingerprint, work.planned(), self._wall_ms()
        )
        if met.fingerprint != fingerprint:
            raise RpcFailure(
                Code.REQUEST_CONFLICT,
                "this request id was used with other content: send a fresh one",
                field="request_id",
            )
        if met.done:
            return await self._again(work, met.outcomes, met.rejections)
        await self._create(work, now_ms)
        await self._settle(work)
        if met.repeated:
            _as_planned(work, met.outcomes)
        results = [work.results[position] for position in range(len(batch.rows))]
        rejections = {n: one.rejection for n, one in enumerate(results) if one.rejection}
        outcomes = [one.outcome for one in results]
        await self._requests.close(batch.tenant_id, request_key, outcomes, rejections)
        return results

    async def _plan(self, batch: Batch, now_ms: int) -> _Work:
        wanted = {n: one for n, one in enumerate(batch.rows) if isinstance(one, Wanted)}
        work = _Work(batch, wanted, {}, {})
        for position, one in enumerate(batch.rows):
            if isinstance(one, Rejection):
                work.reject(position, one)
        await self._check_fields(work)
        rows = {n: one for n, one in wanted.items() if n not in work.results}
        hashes = {name for one in rows.values() for name in one.identifiers}
        work.known = await self._registry.find_all(list(hashes))
        owners = await self._owners(work, rows, now_ms)
        namespaces = [one.namespaces for one in rows.values()]
        plans = plan_rows(batch.tenant_id, namespaces, owners, now_ms)
        work.plans = dict(zip(rows, plans, strict=True))
        for position, plan in work.plans.items():
            if plan.way is Way.REJECTED:
                work.reject(position, NOBODY)
            elif plan.way is Way.SETTLED:
                work.results[position] = RowResult(plan.outcome, plan.customer_id)
        return work

    async def _check_fields(self, work: _Work) -> None:
        """Rejects values of fields that the tenant did not declare so; reads that once."""
        some = {
            n: one.attributes
            for n, one in work.wanted.items()
            if one.attributes.fields or one.attributes.personal_fields
        }
        if not some:
            return
        schema = await self._fields.get(work.batch.tenant_id)
        for position, attributes in some.items():
            for path, fix in check_values(schema, attributes, None, "attributes")[:1]:
                work.reject(position, Rejection(RejectionCode.FIELD_INVALID, path, fix))

    async def _owners(
        self, work: _Work, rows: Mapping[int, Wanted], now_ms: int
    ) -> dict[bytes, Customer]:
        """Who owns the rows' identifiers, after finishing creations that were cut off."""
        owned = {name: one.customer_id for name, one in work.known.items() if one.customer_id}
        if not owned:
            return {}
        attributes: dict[str, Attributes] = {}
        for row in rows.values():
            for name in row.identifiers:
                if name in owned:
                    attributes.setdefault(owned[name], row.attributes)
        tenant_id = work.batch.tenant_id
        found = await self._registry.complete(tenant_id, attributes, now_ms, attributes)
        return {name: found[one] for name, one in owned.items() if one in found}

    async def _create(self, work: _Work, now_ms: int) -> None:
        """Writes the new rows. Of whom somebody else was faster with, the single way decides."""
        fresh = {n: one for n, one in work.plans.items() if one.way is Way.NEW}
        if not fresh:
            return
        named = {n: self._named(work, work.wanted[n], now_ms) for n in fresh}
        ids = [one.customer.customer_id for one in named.values()]
        intent = await self._intents.open(
            work.batch.tenant_id, ids, self._wall_ms(), import_id=work.batch.import_id
        )
        created = await self._registry.create_named_many(list(named.values()))
        for position, one in named.items():
            if one.customer.customer_id in created.customer_ids:
                work.created.add(position)
            if one.customer.customer_id in created.whole_ids:
                outcome = IdentifyOutcome.CREATED
                work.results[position] = RowResult(outcome, one.customer.customer_id)
        await self._intents.leave([intent])

    def _named(self, work: _Work, row: Wanted, now_ms: int) -> Named:
        tenant_id = work.batch.tenant_id
        primary = primary_identifier(row.namespaces)
        known = work.known.get(primary)
        generation = known.generation if known else 0
        customer_id = self._registry.id_for(tenant_id, primary, generation)
        identities = {
            name: NewIdentity(name, customer_id, *one) for name, one in row.identifiers.items()
        }
        is_member = row.identifiers[primary][0] == MEMBER
        customer = Customer(tenant_id, customer_id, 1, now_ms, is_member, row.attributes)
        return Named(customer, identities.pop(primary), tuple(identities.values()))

    async def _settle(self, work: _Work) -> None:
        """Rows that are not new, wave after wave; those that share nothing side by side."""
        left = [
            (position, _names(work, position))
            for position in work.plans
            if position not in work.results
        ]
        room = asyncio.Semaphore(_ALONE_AT_ONCE_MAX)

        async def settle(position: int) -> None:
            async with room:
                work.results[position] = await self._settle_one(work, position)

        try:
            for wave in waves(left):
                async with asyncio.TaskGroup() as group:
                    for position in wave:
                        group.create_task(settle(position))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _settle_one(self, work: _Work, position: int) -> RowResult:
        try:
            found = await self._identify.settle(work.batch.tenant_id, work.wanted[position])
        except RpcFailure as failure:
            if failure.code in _RETRIED:
                raise
            if failure.code is Code.CUSTOMER_NOT_FOUND:
                return RowResult(None, rejection=NOBODY)
            rejection = Rejection(RejectionCode.VERSION_CONFLICT, "identifiers", failure.message)
            return RowResult(None, rejection=rejection)
        customer_id = found.customer.customer_id if found.customer else ""
        outcome = found.outcome
        # A new row that lost an identifier on its way was created all the same.
        if position in work.created and outcome in _LESS_THAN_CREATED:
            outcome = IdentifyOutcome.CREATED
        return RowResult(outcome, customer_id)

    async def _again(
        self,
        work: _Work,
        outcomes: Sequence[IdentifyOutcome | None],
        rejections: Mapping[int, Rejection],
    ) -> list[RowResult]:
        """The results of the first time, of whoever the rows' identifiers are by now."""
        results = []
        for position, outcome in enumerate(outcomes):
            if outcome is None:
                results.append(RowResult(None, rejection=rejections.get(position, NOBODY)))
                continue
            row = work.wanted[position]
            known = work.known.get(primary_identifier(row.namespaces))
            results.append(RowResult(outcome, known.customer_id if known else ""))
        return results


def _names(work: _Work, position: int) -> frozenset[bytes]:
    """By what a row may touch what another one does: its identifiers and their owners."""
    names = set(work.wanted[position].identifiers)
    owners = {work.known[one].customer_id for one in names if one in work.known}
    return frozenset(names | {one.encode() for one in owners if one})


def _as_planned(work: _Work, planned: Sequence[IdentifyOutcome | None]) -> None:
    """A first attempt that died midway left less to do, or nothing; its plan is the outcome."""
    for position, outcome in enumerate(planned):
        result = work.results[position]
        nothing = result.outcome is IdentifyOutcome.UNCHANGED and outcome is not None
        rest = result.outcome is IdentifyOutcome.LINKED and outcome is IdentifyOutcome.CREATED
        if nothing or rest:
            work.results[position] = result._replace(outcome=outcome)
