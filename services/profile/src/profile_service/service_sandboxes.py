"""Sandboxes: made beside a tenant, ended, and erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dangol_service_kit.clock import wall_ms
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.sandboxes import number_of, parent_of, sandbox_id

from profile_service.domain import Tenant
from profile_service.sandboxes import (
    AHEAD_MS,
    Asked,
    Book,
    Decided,
    SandboxOutcome,
    Slot,
    decide_create,
    decide_end,
    forget,
    has_ended,
)
from profile_service.service_tenants import StoreDirectory

_ATTEMPTS = 10
_ENDED_MAX = 100
_ENDED = frozenset({SandboxOutcome.MADE, SandboxOutcome.REPEATED})


class Books(Protocol):
    """Where sandboxes are kept."""

    async def get(self, tenant_id: str) -> Book: ...

    async def save(self, changed: Book) -> bool: ...

    async def with_ended(self, limit: int) -> list[Book]: ...

    async def erase(self, tenant_id: str) -> int: ...


class Tenants(Protocol):
    """Where tenants are kept."""

    async def insert(self, tenant: Tenant) -> bool: ...

    async def delete(self, tenant_id: str) -> int: ...


class SandboxService:
    """Makes, ends and erases sandboxes. Of a tenant that is no sandbox nothing can be erased."""

    def __init__(
        self,
        books: Books,
        tenants: Tenants,
        directory: StoreDirectory,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._books = books
        self._tenants = tenants
        self._directory = directory
        self._wall_ms = wall_ms

    async def create(
        self, tenant_id: str, asked: Asked, display_name: str, start_ms: int | None
    ) -> tuple[SandboxOutcome, Tenant | None]:
        """A sandbox of a tenant; its clock begins at start_ms, by default now."""
        begin_ms = self._wall_ms() if start_ms is None else start_ms
        decided = await self._decide(
            tenant_id, lambda book: decide_create(book, asked, display_name, begin_ms)
        )
        return decided.outcome, await self._stand(tenant_id, decided)

    async def end(
        self, tenant_id: str, asked: Asked, *, with_successor: bool
    ) -> tuple[SandboxOutcome, Tenant | None]:
        """Ends a sandbox and makes its successor, if it has one; a repetition finishes what a crash
        cut short."""
        parent_id = parent_of(tenant_id)
        number, now_ms = number_of(tenant_id), self._wall_ms()
        decided = await self._decide(
            parent_id,
            lambda book: decide_end(book, asked, number, now_ms, with_successor=with_successor),
        )
        if decided.outcome in _ENDED:
            await self._tenants.delete(tenant_id)
        return decided.outcome, await self._stand(parent_id, decided)

    async def erase(self, tenant_id: str, *, final: bool) -> int | None:
        """How many documents that were; None for a sandbox that is open, or never was."""
        parent_id, number = parent_of(tenant_id), number_of(tenant_id)
        if not parent_id or not has_ended(await self._books.get(parent_id), number):
            return None
        # A crash between the book and the tenant may have left it.
        count = await self._tenants.delete(tenant_id)
        count += await self._books.erase(tenant_id)
        if final:
            await self._forget(parent_id, number)
        return count

    async def opened(self, tenant_id: str) -> list[Tenant]:
        """A tenant's sandboxes with their clocks, oldest first; of a sandbox the one that it is."""
        if parent_of(tenant_id):
            return [await self._directory.tenant(tenant_id)]
        book = await self._books.get(tenant_id)
        return [await self._tenant(tenant_id, slot) for slot in book.opened]

    async def ended(self) -> list[tuple[str, int]]:
        """(id, when it ended in wall time) of sandboxes still to be looked at, at most 100."""
        found = [
            (sandbox_id(book.tenant_id, one.number), one.ended_ms)
            for book in await self._books.with_ended(_ENDED_MAX)
            for one in book.ended
        ]
        return sorted(found, key=lambda one: one[1])[:_ENDED_MAX]

    async def _decide(self, tenant_id: str, decide: Callable[[Book], Decided]) -> Decided:
        for _ in range(_ATTEMPTS):
            decided = decide(await self._books.get(tenant_id))
            if decided.book is None or await self._books.save(decided.book):
                return decided
        raise RpcFailure(
            Code.UNAVAILABLE, "others changed the sandboxes at once: repeat it", retry_after_ms=200
        )

    async def _stand(self, parent_id: str, decided: Decided) -> Tenant | None:
        """The tenant that the request was answered with, made now unless it stands already.

        Raises RpcFailure TENANT_NOT_FOUND for one that ended since.
        """
        if decided.slot is None:
            return None
        return await self._tenant(parent_id, decided.slot)

    async def _tenant(self, parent_id: str, slot: Slot) -> Tenant:
        """Made where a crash kept it from being made."""
        tenant_id = sandbox_id(parent_id, slot.number)
        book = await self._books.get(parent_id)
        if has_ended(book, slot.number):
            raise RpcFailure(Code.TENANT_NOT_FOUND, "this sandbox has ended")
        parent = await self._directory.tenant(parent_id)
        await self._tenants.insert(_beside(parent, tenant_id, slot, self._wall_ms()))
        return await self._directory.tenant(tenant_id)

    async def _forget(self, parent_id: str, number: int) -> None:
        for _ in range(_ATTEMPTS):
            changed = forget(await self._books.get(parent_id), number)
            if changed is None or await self._books.save(changed):
                return


def _beside(parent: Tenant, tenant_id: str, slot: Slot, created_ms: int) -> Tenant:
    horizon_ms = slot.start_ms + AHEAD_MS
    return Tenant(
        tenant_id=tenant_id,
        display_name=slot.display_name,
        time_zone=parent.time_zone,
        currency_code=parent.currency_code,
        language=parent.language,
        virtual=True,
        created_ms=created_ms,
        first_now_ms=slot.start_ms,
        first_horizon_ms=horizon_ms,
        now_ms=slot.start_ms,
        horizon_ms=horizon_ms,
    )
