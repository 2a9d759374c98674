"""Use case of whoever brings a code or a token: whether it may be looked up."""

from __future__ import annotations

from collections.abc import Callable

from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import wall_ms

from offers_service.codes import Secrets
from offers_service.guessing import Guesser, Limits, allowed
from offers_service.store_guesses import GuessStore

_PERSONS = (Role.CUSTOMER, Role.VISITOR)


class GuessGuard:
    """Counts in wall time, also for tenants under virtual time: who guesses lives in wall time."""

    def __init__(
        self,
        store: GuessStore,
        secrets_of: Callable[[str], Secrets],
        limits: Limits | None = None,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._secrets_of = secrets_of
        self._limits = limits or Limits()
        self._wall_ms = wall_ms

    def guesser(self, caller: Caller, customer_id: str) -> Guesser:
        """Whose tries these are: the caller's, and of a shop that names a customer, that one's."""
        person = caller.role in _PERSONS
        named = "" if person else customer_id
        content = ("guesser", caller.role.value, caller.subject, named)
        print_ = self._secrets_of(caller.tenant_id).print(*content)
        many = not person and not named
        return Guesser(print_, self._limits.shop if many else self._limits.person)

    async def take(self, caller: Caller, guesser: Guesser, tries: int) -> int:
        """How many of the next tries may be looked up."""
        counted = await self._store.take(
            caller.tenant_id, guesser.print, tries, self._wall_ms(), self._limits.window_ms
        )
        looked_up = allowed(counted, tries, guesser.tries_max)
        # What is not looked up tells nobody anything: many right ones at once shut nobody out.
        await self.give_back(caller, guesser, tries - looked_up)
        return looked_up

    async def give_back(self, caller: Caller, guesser: Guesser, right: int) -> None:
        """Forgets tries that were right, or never made."""
        if right:
            await self._store.give_back(caller.tenant_id, guesser.print, right)
