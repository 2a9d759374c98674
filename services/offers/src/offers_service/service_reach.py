"""Slots for messages that are about to leave: load, decide, save."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from offers_service import reach as rules
from offers_service.commit import ContendedError
from offers_service.messages import Message
from offers_service.reach import Cap, Reach
from offers_service.service_lineage import NOBODY_MERGED, Ancestry, People
from offers_service.store_reach import ReachStore

_TRIES_MAX = 50


class Leaving(NamedTuple):
    """A message and the customer whom it reaches, under the id that merging left."""

    message: Message
    customer_id: str
    at_ms: int


class ReachBook:
    """Who may still be written to, exactly, however many processes ask. A person who was merged
    has the slots of all earlier ids; new ones are taken under the id that merging left."""

    def __init__(self, store: ReachStore, ancestry: Ancestry) -> None:
        self._store = store
        self._ancestry = ancestry

    async def take(self, tenant_id: str, asked: Sequence[Leaving], caps: Sequence[Cap]) -> set[str]:
        """The ids of those for which a cap leaves no room, in the order asked.

        Raises OutcomeUnknownError, ContendedError: then ask again, a slot is taken once.
        """
        counted = [one for one in asked if rules.covering(caps, one.message.content)]
        people = await self._people(tenant_id, counted)
        theirs: dict[str, list[Leaving]] = defaultdict(list)
        for one in counted:
            theirs[people.root(one.customer_id)].append(one)
        refused: set[str] = set()

        def decide(reach: Reach, found: Mapping[str, Reach]) -> Reach:
            mine, earlier = theirs[reach.key.c], people.earlier(reach.key.c)
            inherited = [slot for name in earlier for slot in found[name].slots]
            refused.difference_update(one.message.message_id for one in mine)
            for message, _, at_ms in mine:
                name, content = message.message_id, message.content
                after = rules.take(reach, name, content, caps, at_ms, inherited=inherited)
                if after is None:
                    refused.add(name)
                else:
                    reach = after
            return reach

        await self._change(tenant_id, theirs, people.earlier, decide)
        return refused

    async def release(self, tenant_id: str, left: Sequence[Leaving]) -> None:
        """Gives back the slots of messages that did not leave after all, under whichever id."""
        people = await self._people(tenant_id, left)
        theirs: dict[str, set[str]] = defaultdict(set)
        for message, customer_id, _ in left:
            for name in (customer_id, *people.others(customer_id)):
                theirs[name].add(message.message_id)

        def decide(reach: Reach, _found: Mapping[str, Reach]) -> Reach:
            return rules.release(reach, theirs[reach.key.c])

        await self._change(tenant_id, theirs, lambda _: (), decide)

    async def _people(self, tenant_id: str, asked: Sequence[Leaving]) -> People:
        if not asked:
            return NOBODY_MERGED
        return await self._ancestry.people(tenant_id, sorted({one.customer_id for one in asked}))

    async def _change(
        self,
        tenant_id: str,
        names: Iterable[str],
        beside: Callable[[str], Sequence[str]],
        decide: Callable[[Reach, Mapping[str, Reach]], Reach],
    ) -> None:
        """Decides on each of the names, having read also what is `beside` it."""
        left = set(names)
        for _ in range(_TRIES_MAX):
            if not left:
                return
            wanted = left.union(*[beside(name) for name in left])
            found = await self._store.read(tenant_id, wanted)
            changes = [(found[name], decide(found[name], found)) for name in left]
            left = await self._store.save([pair for pair in changes if pair[0] is not pair[1]])
        raise ContendedError
