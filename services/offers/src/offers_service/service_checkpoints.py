"""Reading checkpoints for what they are.

Nothing that is read is trusted: a checkpoint by its signature, its place by the digest of the one
before, a list of leaves by the signed root. Whatever does not fit is a fault and stays one: no
checkpoint is taken over it, so that nobody can have it signed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field

from dangol_service_kit.notes import NoteError, VerifierKey, open_note

from offers_service import checkpoints as rules
from offers_service.checkpoints import PAGE_LEAVES, Checkpoint, Fault, FaultKind, Leaf
from offers_service.merkle import root_of
from offers_service.store_checkpoints import CheckpointStore, StoredCheckpoint

_CHAIN_PAGE = 1_000


@dataclass(slots=True)
class Chain:
    """A tenant's checkpoints as far as they hold: first and head are the outermost sound ones."""

    first: Checkpoint | None = None
    head: Checkpoint | None = None
    list_id: str = ""
    faults: list[Fault] = field(default_factory=list)

    def fault(self, kind: FaultKind, number: int, detail: str) -> None:
        """Adds one."""
        self.faults.append(Fault(kind, "", number, detail))


class CheckpointBook:
    """Reads checkpoints; remembers the newest one seen of each tenant while the process lives."""

    def __init__(self, store: CheckpointStore, keys: Sequence[VerifierKey]) -> None:
        self._store = store
        self._keys = keys
        self._seen: dict[str, Checkpoint] = {}

    async def newest(self, tenant_id: str) -> Chain:
        """The newest checkpoint, held against the one before it only."""
        # Before reading: one that is written and seen meanwhile is not yet among what is read.
        chain, seen = Chain(), self._seen.get(tenant_id)
        stored = await self._store.newest(tenant_id, 2)
        self._extend(tenant_id, chain, reversed(stored), whole=len(stored) < 2)
        self._look_back(tenant_id, chain, seen)
        return chain

    async def whole(self, tenant_id: str, known: Iterable[Checkpoint] = ()) -> Chain:
        """All of them, from the first; `known` are some that somebody kept and that must be
        among them."""
        chain, seen = Chain(), self._seen.get(tenant_id)
        wanted = {each.number: each.digest() for each in known}
        after = -1
        while page := await self._store.page(tenant_id, after=after, limit=_CHAIN_PAGE):
            opened = await asyncio.to_thread(self._extend, tenant_id, chain, page)
            for each in opened:
                if wanted.get(each.number) == each.digest():
                    del wanted[each.number]
            if page[-1].number <= after:
                break
            after = page[-1].number
        for number in sorted(wanted):
            chain.fault(FaultKind.CHECKPOINT_MISSING, number, "the one that was kept is not here")
        self._look_back(tenant_id, chain, seen)
        return chain

    async def roots(self, tenant_id: str, chain: Chain) -> list[bytes] | None:
        """The roots of the pages of the head's list; None, and a fault, for another list."""
        if chain.head is None:
            return []
        roots = await self._store.roots(tenant_id, chain.list_id)
        if root_of(roots) == chain.head.root and len(roots) == -(-chain.head.size // PAGE_LEAVES):
            return roots
        detail = "its list of accounts is not the one that was signed"
        chain.fault(FaultKind.CHECKPOINT_ALTERED, chain.head.number, detail)
        return None

    async def leaves(
        self, tenant_id: str, chain: Chain, number: int, root: bytes
    ) -> tuple[Leaf, ...]:
        """One page of the head's list; nothing, and a fault, for another page."""
        leaves = await self._store.leaves(tenant_id, chain.list_id, number)
        if leaves and await asyncio.to_thread(rules.page_root, leaves) == root:
            return leaves
        detail = f"page {number} of its list of accounts is not the one that was signed"
        chain.fault(FaultKind.CHECKPOINT_ALTERED, chain.head.number if chain.head else 0, detail)
        return ()

    def keys(self) -> list[str]:
        """The verifier keys, the one that signs now first."""
        return [str(key) for key in self._keys]

    def kept(self, tenant_id: str, note: str) -> Checkpoint:
        """A checkpoint that somebody kept. Raises NoteError or ValueError."""
        checkpoint = rules.parse(open_note(note, self._keys))
        if checkpoint.tenant != tenant_id:
            raise ValueError("it is one of another tenant")
        return checkpoint

    async def page(self, tenant_id: str, *, after: int, limit: int) -> list[StoredCheckpoint]:
        """Checkpoints as they are stored, in order, beyond the number `after`."""
        return await self._store.page(tenant_id, after=after, limit=limit)

    async def export(self, tenant_id: str, number: int) -> AsyncIterator[StoredCheckpoint | bytes]:
        """A checkpoint (0: the newest) as it is stored, then its leaves' lines page by page;
        nothing at all when it or its list is not there."""
        if number:
            stored = await self._store.page(tenant_id, after=number - 1, limit=1)
        else:
            stored = await self._store.newest(tenant_id, 1)
        if not stored or number not in (0, stored[0].number):
            return
        roots = await self._store.roots(tenant_id, stored[0].list_id)
        if not roots and rules.parse(stored[0].note.partition("\n\n")[0] + "\n").size:
            return
        yield stored[0]
        for page in range(len(roots)):
            leaves = await self._store.leaves(tenant_id, stored[0].list_id, page)
            yield "".join([f"{leaf.line()}\n" for leaf in leaves]).encode()

    def saw(self, tenant_id: str, checkpoint: Checkpoint) -> None:
        """Remembers one that must never be gone again."""
        seen = self._seen.get(tenant_id)
        if seen is None or seen.number <= checkpoint.number:
            self._seen[tenant_id] = checkpoint

    def _extend(
        self,
        tenant_id: str,
        chain: Chain,
        stored: Iterable[StoredCheckpoint],
        whole: bool = True,
    ) -> list[Checkpoint]:
        """Checks some more checkpoints in order. whole: the first of all is among them."""
        opened = []
        for each in stored:
            try:
                checkpoint = self._open(tenant_id, each)
            except (NoteError, ValueError) as error:
                chain.fault(FaultKind.CHECKPOINT_ALTERED, each.number, str(error))
                continue
            opened.append(checkpoint)
            if (chain.head or whole) and (wrong := rules.follows_fault(checkpoint, chain.head)):
                kind = FaultKind.CHECKPOINT_ALTERED
                if checkpoint.number != (chain.head.number + 1 if chain.head else 1):
                    kind = FaultKind.CHECKPOINT_MISSING
                chain.fault(kind, checkpoint.number, wrong)
            chain.first = chain.first or checkpoint
            chain.head, chain.list_id = checkpoint, each.list_id
        return opened

    def _open(self, tenant_id: str, stored: StoredCheckpoint) -> Checkpoint:
        checkpoint = rules.parse(open_note(stored.note, self._keys))
        if (checkpoint.tenant, checkpoint.number) != (tenant_id, stored.number):
            raise ValueError("it is one of another tenant or number")
        return checkpoint

    def _look_back(self, tenant_id: str, chain: Chain, seen: Checkpoint | None) -> None:
        """What was seen before the chain was read must still be there."""
        head = chain.head
        if seen is not None and (head is None or head.number < seen.number):
            chain.fault(FaultKind.CHECKPOINT_MISSING, seen.number, "it was seen, and is gone")
        elif head is not None and not chain.faults:
            self.saw(tenant_id, head)
