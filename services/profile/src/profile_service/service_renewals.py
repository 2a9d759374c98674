"""Texts shown at consent, and consents that have to be confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.notices import Notice
from profile_service.renewals import DueConsent, due_of, started_before_ms
from profile_service.service_tenants import StoreDirectory
from profile_service.store_customers import CustomerStore
from profile_service.store_notices import NoticeStore


@dataclass(frozen=True, slots=True)
class DuePage:
    """What is due, of whole customers; last is where the next page begins while more follow."""

    consents: Sequence[DueConsent]
    last: tuple[int, str] | None = None


class RenewalService:
    """Writes notices, and finds what falls due."""

    def __init__(
        self,
        directory: StoreDirectory,
        clock: Clock,
        customers: CustomerStore,
        notices: NoticeStore,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._customers = customers
        self._notices = notices

    async def create(self, wanted: Notice) -> Notice:
        """The next version of a text; the same request again answers what it wrote.

        Raises RpcFailure REQUEST_CONFLICT.
        """
        stored = await self._notices.add(wanted)
        if stored.fingerprint != wanted.fingerprint:
            raise RpcFailure(
                Code.REQUEST_CONFLICT,
                "this request id was used with other content: send a fresh one",
                field="request_id",
            )
        return stored

    async def notices(self, tenant_id: str, after: tuple[str, int], limit: int) -> list[Notice]:
        """Notices in order of name and version, behind a position."""
        return await self._notices.page(tenant_id, after, limit)

    async def due(
        self, tenant_id: str, until_ms: int | None, after: tuple[int, str], limit: int
    ) -> DuePage:
        """What is due by then, the present for None, in order of how long ago it began."""
        zone = ZoneInfo((await self._directory.get(tenant_id)).time_zone)
        if until_ms is None:
            until_ms = (await self._clock.read(tenant_id)).now_ms
        found = await self._customers.renewing(
            tenant_id, started_before_ms(until_ms, zone), after, limit + 1
        )
        due = [
            consent
            for customer, _ in found[:limit]
            for consent in due_of(customer.customer_id, customer.consents, until_ms, zone)
        ]
        if len(found) <= limit:
            return DuePage(due)
        customer, oldest_ms = found[limit - 1]
        return DuePage(due, (oldest_ms, customer.customer_id))
