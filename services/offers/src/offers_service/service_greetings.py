"""Use cases of greetings: load who it is, decide what to say; write what the tenant says."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from dangol.profile.v1 import customer_service_pb2 as profile_pb
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo

from offers_service import greetings
from offers_service.clients_recipients import to_recipient
from offers_service.commit import ContendedError
from offers_service.greetings import Greeted, Greeting, Greetings, GreetingsOutcome, Guest
from offers_service.service_points import Looked
from offers_service.store_greetings import GreetingStore

_TRIES_MAX = 20
# What a service that is down would have told is not known, and no reason to say nothing.
_DOWN = frozenset({Code.UNAVAILABLE, Code.NOT_READY, Code.DEADLINE_EXCEEDED})

T = TypeVar("T")


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class Customers(Protocol):
    """ProfileRecipients."""

    def find(
        self, tenant_id: str, customer_ids: list[str]
    ) -> Awaitable[Mapping[str, profile_pb.Customer]]: ...


class Standings(Protocol):
    """PointsDesk."""

    def look(self, tenant_id: str, customer_id: str, now_ms: int) -> Awaitable[Looked | None]: ...


class Memberships(Protocol):
    """Segments."""

    def of_customer(self, tenant_id: str, customer_id: str) -> Awaitable[frozenset[str]]: ...


class Answer(NamedTuple):
    """wrong: (field, what to do), and nothing was written."""

    outcome: GreetingsOutcome
    stored: Greetings
    wrong: tuple[greetings.Violation, ...] = ()


class GreetingDesk:
    """Raises OutcomeUnknownError without the database, RpcFailure for who does not exist."""

    def __init__(
        self,
        *,
        store: GreetingStore,
        customers: Customers,
        standings: Standings,
        memberships: Memberships,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self._store = store
        self._customers = customers
        self._standings = standings
        self._memberships = memberships
        self._directory = directory
        self._clock = clock

    async def read(self, tenant_id: str) -> Greetings:
        """The tenant's own."""
        return await self._store.read(tenant_id)

    async def write(
        self, tenant_id: str, request_id: str, wanted: tuple[Greeting, ...], version: int
    ) -> Answer:
        """All of them at once, under the version that was read."""
        wrong = greetings.violations(wanted)
        if wrong:
            return Answer(GreetingsOutcome.APPLIED, Greetings(), tuple(wrong))
        for _ in range(_TRIES_MAX):
            before = await self._store.read(tenant_id)
            outcome, after = greetings.change(before, request_id, wanted, version)
            if after is before or await self._store.save(tenant_id, before, after):
                return Answer(outcome, after)
        raise ContendedError

    async def greet(self, tenant_id: str, customer_id: str, language: str) -> Greeted:
        """A customer, or with no id a guest. Raises RpcFailure CUSTOMER_NOT_FOUND."""
        tenant = await self._directory.get(tenant_id)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        own = (await self._store.read(tenant_id)).greetings
        zone, asked = ZoneInfo(tenant.time_zone), _languages("", language, tenant.language)
        guest = Guest(asked)
        if customer_id:
            customer = await self._customer(tenant_id, customer_id)
            if customer is not None:
                zone = to_recipient(customer, tenant).zone
                asked = _languages(customer.language, language, tenant.language)
                guest = Guest(asked, name=customer.display_name, born=_born(customer))
            guest = await self._known(tenant_id, customer_id, guest, own, now_ms)
        return greetings.greet(own, guest, datetime.fromtimestamp(now_ms / 1000, zone))

    async def _customer(self, tenant_id: str, customer_id: str) -> profile_pb.Customer | None:
        found = await _or_none(self._customers.find(tenant_id, [customer_id]))
        if found is not None and customer_id not in found:
            raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
        return found[customer_id] if found else None

    async def _known(
        self,
        tenant_id: str,
        customer_id: str,
        guest: Guest,
        own: tuple[Greeting, ...],
        now_ms: int,
    ) -> Guest:
        """With tier and segments; the latter only where some greeting asks for them."""
        looked = await _or_none(self._standings.look(tenant_id, customer_id, now_ms))
        tier = looked.account.tier if looked and looked.account else ""
        tiers = looked.program.tiers if looked else ()
        names = next((one.display_names for one in tiers if one.tier_id == tier), {})
        segments: frozenset[str] | None = None
        if any(greeting.segments for greeting in own):
            segments = await _or_none(self._memberships.of_customer(tenant_id, customer_id))
        return Guest(
            guest.languages,
            name=guest.name,
            tier=tier,
            tier_names=names,
            segments=segments or frozenset(),
            born=guest.born,
        )


async def _or_none(answer: Awaitable[T]) -> T | None:
    try:
        return await answer
    except RpcFailure as failure:
        if failure.code not in _DOWN:
            raise
        return None


def _languages(*tags: str) -> tuple[str, ...]:
    """Primary languages of the tags that are given, each once, in order."""
    return tuple(dict.fromkeys(tag.partition("-")[0].lower() for tag in tags if tag))


def _born(customer: profile_pb.Customer) -> date | None:
    """None also for who keeps the birthday by the lunar calendar: birth_date has its solar day of
    the first year only, and a greeting on a wrong day is worse than none."""
    if customer.HasField("lunar_birth_date"):
        return None
    try:
        return date.fromisoformat(customer.birth_date) if customer.birth_date else None
    except ValueError:
        return None
