"""Use cases of auditors: the entries of an account, the trial balance, verification."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Sequence

import bson

from offers_service.audit import TrialBalance, Verification, trial_balance
from offers_service.codes import Secrets
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
        account = await self._accounts.get(AccountKey(tenant_id, account_id))
        return account.entries if account else None

    async def balance(self, tenant_id: str) -> TrialBalance:
        """Debits and credits by book against the accounts' states, of one instant."""
        movements, standings = await self._audit.sums(tenant_id)
        return trial_balance(movements, standings)

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
            await asyncio.to_thread(_check, progress, raw, secrets)
            yield copy.copy(progress)
        yield progress


def _check(progress: Verification, raw: bytes, secrets: Secrets) -> None:
    progress.add(bson.decode_all(raw), decode, secrets)
