"""Use cases of auditors: the trial balance, and what accounts say of themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from offers_service.audit import Examiner, TrialBalance, Verification, trial_balance
from offers_service.codes import Secrets
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
