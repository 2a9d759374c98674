"""The real account store on real MongoDB, with a fate for each of its writes."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from offers_service.commit import OutcomeUnknownError
from offers_service.coupon_account import AccountKey
from offers_service.store_accounts import AccountStore, AnyAccount


class Fate(StrEnum):
    """What becomes of one write."""

    DONE = "done"
    # The network broke on the way there, or the process was killed before.
    NOT_SENT = "not_sent"
    # It took place; the answer was lost, or the process was killed after.
    ANSWER_LOST = "answer_lost"
    # A bulk write of which only the first half took place.
    HALF = "half"


class FaultyAccounts(AccountStore):
    """Takes the next fate for every write; without any left, writes are done.

    struck: how many writes failed so far.
    """

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.fates: deque[Fate] = deque()
        self.struck = 0

    async def save(
        self, changes: Sequence[tuple[AnyAccount | None, AnyAccount]]
    ) -> set[AccountKey]:
        """As AccountStore, unless fate has it otherwise: then OutcomeUnknownError."""
        fate = self._next()
        if fate is Fate.DONE:
            return await super().save(changes)
        if fate is Fate.ANSWER_LOST:
            await super().save(changes)
        elif fate is Fate.HALF and len(changes) > 1:
            await super().save(changes[: len(changes) // 2])
        raise OutcomeUnknownError(fate.value)

    async def insert_many(self, documents: Sequence[Mapping[str, Any]]) -> int:
        """As AccountStore, unless fate has it otherwise: then OutcomeUnknownError."""
        fate = self._next()
        if fate is Fate.DONE:
            return await super().insert_many(documents)
        if fate is Fate.ANSWER_LOST:
            await super().insert_many(documents)
        elif fate is Fate.HALF:
            await super().insert_many(documents[: len(documents) // 2])
        raise OutcomeUnknownError(fate.value)

    def _next(self) -> Fate:
        fate = self.fates.popleft() if self.fates else Fate.DONE
        self.struck += fate is not Fate.DONE
        return fate
