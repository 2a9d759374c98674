"""One person under several customer ids: what merging left, and what was merged into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from offers_service.store_merges import HOPS_MAX, MergeStore

_IDS_AT_ONCE_MAX = 10_000


@dataclass(frozen=True, slots=True)
class People:
    """Some customers as persons: the id that merging left of each, and all that one person had."""

    roots: Mapping[str, str]
    sources: Mapping[str, tuple[str, ...]]

    def root(self, customer_id: str) -> str:
        """The id that merging left."""
        return self.roots.get(customer_id, customer_id)

    def others(self, customer_id: str) -> tuple[str, ...]:
        """Every other id of the same person."""
        root = self.root(customer_id)
        return tuple(one for one in (root, *self.sources.get(root, ())) if one != customer_id)

    def earlier(self, root: str) -> tuple[str, ...]:
        """The ids that were merged into a person."""
        return self.sources.get(root, ())


NOBODY_MERGED = People({}, {})


class Ancestry(Protocol):
    """What issuing asks: who of these customers was merged with whom."""

    async def people(self, tenant_id: str, customer_ids: Sequence[str]) -> People: ...


class NoMerges:
    """For a ledger of its own, whose customers are never merged."""

    async def people(self, tenant_id: str, customer_ids: Sequence[str]) -> People:
        """Each customer is a person."""
        del tenant_id, customer_ids
        return NOBODY_MERGED


class Lineage:
    """Answers from the merges that this service has heard of. Raises OutcomeUnknownError."""

    def __init__(self, merges: MergeStore) -> None:
        self._merges = merges

    async def roots(self, tenant_id: str, customer_ids: Iterable[str]) -> dict[str, str]:
        """Each customer's id with the one that merging left; the same for most."""
        roots = {customer_id: customer_id for customer_id in customer_ids}
        for _ in range(HOPS_MAX):
            targets = await self._merges.targets(tenant_id, set(roots.values()))
            if not targets:
                break
            roots = {each: targets.get(root, root) for each, root in roots.items()}
        return roots

    async def root(self, tenant_id: str, customer_id: str) -> str:
        """The id that merging left of one customer."""
        return (await self.roots(tenant_id, [customer_id]))[customer_id]

    async def sources_of(self, tenant_id: str, roots: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Of those into whom somebody was merged: all these ids, in order, over every hop."""
        owner = {root: root for root in roots}
        ahead = set(owner)
        found: dict[str, list[str]] = defaultdict(list)
        for _ in range(HOPS_MAX):
            sources = await self._merges.sources(tenant_id, ahead)
            ahead = set()
            for source, target in sources.items():
                if source not in owner:
                    owner[source] = owner[target]
                    found[owner[target]].append(source)
                    ahead.add(source)
            if not ahead:
                break
        return {root: tuple(sorted(sources)) for root, sources in found.items()}

    async def people(self, tenant_id: str, customer_ids: Sequence[str]) -> People:
        """The customers as persons."""
        if not await self._merges.any(tenant_id):
            return NOBODY_MERGED
        roots: dict[str, str] = {}
        sources: dict[str, tuple[str, ...]] = {}
        for start in range(0, len(customer_ids), _IDS_AT_ONCE_MAX):
            some = await self.roots(tenant_id, customer_ids[start : start + _IDS_AT_ONCE_MAX])
            roots |= {one: root for one, root in some.items() if one != root}
            sources |= await self.sources_of(tenant_id, set(some.values()))
        return People(roots, sources)

    async def sources(self, tenant_id: str, root: str) -> tuple[str, ...]:
        """All ids that were merged into one customer, in order."""
        return (await self.sources_of(tenant_id, [root])).get(root, ())
