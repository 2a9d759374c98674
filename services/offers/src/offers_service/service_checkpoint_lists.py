"""Writing the list of leaves of a new checkpoint: the list before, moved forward by proof."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import bson
import msgspec

from offers_service import checkpoints as rules
from offers_service.checkpoints import PAGE_LEAVES, Leaf, Proof, Summary
from offers_service.commit import DamagedError
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry
from offers_service.service_checkpoints import Chain, CheckpointBook
from offers_service.store_audit import AuditedAccounts
from offers_service.store_checkpoints import CheckpointStore

_CHANGED_PAGE = 500
_HEAD_FIELDS = ("v", "hash")


class ListWriter:
    """One list. Accounts are read one after the other, not at one instant: whatever is read of
    one is a prefix of what it will ever be, and steps in flight are in the next list.

    summary has what was written; held the accounts whose leaf was not moved forward (or that got
    none), because they are gone or something is wrong with them.
    """

    def __init__(
        self,
        book: CheckpointBook,
        store: CheckpointStore,
        accounts: AuditedAccounts,
        tenant_id: str,
        list_id: str,
    ) -> None:
        self._book = book
        self._store = store
        self._audit = accounts.audit
        self._pages = accounts.pages
        self._tenant_id = tenant_id
        self._list_id = list_id
        self._written = 0
        self.summary = Summary()
        self.held: list[str] = []

    async def write(self, chain: Chain, roots: Sequence[bytes]) -> None:
        """All of it, a page at a time; roots are those of the pages of the list before."""
        pending: list[Leaf] = []
        async for leaves in self._walk(chain, roots):
            pending += leaves
            while len(pending) >= PAGE_LEAVES:
                await self._write_page(pending[:PAGE_LEAVES])
                del pending[:PAGE_LEAVES]
        if pending:
            await self._write_page(pending)

    async def _write_page(self, leaves: Sequence[Leaf]) -> None:
        root = await asyncio.to_thread(rules.page_root, leaves)
        await self._store.add_page(self._tenant_id, self._list_id, self._written, root, leaves)
        self._written += 1
        self.summary.add(root, leaves)

    async def _walk(self, chain: Chain, roots: Sequence[bytes]) -> AsyncIterator[list[Leaf]]:
        """Today's leaves in order of account, by the ranges of the pages of the list before."""
        after: str | None = None
        for number, root in enumerate(roots):
            leaves = await self._book.leaves(self._tenant_id, chain, number, root)
            if not leaves:
                return
            upto = leaves[-1].account
            async for moved in self._range(after, upto, leaves):
                yield moved
            after = upto
        async for moved in self._range(after, None, ()):
            yield moved

    async def _range(
        self, after: str | None, upto: str | None, leaves: Sequence[Leaf]
    ) -> AsyncIterator[list[Leaf]]:
        """One range: old leaves moved forward by what is stored now, and new ones."""
        old = {leaf.account: leaf for leaf in leaves}
        async for raw in self._audit.raw_range(self._tenant_id, after, upto, _HEAD_FIELDS):
            heads = await asyncio.to_thread(_heads, raw)
            if heads:
                last = next(reversed(heads))
                passed = [account for account in old if account <= last]
                yield await self._moved(heads, {account: old.pop(account) for account in passed})
        self.held += old
        yield list(old.values())

    async def _moved(
        self, heads: Mapping[str, tuple[Any, Any]], before: Mapping[str, Leaf]
    ) -> list[Leaf]:
        now: dict[str, Leaf] = {}
        changed = []
        for account, (version, hash_) in heads.items():
            leaf = before.get(account)
            if leaf is not None and (leaf.version, leaf.hash) == (version, hash_):
                now[account] = leaf
            else:
                changed.append(account)
        for start in range(0, len(changed), _CHANGED_PAGE):
            some = changed[start : start + _CHANGED_PAGE]
            raw = await self._audit.raw_accounts(self._tenant_id, some)
            moved, paged = await asyncio.to_thread(_advanced, self._tenant_id, raw, before)
            now |= moved
            for account, head in paged.items():
                leaf = await self._over_pages(account, head, before.get(account))
                now |= {account: leaf} if leaf else {}
        self.held += [account for account in changed if account not in now]
        self.held += [account for account in before if account not in heads]
        # What is gone or cannot be proved keeps its leaf, and with it the fault.
        return [leaf for _, leaf in sorted({**before, **now}.items())]

    async def _over_pages(self, account: str, head: _Head, before: Leaf | None) -> Leaf | None:
        """The leaf of an account of whose entries since `before` some lie in sealed pages."""
        proof, claimed = Proof(self._tenant_id, account, before), Leaf(account, head.v, head.hash)
        key = AccountKey(self._tenant_id, account)
        try:
            async for page in self._pages.of(key, before.version if before else 0):
                entries = [entry for entry in page.entries if entry.number <= head.sealed]
                await asyncio.to_thread(proof.feed, entries)
        except DamagedError:
            return None
        proof.feed(head.entries)
        return claimed if proof.gives(claimed) else None


class _Head(msgspec.Struct):
    v: int
    hash: bytes
    entries: tuple[Entry, ...]
    sealed: int = 0


def _heads(raw: bytes) -> dict[str, tuple[Any, Any]]:
    found = {}
    for document in bson.decode_all(raw):
        account = document["_id"].get("a")
        if isinstance(account, str) and "\n" not in account:
            found[account] = document.get("v"), document.get("hash")
    return found


def _advanced(
    tenant_id: str, raw: bytes, before: Mapping[str, Leaf]
) -> tuple[dict[str, Leaf], dict[str, _Head]]:
    """Leaves that the documents alone prove, and what needs pages to do so."""
    moved, paged = {}, {}
    for document in bson.decode_all(raw):
        account = document["_id"]["a"]
        try:
            head = msgspec.convert(document, _Head)
        except (msgspec.ValidationError, ValueError):
            continue
        leaf = before.get(account)
        if head.sealed > (leaf.version if leaf else 0):
            paged[account] = head
            continue
        proof, claimed = Proof(tenant_id, account, leaf), Leaf(account, head.v, head.hash)
        proof.feed(head.entries)
        if proof.gives(claimed):
            moved[account] = claimed
    return moved, paged
