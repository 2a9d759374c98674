"""Sealed pages on real MongoDB: a budget's journal that grows over several of them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service import budgets, pages
from offers_service.budget_account import BudgetAccount, Measure
from offers_service.budgets import Fund, Line, LineDecision
from offers_service.codes import Secrets
from offers_service.commit import ContendedError, GroupCommit
from offers_service.entries import Filter
from offers_service.journal import Request
from offers_service.pages import Looked, NeedsPages
from offers_service.service_audit import Auditor
from offers_service.service_entries import EntryReader
from offers_service.service_lineage import Lineage
from offers_service.service_pages import PagedSteps
from offers_service.store_accounts import AccountStore
from offers_service.store_audit import AuditStore
from offers_service.store_entries import EntryStore
from offers_service.store_merges import MergeStore

FUND = Fund("shop", "spring", Measure.MONEY, 9_000)
KEY = FUND.key(0)
SIZE, KEPT = 10, 5


class Ledger:
    """Two processes' groups over one database, with small pages."""

    def __init__(self, mongodb: Any, database: Any) -> None:
        self.accounts = AccountStore(database, page_entries=SIZE, kept_entries=KEPT)
        self.database = database
        groups: list[GroupCommit[Any]] = [GroupCommit(self.accounts) for _ in range(2)]
        self.steps = [PagedSteps(group, self.accounts.pages) for group in groups]
        self.auditor = Auditor(
            self.accounts, AuditStore(mongodb, database), lambda _: Secrets(*[b"k" * 32] * 4)
        )
        self.reader = EntryReader(EntryStore(database), Lineage(MergeStore(database)))

    async def take(
        self, request_id: str, amount: int = 1, fund: Fund = FUND, process: int = 0
    ) -> LineDecision:
        """One line on the budget's first stripe."""
        line = Line(fund, 0, Request(request_id, "partner:till", b"p" * 16), 1_000)

        def decide(account: Any, looked: Looked) -> LineDecision | NeedsPages:
            return budgets.take(account, line, amount, looked=looked)

        return await self.steps[process].submit(fund.key(0), decide)

    async def account(self) -> BudgetAccount:
        """The document as it is."""
        account = await self.accounts.get(KEY)
        assert isinstance(account, BudgetAccount)
        return account

    async def faults(self) -> list[str]:
        """What verification finds."""
        verdicts = [progress async for progress in self.auditor.verify("shop")]
        return verdicts[-1].faults


@pytest.fixture
async def ledger(mongodb_uri: str, database_name: str) -> AsyncIterator[Ledger]:
    """An empty ledger."""
    mongodb: Any = AsyncIOMotorClient(mongodb_uri)
    made = Ledger(mongodb, mongodb[database_name])
    await made.accounts.prepare()
    yield made
    mongodb.close()


async def _grow(ledger: Ledger, count: int, rounds: int = 1) -> None:
    for number in range(rounds):
        await asyncio.gather(*[ledger.take(f"r{number}-{one}") for one in range(count)])


async def test_a_journal_grows_over_pages_from_two_processes(ledger: Ledger) -> None:
    """Every line once, the document small, chain and books right across pages and document."""
    for number in range(20):
        await asyncio.gather(
            *[ledger.take(f"r{number}-{one}", process=one % 2) for one in range(15)]
        )
    account = await ledger.account()
    assert (300, 301) == (account.held, account.v)
    assert account.pages > 20
    assert account.sealed == account.pages * SIZE
    assert len(account.entries) < SIZE + KEPT + 15
    wanted = Filter(account=KEY.a)
    found = [lines async for lines, _ in ledger.reader.everything("shop", wanted, None, size=7)]
    entries = [line.entry for lines in found for line in lines]
    assert list(range(1, 302)) == [entry.number for entry in entries]
    assert 300 == len({entry.request for entry in entries[1:]})
    assert [] == await ledger.faults()
    balance = await ledger.auditor.balance("shop")
    assert (0, 0) == (balance.difference, balance.disagreeing_count)
    held = next(book for book in balance.books if book.name == "budget.money.held")
    assert (0, 300, 300) == (held.debit, held.credit, held.state_balance)


async def test_requests_in_sealed_pages_still_answer_a_repeat(ledger: Ledger) -> None:
    """All of them again, from the other process, with other amounts: nothing happens."""
    await _grow(ledger, 10, rounds=6)
    before = await ledger.account()
    repeated = await asyncio.gather(
        *[ledger.take(f"r{number}-{one}", 1, process=1) for number in range(6) for one in range(10)]
    )
    assert {1} == {decided.amount for decided in repeated}
    assert before == await ledger.account()


