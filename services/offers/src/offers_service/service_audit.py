"""Use cases of auditors: the entries of an account, the trial balance, verification."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import bson

from offers_service.audit import FOLDINGS, TrialBalance, Verification, trial_balance
from offers_service.codes import Secrets
from offers_service.commit import DamagedError
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry
from offers_service.store_accounts import AccountStore, decode
from offers_service.store_audit import AuditStore


class Auditor:
    """Reads only."""

    def __init__(
        self, accounts: AccountStore, audit: AuditStore, secrets_of: Callable[[str], Secrets]
    ) -> None:
        self._accounts = accounts
        self._audit = audit
        self._secrets_of = secrets_of

    async def entries(self, tenant_id: str, account_id: str) -> Sequence[Entry] | None:
        """The entries of one account, oldest first; None for no such account."""
        key = AccountKey(tenant_id, account_id)
        account = await self._accounts.get(key)
        if account is None:
            return None
        # The document first: pages only grow, and those that it knows of are there.
        sealed = account.v - len(account.entries)
        entries: list[Entry] = []
        async for page in self._accounts.pages.of(key):
            entries += [entry for entry in page.entries if entry.number <= sealed]
        return (*entries, *account.entries)

    async def balance(self, tenant_id: str) -> TrialBalance:
        """Debits and credits by book against the accounts' states, of one instant."""
        return trial_balance(*await self._audit.sums(tenant_id))

    async def verify(self, tenant_id: str, account_id: str = "") -> AsyncIterator[Verification]:
        """Recomputes chains and states; yields how far it is, at last the whole.

        Hashing runs beside the event loop, one batch at a time.
        """
        progress = Verification()
        secrets = self._secrets_of(tenant_id)
        batches = (
            self._audit.raw_account(tenant_id, account_id)
            if account_id
            else self._audit.raw_batches(tenant_id)
        )
        async for raw in batches:
            for account in await asyncio.to_thread(_check, progress, raw, secrets):
                await self._fold(progress, account)
            yield copy.copy(progress)
        yield progress

    async def _fold(self, progress: Verification, account: Any) -> None:
        """Verifies an account of pages, one page at a time."""
        folding = FOLDINGS[type(account)](account.key)
        try:
            async for page in self._accounts.pages.of(account.key):
                if page.key.p <= account.pages:
                    await asyncio.to_thread(folding.feed, page)
            fault = folding.finish(account)
        except DamagedError:
            fault = "a page is damaged"
        progress.note(account.key.a, folding.count, fault)


def _check(progress: Verification, raw: bytes, secrets: Secrets) -> list[Any]:
    return progress.add(bson.decode_all(raw), decode, secrets)
