"""One person under several customer ids: what merging left, and what was merged into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from offers_service.store_merges import HOPS_MAX, MergeStore


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

    async def sources(self, tenant_id: str, root: str) -> tuple[str, ...]:
        """All ids that were merged into one customer, in order."""
        return (await self.sources_of(tenant_id, [root])).get(root, ())
