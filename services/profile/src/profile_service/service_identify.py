"""Linking identifiers to one customer: load, decide, save; whoever loses a race decides again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.errors import Code, RpcFailure

from profile_service import encoding
from profile_service.domain import CUSTOMER, MEMBER, Attributes, Customer
from profile_service.identify import IdentifyOutcome, Plan, plan_identify, primary_identifier
from profile_service.records import Intent, NewIdentity
from profile_service.service_merge import Merger
from profile_service.service_registry import Registry
from profile_service.service_segmentation import Delta, Segmentation
from profile_service.store_intents import IntentStore
from profile_service.store_requests import RequestStore

_ATTEMPTS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Identifiers to be linked: hash -> (namespace, value), and attributes for a new customer."""

    identifiers: dict[bytes, tuple[str, str]]
    attributes: Attributes

    @property
    def namespaces(self) -> dict[bytes, str]:
        return {one: namespace for one, (namespace, _) in self.identifiers.items()}


@dataclass(frozen=True, slots=True)
class Identified:
    """customer is None when identifiers conflict and none of them has a customer."""

    outcome: IdentifyOutcome
    customer: Customer | None


class IdentifyService:
    """Finds, creates, links and merges."""

    def __init__(
        self,
        *,
        clock: Clock,
        registry: Registry,
        merger: Merger,
        requests: RequestStore,
        intents: IntentStore,
        segmentation: Segmentation,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._clock = clock
        self._registry = registry
        self._merger = merger
        self._requests = requests
        self._intents = intents
        self._segmentation = segmentation
        self._wall_ms = wall_ms

    def want(
        self, tenant_id: str, identifiers: Sequence[tuple[str, str]], attributes: Attributes
    ) -> Wanted:
        """The request with its identifiers hashed, each once."""
        hashed = {self._registry.hash(tenant_id, *one): one for one in identifiers}
        return Wanted(hashed, attributes)

    async def identify(
        self,
        tenant_id: str,
        wanted: Wanted,
        request_key: bytes,
        fingerprint: bytes,
        only_customer_id: str | None = None,
    ) -> Identified:
        """Links all identifiers to one customer.

        The same request again has the outcome of the first time. only_customer_id restricts the
        call to one customer's own identifiers and devices. Raises RpcFailure REQUEST_CONFLICT,
        CUSTOMER_NOT_FOUND, VERSION_CONFLICT after too many lost races.
        """
        plan = await self._plan(tenant_id, wanted, only_customer_id)
        request = await self._requests.open(
            tenant_id, request_key, fingerprint, plan.outcome.value, self._wall_ms()
        )
        if request.fingerprint != fingerprint:
            raise RpcFailure(
                Code.REQUEST_CONFLICT,
                "this request id was used with other content: send a fresh one",
                field="request_id",
            )
        if request.customer_id is not None:
            customer = await self._registry.get(tenant_id, request.customer_id)
            return Identified(IdentifyOutcome(request.outcome), customer)
        customer, outcome = await self._carry_out(tenant_id, wanted, plan, only_customer_id)
        # A first attempt that died midway may have left nothing to do; its plan is the outcome.
        if outcome is IdentifyOutcome.UNCHANGED and request.repeated:
            outcome = IdentifyOutcome(request.outcome)
        customer_id = customer.customer_id if customer else ""
        await self._requests.close(tenant_id, request_key, outcome.value, customer_id)
        return Identified(outcome, customer)

    async def settle(self, tenant_id: str, wanted: Wanted) -> Identified:
        """As identify, of a request that somebody else remembers."""
        plan = await self._plan(tenant_id, wanted, None)
        customer, outcome = await self._carry_out(tenant_id, wanted, plan, None)
        return Identified(outcome, customer)

    async def _carry_out(
        self, tenant_id: str, wanted: Wanted, plan: Plan, only_customer_id: str | None
    ) -> tuple[Customer | None, IdentifyOutcome]:
        """Does what the plan says; after a lost race, what a new plan says."""
        outcome = IdentifyOutcome.UNCHANGED
        for _ in range(_ATTEMPTS_MAX):
            if plan.outcome is IdentifyOutcome.CONFLICT:
                return plan.target, plan.outcome
            if plan.outcome is IdentifyOutcome.UNCHANGED:
                return plan.target, outcome
            if await self._step(tenant_id, wanted, plan):
                outcome = _stronger(outcome, plan.outcome)
            plan = await self._plan(tenant_id, wanted, only_customer_id)
        raise RpcFailure(Code.VERSION_CONFLICT, "these identifiers change too often: try again")

    async def _step(self, tenant_id: str, wanted: Wanted, plan: Plan) -> bool:
        """One step of the plan; False when somebody was faster. The next plan shows its effect."""
        if plan.target is None:
            return await self._create(tenant_id, wanted)
        if plan.sources:
            return await self._merger.merge(plan.sources[0], plan.target)
        return await self._link(plan.target, wanted, plan.link)

    async def _create(self, tenant_id: str, wanted: Wanted) -> bool:
        primary = primary_identifier(wanted.namespaces)
        namespace, value = wanted.identifiers[primary]
        customer_id = await self._registry.fresh_id(tenant_id, primary)
        intent = await self._intents.open(tenant_id, [customer_id], self._wall_ms())
        created_ms = (await self._clock.read(tenant_id)).now_ms
        fresh = Customer(
            tenant_id, customer_id, 1, created_ms, namespace == MEMBER, wanted.attributes
        )
        identity = NewIdentity(primary, customer_id, namespace, value)
        if not await self._registry.create_named(fresh, identity):
            await self._intents.complete([intent])
            return False
        await self._tell(intent, fresh, created=True)
        return True

    async def _link(self, target: Customer, wanted: Wanted, link: Sequence[bytes]) -> bool:
        unowned = {one: wanted.identifiers[one] for one in link}
        intent = await self._intents.open(target.tenant_id, [target.customer_id], self._wall_ms())
        linked = await self._registry.link(target, unowned)
        changed = await self._registry.get(target.tenant_id, target.customer_id)
        if changed is None or changed.version == target.version:
            await self._intents.complete([intent])
        else:
            await self._tell(intent, changed, created=False)
        return linked

    async def _tell(self, intent: Intent, customer: Customer, *, created: bool) -> None:
        """Tells segmentation who the customer is now; the relay does when it cannot listen."""
        delta = Delta(customer.customer_id, created, encoding.to_snapshot(customer))
        answer = await self._segmentation.evaluate(intent.tenant_id, intent.at_ms, [delta])
        if answer.pending_ids:
            await self._intents.leave([intent])
        else:
            await self._intents.complete([intent])

    async def _plan(self, tenant_id: str, wanted: Wanted, only_customer_id: str | None) -> Plan:
        identities = await self._registry.find(list(wanted.identifiers))
        ids = {identity.customer_id for identity in identities.values()}
        now_ms = (await self._clock.read(tenant_id)).now_ms
        attributes = dict.fromkeys(ids, wanted.attributes)
        customers = await self._registry.complete(tenant_id, ids, now_ms, attributes)
        for one in list(customers.values()):
            if one.merged_into:
                # A merge is under way: help to finish it, then look again.
                target_id = await self._merger.settle(one)
                target = await self._registry.get(tenant_id, target_id)
                if target is not None:
                    customers[one.customer_id] = target
        for identifier, (namespace, _) in wanted.identifiers.items():
            if namespace == CUSTOMER and identifier not in identities:
                raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
        owners = {
            identifier: customers[identity.customer_id]
            for identifier, identity in identities.items()
            if identity.customer_id in customers
        }
        plan = plan_identify(wanted.namespaces, owners, only_customer_id)
        _check_owner(plan, only_customer_id)
        return plan


def _check_owner(plan: Plan, only_customer_id: str | None) -> None:
    """A customer's own call may take in visitors, and touches nobody else."""
    if only_customer_id is None:
        return
    if plan.target is None or plan.target.customer_id != only_customer_id:
        raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")


def _stronger(one: IdentifyOutcome, other: IdentifyOutcome) -> IdentifyOutcome:
    """What the caller is told when several steps were needed."""
    order = [
        IdentifyOutcome.UNCHANGED,
        IdentifyOutcome.LINKED,
        IdentifyOutcome.CREATED,
        IdentifyOutcome.MERGED,
    ]
    return max(one, other, key=order.index)
