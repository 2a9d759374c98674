"""Use case of auditors: entries by account, order, customer, campaign and time. Reads only.

A page is what lies behind the last entry of the page before, so entries that come in meanwhile
move none: those that belong behind that entry are met later on, the others were written too late
for this reading.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import replace
from typing import Protocol

from offers_service import entries as rules
from offers_service.entries import LAST_NUMBER, Filter, Line, Mark, Place
from offers_service.store_entries import EntryStore

EXPORT_PAGE = 1_000


class People(Protocol):
    """Lineage: who was merged into whom."""

    def sources(self, tenant_id: str, root: str) -> Awaitable[tuple[str, ...]]: ...


class EntryReader:
    """Memory: one page and what one look at the database brings."""

    def __init__(self, store: EntryStore, people: People) -> None:
        self._store = store
        self._people = people

    async def has(self, tenant_id: str, account_id: str) -> bool:
        """Whether there is such an account."""
        return await self._store.has(tenant_id, account_id)

    async def page(
        self, tenant_id: str, wanted: Filter, after: Mark | None, size: int
    ) -> tuple[list[Line], Mark | None]:
        """At most `size` lines behind `after`, and where the next page begins; None for no more."""
        wanted = await self._with_merged(tenant_id, wanted)
        found = await self._some(tenant_id, wanted, after, size + 1)
        more = len(found) > size
        return found[:size], rules.mark_of(found[size - 1]) if more else None

    async def everything(
        self, tenant_id: str, wanted: Filter, after: Mark | None, size: int = EXPORT_PAGE
    ) -> AsyncIterator[tuple[Sequence[Line], Mark | None]]:
        """Page after page, each with where the next one begins."""
        while True:
            lines, after = await self.page(tenant_id, wanted, after, size)
            yield lines, after
            if after is None:
                return

    async def _with_merged(self, tenant_id: str, wanted: Filter) -> Filter:
        if not wanted.customers:
            return wanted
        customer = wanted.customers[0]
        sources = await self._people.sources(tenant_id, customer)
        return replace(wanted, customers=(customer, *sources))

    async def _some(
        self, tenant_id: str, wanted: Filter, after: Mark | None, count: int
    ) -> list[Line]:
        if wanted.by_time:
            return await self._in_time(tenant_id, wanted, after, count)
        place = Place(after.account, after.number) if after else None
        if wanted.account:
            return await self._of_account(tenant_id, wanted, place, count)
        return await self._by_account(tenant_id, wanted, place, count)

    async def _of_account(
        self, tenant_id: str, wanted: Filter, place: Place | None, count: int
    ) -> list[Line]:
        lines: list[Line] = []
        number = place.number if place else 0
        while len(lines) < count and number < LAST_NUMBER:
            found = await self._store.of_account(
                tenant_id, wanted.account, wanted, number, _pages(count)
            )
            lines += rules.merged(found.lines)
            number = found.reached.number if found.reached else LAST_NUMBER
        return lines[:count]

    async def _by_account(
        self, tenant_id: str, wanted: Filter, place: Place | None, count: int
    ) -> list[Line]:
        """In order of account and number; `place` is behind which."""
        lines: list[Line] = []
        while len(lines) < count:
            if place is not None and place.number < LAST_NUMBER:
                found = await self._store.of_account(
                    tenant_id, place.account, wanted, place.number, _pages(count)
                )
            else:
                after = place.account if place else ""
                found = await self._store.beyond(tenant_id, after, wanted, count)
            lines += rules.merged(found.lines)
            place = found.reached
            if place is None:
                break
        return lines[:count]

    async def _in_time(
        self, tenant_id: str, wanted: Filter, after: Mark | None, count: int
    ) -> list[Line]:
        """In order of time: the rest of the instant in which the page before ended, then stretch
        by stretch, each as long as it can be looked at in one go."""
        lines: list[Line] = []
        start_ms = wanted.start_ms
        if after is not None:
            start_ms = after.at_ms + 1
            place = Place(after.account, after.number)
            lines += await self._instant(tenant_id, wanted, after.at_ms, place, count)
        stop_ms, tried = wanted.end_ms, 0
        while len(lines) < count and start_ms < wanted.end_ms:
            if stop_ms <= start_ms:
                lines += await self._instant(tenant_id, wanted, start_ms, None, count - len(lines))
                start_ms, stop_ms, tried = start_ms + 1, wanted.end_ms, 0
                continue
            stretch = replace(wanted, start_ms=start_ms, end_ms=stop_ms)
            found, firsts = await self._store.during(tenant_id, stretch, count)
            if firsts:
                stop_ms, tried = rules.narrower(start_ms, stop_ms, firsts, tried), tried + 1
                continue
            lines += rules.in_time(found)
            start_ms, stop_ms, tried = stop_ms, wanted.end_ms, 0
        return lines[:count]

    async def _instant(
        self, tenant_id: str, wanted: Filter, at_ms: int, place: Place | None, count: int
    ) -> list[Line]:
        """Entries of one millisecond, of which a list issue has a hundred thousand."""
        instant = replace(wanted, start_ms=at_ms, end_ms=at_ms + 1)
        return await self._by_account(tenant_id, instant, place, count)


def _pages(count: int) -> int:
    """How many sealed pages of one account are worth fetching for so many entries."""
    return max(2, count // 100)
