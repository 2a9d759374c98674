"""Addresses of customers for messages that are about to leave: load, decide, log, answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dangol_service_kit.clock import wall_ms

from profile_service import contacts
from profile_service.contacts import Reveal, RevealOutcome, Wanted
from profile_service.service_registry import Registry
from profile_service.store_contacts import ContactStore


@dataclass(frozen=True, slots=True)
class Revealed:
    """What came of one; addresses are there for REVEALED alone."""

    outcome: RevealOutcome
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and who gets the addresses."""

    caller: str
    recipient: str


class ContactService:
    """What is answered was logged before: an address that nobody can account for never leaves."""

    def __init__(
        self,
        registry: Registry,
        store: ContactStore,
        *,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._registry = registry
        self._store = store
        self._wall_ms = wall_ms

    async def reveal(
        self, tenant_id: str, channel: str, wanted: Sequence[Wanted], asker: Asker
    ) -> list[Revealed]:
        """In the order asked for. Raises StoreUnavailableError."""
        customers = await self._registry.get_many(tenant_id, [one.customer_id for one in wanted])
        refusals = [
            contacts.refusal(customers.get(one.customer_id), channel, one.purpose) for one in wanted
        ]
        ids = [
            customers[one.customer_id].customer_id
            for one, refused in zip(wanted, refusals, strict=True)
            if refused is None
        ]
        found = await self._store.addresses(tenant_id, ids, contacts.namespaces(channel))
        answers, log = [], []
        for one, refused in zip(wanted, refusals, strict=True):
            if refused is not None:
                answers.append(Revealed(refused))
                continue
            customer_id = customers[one.customer_id].customer_id
            addresses = found.get(customer_id, [])
            if not addresses:
                answers.append(Revealed(RevealOutcome.NO_CONTACT))
                continue
            answers.append(Revealed(RevealOutcome.REVEALED, tuple(addresses)))
            log.append(
                Reveal(
                    customer_id,
                    channel,
                    one.message_id,
                    one.purpose,
                    asker.caller,
                    asker.recipient,
                    len(addresses),
                    self._wall_ms(),
                )
            )
        await self._store.log(tenant_id, log)
        return answers

    async def page(
        self, tenant_id: str, customer_id: str, before: str, limit: int
    ) -> tuple[list[Reveal], str] | None:
        """The log of a customer, newest first; None when there is no such customer."""
        customer = await self._registry.get(tenant_id, customer_id)
        if customer is None:
            return None
        return await self._store.page(tenant_id, customer.customer_id, before, limit)
