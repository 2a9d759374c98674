"""The budgets' part of the ledger, put together for __main__ and for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offers_service.codes import Secrets
from offers_service.commit import GroupCommit
from offers_service.service_budgets import BudgetDesk, TermsSource
from offers_service.service_settlement import BudgetedGroup
from offers_service.store_accounts import AccountStore, AnyAccount
from offers_service.store_budgets import BudgetStore
from offers_service.store_campaigns import CampaignStore


def budgeted_group(
    database: Any,
    accounts: AccountStore,
    secrets_of: Callable[[str], Secrets],
    source: TermsSource | None = None,
) -> BudgetedGroup:
    """Group commit over the accounts, with the budgets of the database's campaigns before it."""
    group: GroupCommit[AnyAccount] = GroupCommit(accounts)
    terms = source or CampaignStore(database)
    desk = BudgetDesk(group, accounts.pages, BudgetStore(database), terms)
    return BudgetedGroup(group, accounts, desk, secrets_of)