async def test_a_page_that_a_crash_left_is_found_by_the_next_step(ledger: Ledger) -> None:
    """The page was inserted, and whoever did it died before it was dropped from the document."""
    await _grow(ledger, 20)
    account = await ledger.account()
    assert 0 == account.pages
    left = pages.full_pages(account, SIZE, KEPT)
    assert left == await ledger.accounts.pages.seal(account, left)
    balance = await ledger.auditor.balance("shop")
    assert (0, 0) == (balance.difference, balance.disagreeing_count)
    assert [] == await ledger.faults()
    await ledger.take("next")
    after = await ledger.account()
    assert (1, 10, 12, 21) == (after.pages, after.sealed, len(after.entries), after.held)
    assert 1 == await ledger.database.pages.count_documents({})
    assert [] == await ledger.faults()


async def test_a_page_of_another_size_that_a_crash_left_is_taken_as_it_is(ledger: Ledger) -> None:
    """Another release cuts pages of other sizes: what is stored first stays."""
    await _grow(ledger, 20)
    account = await ledger.account()
    await ledger.accounts.pages.seal(account, pages.full_pages(account, 4, 14))
    await ledger.take("next")
    after = await ledger.account()
    assert (1, 4, 18) == (after.pages, after.sealed, len(after.entries))
    assert [] == await ledger.faults()


async def test_a_damaged_page_fails_alone(ledger: Ledger) -> None:
    """The step that should drop the account's entries does not; its neighbours go through."""
    await _grow(ledger, 20)
    account = await ledger.account()
    await ledger.accounts.pages.seal(account, pages.full_pages(account, SIZE, KEPT))
    await ledger.database.pages.update_one({}, {"$set": {"entries.3.amount": 7}})
    other = Fund("shop", "autumn", Measure.MONEY, 9_000)
    failed, *rest = await asyncio.gather(
        ledger.take("next"),
        *[ledger.take(f"n{one}", fund=other) for one in range(5)],
        return_exceptions=True,
    )
    assert isinstance(failed, ContendedError)
    assert [1] * 5 == [getattr(one, "amount", one) for one in rest]
    assert account == await ledger.account()


TAMPERINGS: dict[str, dict[str, Any]] = {
    "amount": {"$set": {"entries.2.amount": 9}},
    "entry deleted": {"$pull": {"entries": {"n": 13}}},
    "request ids": {"$set": {"requests": ["other"]}},
    "hash": {"$set": {"hash": b"0" * 32}},
    "type": {"$set": {"first": "one"}},
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_tampering_with_a_page_is_found(ledger: Ledger, tampering: str) -> None:
    """And named by its account."""
    await _grow(ledger, 10, rounds=4)
    assert [] == await ledger.faults()
    changed = await ledger.database.pages.update_one({"_id.p": 2}, TAMPERINGS[tampering])
    assert 1 == changed.modified_count
    faults = await ledger.faults()
    assert [KEY.a] == [fault.split(":")[0] for fault in faults]


async def test_a_page_that_is_gone_is_found(ledger: Ledger) -> None:
    """The first, one between, the last."""
    await _grow(ledger, 10, rounds=5)
    stored = await ledger.database.pages.find().sort("_id", 1).to_list(None)
    for gone in (stored[0], stored[1], stored[-1]):
        await ledger.database.pages.delete_one({"_id": gone["_id"]})
        assert 1 == len(await ledger.faults())
        await ledger.database.pages.insert_one(gone)
        assert [] == await ledger.faults()


async def test_looking_a_request_up_examines_one_page(ledger: Ledger) -> None:
    """By index, however many pages the account has; another tenant's pages are not seen."""
    await _grow(ledger, 10, rounds=8)
    query = {"_id.t": KEY.t, "_id.a": KEY.a, "requests": "r3-4"}
    explained = await ledger.database.pages.find(query).explain()
    assert 1 == explained["executionStats"]["totalDocsExamined"]
    account = await ledger.account()
    request = Request("r3-4", "partner:till", b"p" * 16)
    found = await ledger.accounts.pages.look(account, request)
    assert (account.sealed, "r3-4") == (found.upto, found.entry and found.entry.request)
    stranger = await ledger.accounts.pages.look(
        account, Request("r3-4", "partner:other", b"p" * 16)
    )
    assert stranger.entry is None
