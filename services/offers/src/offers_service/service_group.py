"""Where use cases hand in their steps: GroupCommit, or whatever stands before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from offers_service.commit import Decided
from offers_service.coupon_account import AccountKey

D = TypeVar("D", bound=Decided[Any])


class Group(Protocol):
    """Takes one step on one account."""

    async def submit(self, key: AccountKey, decide: Callable[[Any], D]) -> D:
        """Decides on the account's present state and saves; answers what `decide` answered.

        Raises what `decide` raises, OutcomeUnknownError or ContendedError.
        """
        ...
