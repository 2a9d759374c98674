"""Use case of whoever brings a code or a token: whether it may be looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import wall_ms

from offers_service.codes import Secrets
from offers_service.guessing import Guesser, Limits, allowed, worth_waiting
from offers_service.store_guesses import GuessStore

_PERSONS = (Role.CUSTOMER, Role.VISITOR)
# How often a try without a place looks whether others have ended: two to four seconds in all. A
# process that ended in the middle keeps its places until the window is over.
_LOOKS_MAX = 40
_PAUSE_SECONDS = 0.005
_PAUSE_SECONDS_MAX = 0.1


class GuessGuard:
    """Counts in wall time, also for tenants under virtual time: who guesses lives in wall time."""

    def __init__(
        self,
        store: GuessStore,
        secrets_of: Callable[[str], Secrets],
        limits: Limits | None = None,
        wall_ms: Callable[[], int] = wall_ms,
        looks_max: int = _LOOKS_MAX,
    ) -> None:
        self._store = store
        self._secrets_of = secrets_of
        self._limits = limits or Limits()
        self._wall_ms = wall_ms
        self._looks_max = looks_max

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
        for look in range(self._looks_max):
            counted = await self._store.take(
                caller.tenant_id, guesser.print, tries, self._wall_ms(), self._limits.window_ms
            )
            looked_up = allowed(counted, tries, guesser.tries_max)
            waits = worth_waiting(counted, tries, guesser.tries_max) and look < self._looks_max - 1
            # What is not looked up tells nobody anything: many at once shut nobody out.
            await self.settle(caller, guesser, tries if waits else tries - looked_up)
            if not waits:
                return looked_up
            await asyncio.sleep(min(_PAUSE_SECONDS * 2**look, _PAUSE_SECONDS_MAX))
        return 0

    async def settle(self, caller: Caller, guesser: Guesser, tries: int, *, wrong: int = 0) -> None:
        """So many tries have ended, or were never made; `wrong` of them count."""
        if tries:
            right = tries - wrong
            await self._store.settle(caller.tenant_id, guesser.print, tries, right)
