"""Use cases of auditors: entries, the trial balance, and what accounts say of themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from offers_service.audit import Examiner, TrialBalance, Verification, trial_balance
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry
from offers_service.service_verify import Walk
from offers_service.store_accounts import AccountStore, decode
from offers_service.store_audit import AuditedAccounts, AuditStore


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

    async def verify(self, tenant_id: str) -> AsyncIterator[Verification]:
        """Recomputes chains and states without asking checkpoints; yields how far it is, at last
        the whole."""
        examiner = Examiner(decode, self._secrets_of(tenant_id))
        accounts = AuditedAccounts(self._audit, self._accounts.pages)
        walk = Walk(accounts, tenant_id, examiner, Verification())
        async for progress in walk.range():
            yield progress
        yield walk.progress
