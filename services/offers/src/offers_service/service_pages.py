"""Steps on accounts whose journals have pages, which are searched when a step depends on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from offers_service.commit import ContendedError, Decided
from offers_service.coupon_account import AccountKey
from offers_service.pages import NOT_LOOKED, Looked, NeedsPages
from offers_service.service_group import Group
from offers_service.store_pages import PageStore

# Each round more than KEPT_ENTRIES entries would have to be written by others in between.
_ROUNDS_MAX = 5

D = TypeVar("D", bound=Decided[Any])


class PagedSteps:
    """Takes steps on paged accounts, each at the cost of one look-up at most, mostly of none."""

    def __init__(self, group: Group, pages: PageStore) -> None:
        self._group = group
        self._pages = pages

    async def submit(
        self,
        key: AccountKey,
        decide: Callable[[Any, Looked], D | NeedsPages],
        looked: Looked = NOT_LOOKED,
    ) -> D:
        """Decides with what the pages say of the request; saves; answers what `decide` answered.

        looked: what the caller knows already (see Looked). Raises what GroupCommit.submit raises.
        """
        for _ in range(_ROUNDS_MAX):
            known = looked

            def step(account: Any, known: Looked = known) -> D | NeedsPages:
                return decide(account, known)

            decided = await self._group.submit(key, step)
            if not isinstance(decided, NeedsPages):
                return decided
            looked = await self._pages.look(decided.account, decided.request)
        raise ContendedError
