"""A store whose writes can be held up: the n-th from now waits until it is told to go on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from offers_service.budget_account import BudgetAccount
from offers_service.coupon_account import AccountKey
from offers_service.store_accounts import AnyAccount

from tests.integration.offers.machine.faulty import FaultyAccounts


class GatedAccounts(FaultyAccounts):
    """lost: how many accounts had another writer first."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.arrived = asyncio.Event()
        self.lost = 0
        self._go = asyncio.Event()
        self._wait_at = -1
        self._sent = False
        self._of_budget = False

    def hold_up(self, write: int, *, sent: bool, of_budget: bool = False) -> None:
        """The write of this number from now, 0 for the next, waits; sent: after it took place;
        of_budget: only writes of a budget count."""
        self._wait_at, self._sent, self._of_budget = write, sent, of_budget
        self.arrived.clear()
        self._go.clear()

    def go_on(self) -> None:
        """Nothing waits any more."""
        self._wait_at = -1
        self._go.set()

    async def save(
        self, changes: Sequence[tuple[AnyAccount | None, AnyAccount]]
    ) -> set[AccountKey]:
        """As FaultyAccounts."""
        counts = not self._of_budget or any(
            isinstance(after, BudgetAccount) for _, after in changes
        )
        waits = counts and self._wait_at == 0
        self._wait_at -= counts
        if waits and not self._sent:
            await self._wait()
        lost = await super().save(changes)
        self.lost += len(lost)
        if waits and self._sent:
            await self._wait()
        return lost

    async def _wait(self) -> None:
        self.arrived.set()
        await self._go.wait()
