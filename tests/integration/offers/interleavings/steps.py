"""Processes of the ledger over one database, whose writes may be lost or held up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import Enum, auto
from typing import Any

from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.offers import Offer
from offers_service.store_accounts import AnyAccount
from offers_service.store_offers import OfferStore

from tests.integration.offers.judging.history import Call
from tests.integration.offers.machine.faulty import FaultyAccounts
from tests.integration.offers.machine.replica import LedgerReplica

TENANT = "shop"
NOW_MS = 1_700_000_000_000
OWNER = "ann"
_OFFER = Offer(offer_id="fixed", currency="KRW", created_ms=NOW_MS, fixed_minor_units=3_000)


class Where(Enum):
    """Where a write is held up."""

    NOWHERE = auto()
    BEFORE = auto()
    AFTER = auto()


class HeldUpAccounts(FaultyAccounts):
    """A write waits before it is sent, or with its answer, until `go` is set."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.where = Where.NOWHERE
        self.waits = asyncio.Event()
        self.go = asyncio.Event()

    async def save(
        self, changes: Sequence[tuple[AnyAccount | None, AnyAccount]]
    ) -> set[AccountKey]:
        """As FaultyAccounts, once."""
        where, self.where = self.where, Where.NOWHERE
        if where is Where.BEFORE:
            await self._wait()
        lost = await super().save(changes)
        if where is Where.AFTER:
            await self._wait()
        return lost

    async def _wait(self) -> None:
        self.waits.set()
        await self.go.wait()


def replica(mongodb: Any, database_name: str) -> tuple[LedgerReplica, HeldUpAccounts]:
    """One more process, and its store."""
    database = mongodb[database_name]
    accounts = HeldUpAccounts(database)
    return LedgerReplica(mongodb, database, accounts), accounts


async def issue(mongodb: Any, database_name: str, count: int) -> list[str]:
    """So many coupons of ann's: their ids."""
    first, accounts = replica(mongodb, database_name)
    await accounts.prepare()
    offers = OfferStore(mongodb[database_name])
    await offers.prepare()
    await offers.insert(TENANT, _OFFER)
    issued = [
        await first.ledger.issue(
            TENANT,
            offer_id="fixed",
            customer_id=OWNER,
            campaign_id="spring",
            cause=f"cause-{number}",
            actor="campaign:spring",
            now_ms=NOW_MS,
        )
        for number in range(count)
    ]
    return [one.coupon_id for one in issued]


def hold(coupon_id: str, request_id: str, order_id: str = "order-1") -> Call:
    """ann's order holds the coupon."""
    return Call("hold", coupon_id, request_id, OWNER, order_id, began_ms=NOW_MS)


def release(coupon_id: str, request_id: str, order_id: str = "order-1") -> Call:
    """The order gives it back."""
    return Call("release", coupon_id, request_id, OWNER, order_id, began_ms=NOW_MS)


async def journal(process: LedgerReplica, coupon_id: str) -> list[tuple[str, str]]:
    """(kind, request) of every entry after the first, as the database has them for good."""
    found = await process.accounts.get(AccountKey(TENANT, coupon_id))
    assert isinstance(found, CouponAccount)
    return [(entry.kind, entry.request) for entry in found.entries[1:]]


async def faults(process: LedgerReplica) -> int:
    """How many accounts verification finds fault with."""
    verdicts = [verdict async for verdict in process.auditor.verify(TENANT)]
    return verdicts[-1].fault_count
