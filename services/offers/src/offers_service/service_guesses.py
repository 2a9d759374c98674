"""Use case of whoever brings a code or a token: whether it may be looked up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from weakref import WeakValueDictionary

from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import wall_ms

from offers_service.codes import Secrets
from offers_service.guessing import Guesser, Limits, allowed, worth_waiting
from offers_service.store_guesses import GuessStore

_PERSONS = (Role.CUSTOMER, Role.VISITOR)
# How long a try without a place waits for others to end. A process that ended in the middle keeps
# its places until the window is over.
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.01


class GuessGuard:
    """Counts in wall time, also for tenants under virtual time: who guesses lives in wall time."""

    def __init__(
        self,
        store: GuessStore,
        secrets_of: Callable[[str], Secrets],
        limits: Limits | None = None,
        wall_ms: Callable[[], int] = wall_ms,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._store = store
        self._secrets_of = secrets_of
        self._limits = limits or Limits()
        self._wall_ms = wall_ms
        self._patience_seconds = patience_seconds
        # Of this process one try a guesser looks for a place: many would be in each other's way.
        self._turns: WeakValueDictionary[tuple[str, bytes], asyncio.Lock] = WeakValueDictionary()

    def guesser(self, caller: Caller, customer_id: str) -> Guesser:
        """Whose tries these are: the caller's, and of a shop that names a customer, that one's."""
        person = caller.role in _PERSONS
        named = "" if person else customer_id
        content = ("guesser", caller.role.value, caller.subject, named)
        print_ = self._secrets_of(caller.tenant_id).print(*content)
        many = not person and not named
        return Guesser(print_, self._limits.shop if many else self._limits.person)

    async def take(self, caller: Caller, guesser: Guesser, tries: int) -> int:
        """How many of the next tries may be looked up: as many as there is room for among wrong
        ones, also when that room is taken now by others that may turn out right."""
        until = time.monotonic() + self._patience_seconds
        turn = self._turns.setdefault((caller.tenant_id, guesser.print), asyncio.Lock())
        async with turn:
            while True:
                counted = await self._store.take(
                    caller.tenant_id, guesser.print, tries, self._wall_ms(), self._limits.window_ms
                )
                looked_up = allowed(counted, tries, guesser.tries_max)
                waits = worth_waiting(counted, tries, guesser.tries_max)
                waits = waits and time.monotonic() < until
                # What is not looked up tells nobody anything: many at once shut nobody out.
                await self.settle(caller, guesser, tries if waits else tries - looked_up)
                if not waits:
                    return looked_up
                await asyncio.sleep(_PAUSE_SECONDS)

    async def settle(self, caller: Caller, guesser: Guesser, tries: int, *, wrong: int = 0) -> None:
        """So many tries have ended, or were never made; `wrong` of them count."""
        if tries:
            right = tries - wrong
            await self._store.settle(caller.tenant_id, guesser.print, tries, right)
