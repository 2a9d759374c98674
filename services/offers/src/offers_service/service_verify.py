"""Verification of a tenant's ledger, or of one account, against itself and its checkpoints."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import bson
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.tenants import TenantInfo

from offers_service import checkpoints as rules
from offers_service.audit import FOLDINGS, Examiner, Verification
from offers_service.checkpoints import Checkpoint, Fault, Leaf
from offers_service.codes import Secrets
from offers_service.commit import DamagedError
from offers_service.service_checkpoints import Chain, CheckpointBook
from offers_service.store_accounts import decode
from offers_service.store_audit import AuditedAccounts
from offers_service.store_checkpoints import CheckpointStore

_CONFIRM = 200
# What is wrong with an account, if anything, and its leaf, if it has one.
_Suspects = dict[str, tuple[Fault | None, Leaf | None]]
# Accounts that have pages.
_Paged = list[tuple[Mapping[str, Any], Leaf | None]]


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class Walk:
    """One verification on its way through a tenant's accounts; adds to `progress`."""

    def __init__(
        self,
        accounts: AuditedAccounts,
        tenant_id: str,
        examiner: Examiner,
        progress: Verification,
    ) -> None:
        self._audit = accounts.audit
        self._pages = accounts.pages
        self._tenant_id = tenant_id
        self._examiner = examiner
        self.progress = progress

    async def range(
        self, after: str | None = None, upto: str | None = None, leaves: Sequence[Leaf] = ()
    ) -> AsyncIterator[Verification]:
        """The accounts beyond `after` up to `upto`, which `leaves` are about; yields how far it
        is. Hashing runs beside the event loop, one batch at a time."""
        expected = {leaf.account: leaf for leaf in leaves}
        async for raw in self._audit.raw_range(self._tenant_id, after, upto):
            suspects, paged = await asyncio.to_thread(self._examine, raw, expected)
            await self._settle(suspects)
            for document, leaf in paged:
                await self._fold(document, leaf)
            yield self._shown()
        if expected:
            await self._settle({leaf.account: (None, leaf) for leaf in expected.values()})
            yield self._shown()

    async def one(self, account_id: str, leaf: Leaf | None) -> bool:
        """One account; whether there is one, or should be."""
        expected = {account_id: leaf} if leaf else {}
        raw = await self._audit.raw_accounts(self._tenant_id, [account_id])
        suspects, paged = self._examine(raw, expected)
        suspects |= {left.account: (None, left) for left in expected.values()}
        await self._settle(suspects)
        for document, account_leaf in paged:
            await self._fold(document, account_leaf)
        return bool(self.progress.accounts_checked or leaf)

    def _examine(self, raw: bytes, expected: dict[str, Leaf]) -> tuple[_Suspects, _Paged]:
        """Checks some accounts, taking their leaves out of `expected`; answers those at fault,
        and those that their documents do not hold as a whole."""
        suspects: _Suspects = {}
        paged: _Paged = []
        for document in bson.decode_all(raw):
            account_id = str(document["_id"].get("a", "?"))
            leaf = expected.pop(account_id, None)
            self.progress.saw(document)
            if self._examiner.has_pages(document):
                paged.append((document, leaf))
                continue
            fault = self._examiner.examine(document, leaf)
            if fault is not None:
                suspects[account_id] = fault, leaf
        return suspects, paged

    async def _fold(self, document: Mapping[str, Any], leaf: Leaf | None) -> None:
        """An account with its pages; at fault, it is read again like any other."""
        fault = await self._paged_fault(document, leaf)
        if fault is not None:
            raw = await self._audit.raw_accounts(self._tenant_id, [document["_id"]["a"]])
            again = bson.decode_all(raw)
            fault = await self._paged_fault(again[0] if again else document, leaf)
        self.progress.found([fault] if fault else [])

    async def _paged_fault(self, document: Mapping[str, Any], leaf: Leaf | None) -> Fault | None:
        account = self._examiner.decode(document)
        folding, then = FOLDINGS[type(account)](account.key), b""
        wrong = None
        try:
            async for page in self._pages.of(account.key):
                # The document was read first: it knows of these, and not of those sealed since.
                if page.key.p <= account.pages:
                    await asyncio.to_thread(folding.feed, page)
                    if leaf and page.first <= leaf.version <= page.last:
                        then = page.entries[leaf.version - page.first].hash
            wrong = folding.finish(account)
        except (DamagedError, IndexError):
            wrong = "a page is damaged"
        self.progress.entries_checked += max(0, folding.count - len(account.entries))
        if wrong is not None:
            return Fault(rules.FaultKind.ACCOUNT_INVALID, account.key.a, 0, wrong)
        if leaf and leaf.version > account.sealed:
            then = account.entries[: leaf.version - account.sealed][-1].hash
        return rules.leaf_fault(account, leaf, self._examiner.checkpoint, then) if leaf else None

    async def _settle(self, suspects: _Suspects) -> None:
        """Takes in what is still at fault when it is read again, by itself: a batch may have been
        read while the database was failing over, and nobody is accused for that."""
        ids = list(suspects)
        for start in range(0, len(ids), _CONFIRM):
            some = ids[start : start + _CONFIRM]
            again = bson.decode_all(await self._audit.raw_accounts(self._tenant_id, some))
            found = {document["_id"]["a"]: document for document in again}
            for account_id in some:
                fault, leaf = suspects[account_id]
                if account_id in found:
                    fault = self._examiner.examine(found[account_id], leaf)
                elif leaf is not None:
                    fault = rules.missing(leaf, self._examiner.checkpoint)
                self.progress.found([fault] if fault else [])

    def _shown(self) -> Verification:
        """How far it is, with the faults found since the last time."""
        shown = replace(self.progress, faults=list(self.progress.faults))
        self.progress.fresh = []
        return shown


