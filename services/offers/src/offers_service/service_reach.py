"""Slots for messages that are about to leave: load, decide, save."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from offers_service import reach as rules
from offers_service.commit import ContendedError
from offers_service.messages import Message
from offers_service.reach import Cap, Reach
from offers_service.store_reach import ReachStore

_TRIES_MAX = 50


class Leaving(NamedTuple):
    """A message and the customer whom it reaches, under the id that merging left."""

    message: Message
    customer_id: str
    at_ms: int


class ReachBook:
    """Who may still be written to, exactly, however many processes ask."""

    def __init__(self, store: ReachStore) -> None:
        self._store = store

    async def take(self, tenant_id: str, asked: Sequence[Leaving], caps: Sequence[Cap]) -> set[str]:
        """The ids of those for which a cap leaves no room, in the order asked.

        Raises OutcomeUnknownError, ContendedError: then ask again, a slot is taken once.
        """
        counted = [one for one in asked if rules.covering(caps, one.message.content)]
        refused: set[str] = set()

        def decide(reach: Reach, theirs: Sequence[Leaving]) -> Reach:
            refused.difference_update(one.message.message_id for one in theirs)
            for message, _, at_ms in theirs:
                after = rules.take(reach, message.message_id, message.content, caps, at_ms)
                if after is None:
                    refused.add(message.message_id)
                else:
                    reach = after
            return reach

        await self._change(tenant_id, counted, decide)
        return refused

    async def release(self, tenant_id: str, left: Sequence[Leaving]) -> None:
        """Gives back the slots of messages that did not leave after all."""

        def decide(reach: Reach, theirs: Sequence[Leaving]) -> Reach:
            return rules.release(reach, {one.message.message_id for one in theirs})

        await self._change(tenant_id, left, decide)

    async def _change(
        self,
        tenant_id: str,
        asked: Sequence[Leaving],
        decide: Callable[[Reach, Sequence[Leaving]], Reach],
    ) -> None:
        theirs: dict[str, list[Leaving]] = {}
        for one in asked:
            theirs.setdefault(one.customer_id, []).append(one)
        left: Iterable[str] = theirs
        for _ in range(_TRIES_MAX):
            if not left:
                return
            before = await self._store.read(tenant_id, left)
            changes = [(one, decide(one, theirs[name])) for name, one in before.items()]
            left = await self._store.save([pair for pair in changes if pair[0] is not pair[1]])
        raise ContendedError