class Verifier:
    """Reads only. Checkpoints are read before the accounts that they are held against, so an
    account that is changed meanwhile is only ever further on."""

    def __init__(
        self,
        *,
        accounts: AuditedAccounts,
        store: CheckpointStore,
        book: CheckpointBook,
        directory: Directory,
        secrets_of: Callable[[str], Secrets],
        interval_seconds: float,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._book = book
        self._directory = directory
        self._secrets_of = secrets_of
        self._interval_ms = int(interval_seconds * 1_000)
        self._wall_ms = wall_ms

    async def tenant(
        self, tenant_id: str, known: Sequence[Checkpoint] = ()
    ) -> AsyncIterator[Verification]:
        """Everything; yields how far it is, at last the whole. known: checkpoints that the
        caller kept, which must be part of the chain."""
        chain = await self._book.whole(tenant_id, known)
        roots = await self._book.roots(tenant_id, chain)
        walk = self._walk(tenant_id, chain)
        after: str | None = None
        for number, root in enumerate(roots or ()):
            leaves = await self._book.leaves(tenant_id, chain, number, root)
            if not leaves:
                continue
            async for progress in walk.range(after, leaves[-1].account, leaves):
                yield progress
            after = leaves[-1].account
        async for progress in walk.range(after):
            yield progress
        walk.progress.found(chain.faults)
        if walk.progress.accounts_checked and not chain.faults:
            walk.progress.found(await self._begin(tenant_id, chain))
        yield walk.progress

    async def account(
        self, tenant_id: str, account_id: str, known: Sequence[Checkpoint] = ()
    ) -> Verification | None:
        """One account, against the newest checkpoint; None for one that neither has."""
        whole = await self._book.whole(tenant_id, known) if known else None
        chain = whole or await self._book.newest(tenant_id)
        leaf = await self._leaf(tenant_id, chain, account_id)
        walk = self._walk(tenant_id, chain)
        if not await walk.one(account_id, leaf) and not chain.faults:
            return None
        walk.progress.found(chain.faults)
        return walk.progress

    def _walk(self, tenant_id: str, chain: Chain) -> Walk:
        number = chain.head.number if chain.head else 0
        examiner = Examiner(decode, self._secrets_of(tenant_id), number)
        return Walk(self._accounts, tenant_id, examiner, Verification(checkpoint=chain.head))

    async def _leaf(self, tenant_id: str, chain: Chain, account_id: str) -> Leaf | None:
        """The account's leaf in the newest checkpoint. That it has none is as sure as that it has
        one: the pages around it say so."""
        roots = await self._book.roots(tenant_id, chain)
        if not roots:
            return None
        numbers = await self._store.page_numbers(tenant_id, chain.list_id, account_id)
        around: list[Leaf] = []
        for number in numbers:
            if number < len(roots):
                around += await self._book.leaves(tenant_id, chain, number, roots[number])
        found = {leaf.account: leaf for leaf in around}.get(account_id)
        if found is None and not _surrounded(account_id, numbers[0], len(roots), around):
            detail = "the index of its list of accounts is not in order"
            number = chain.head.number if chain.head else 0
            chain.fault(rules.FaultKind.CHECKPOINT_ALTERED, number, detail)
        return found

    async def _begin(self, tenant_id: str, chain: Chain) -> list[Fault]:
        """Whether the first checkpoint is as old as the tenant, by what profile says of it."""
        created_ms = (await self._directory.get(tenant_id)).created_ms
        fault = rules.begin_fault(chain.first, created_ms, self._interval_ms, self._wall_ms())
        return [fault] if fault else []


def _surrounded(account_id: str, number: int, pages: int, around: Sequence[Leaf]) -> bool:
    """Whether the leaves of page `number` and the next show where the account would be."""
    if not around:
        return False
    from_here = number == 0 or around[0].account < account_id
    to_there = number >= pages - 2 or around[-1].account > account_id
    return from_here and to_there
