"""Journals that are cut into pages, without a database: a budget serves as the account."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from offers_service import budget_account, budgets, pages
from offers_service.budget_account import BudgetAccount, Kind, Measure, Move
from offers_service.budgets import Fund, Line, LineDecision
from offers_service.journal import Entry, Request
from offers_service.pages import Looked, NeedsPages, Page

FUND = Fund("shop", "spring", Measure.MONEY, 9_000)
SIZE, KEPT = 4, 3


def _line(request_id: str, content: bytes = b"p" * 16) -> Line:
    return Line(FUND, 0, Request(request_id, "partner:till", content), 1_000)


def _grown(count: int) -> BudgetAccount:
    """A budget from which `count` requests took one unit each."""
    account: BudgetAccount | None = None
    for number in range(count):
        decided = budgets.take(account, _line(f"r{number}"), 1)
        assert isinstance(decided, LineDecision)
        account = decided.account
    assert account is not None
    return account


def _cut(account: BudgetAccount) -> tuple[BudgetAccount, list[Page]]:
    """The account as the store would leave it, and its pages."""
    cut = pages.full_pages(account, SIZE, KEPT)
    return (pages.without(account, cut) if cut else account), cut


def _fault(account: BudgetAccount, cut: list[Page]) -> str | None:
    folding = budget_account.folding(account.key)
    for page in cut:
        folding.feed(page)
    return folding.finish(account)


@given(counts=st.lists(st.integers(1, 9), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_pages_and_document_together_are_the_journal(counts: list[int]) -> None:
    """However unevenly an account grows between two cuts: nothing lost, order kept, verified."""
    account, sealed = _grown(1), []
    for round_number, count in enumerate(counts):
        for number in range(count):
            line = _line(f"more-{round_number}-{number}")
            looked = Looked(account.sealed)
            decided = budgets.take(account, line, 1, looked=looked)
            assert isinstance(decided, LineDecision)
            assert decided.account is not None
            account = decided.account
        account, cut = _cut(account)
        sealed += cut
    entries = [entry for page in sealed for entry in page.entries] + list(account.entries)
    assert list(range(1, account.v + 1)) == [entry.number for entry in entries]
    assert all(len(page.entries) == SIZE for page in sealed)
    assert KEPT <= len(account.entries) < SIZE + KEPT or not sealed
    assert _fault(account, sealed) is None


def test_a_page_is_full_only_when_enough_stays_behind() -> None:
    """One entry less and nothing is cut; one more page's worth and two are."""
    assert [] == pages.full_pages(_grown(SIZE + KEPT - 2), SIZE, KEPT)
    assert [(1, 1, 4)] == [
        (page.key.p, page.first, page.last)
        for page in pages.full_pages(_grown(SIZE + KEPT - 1), SIZE, KEPT)
    ]
    assert [(1, 4), (5, 8)] == [
        (page.first, page.last)
        for page in pages.full_pages(_grown(2 * SIZE + KEPT - 1), SIZE, KEPT)
    ]


def test_a_request_in_a_page_is_asked_for_and_answered() -> None:
    """A repeat is never taken for new: the decision says that pages have to be looked at."""
    account, cut = _cut(_grown(12))
    line = _line("r0")
    decided = budgets.take(account, line, 1)
    assert isinstance(decided, NeedsPages)
    found = next(entry for page in cut if (entry := pages.find(page, line.request)))
    again = budgets.take(account, line, 1, looked=Looked(account.sealed, found))
    assert isinstance(again, LineDecision)
    assert (1, account) == (again.amount, again.account)
    other = _line("r0", b"q" * 16)
    assert (found, False) == pages.answered(account, other.request, Looked(account.sealed, found))


def test_what_was_looked_at_before_a_later_page_was_sealed_is_not_enough() -> None:
    """The look-up reached to entry 4, and since then a second page was sealed."""
    account, _ = _cut(_grown(12))
    assert 8 == account.sealed
    assert isinstance(budgets.take(account, _line("new"), 1, looked=Looked(4)), NeedsPages)
    assert isinstance(budgets.take(account, _line("new"), 1, looked=Looked(8)), LineDecision)


def test_a_recent_request_needs_no_page() -> None:
    """What the document keeps answers by itself."""
    account, _ = _cut(_grown(12))
    decided = budgets.take(account, _line("r11"), 1)
    assert isinstance(decided, LineDecision)
    assert decided.account is account


def test_pages_that_a_crash_left_are_taken_up_also_with_another_size() -> None:
    """Whatever size the release that cut them had, as long as something stays."""
    account = _grown(12)
    left = pages.full_pages(account, 2, 5)
    assert 4 == len(left)
    assert pages.fits(account, left)
    dropped = pages.without(account, left)
    assert (4, 8, 5) == (dropped.pages, dropped.sealed, len(dropped.entries))
    assert _fault(dropped, left) is None
    assert not pages.fits(account, [replace(left[0], before=b"x" * 32), *left[1:]])
    assert not pages.fits(account, pages.full_pages(_grown(13), 13, 0)[:1])


def _edited(page: Page, **changed: Any) -> Page:
    entry: Entry = replace(page.entries[1], **changed)
    return replace(page, entries=(page.entries[0], entry, *page.entries[2:]))


TAMPERINGS: dict[str, Callable[[list[Page]], list[Page]]] = {
    "a page is gone": lambda cut: cut[1:],
    "the last page is gone": lambda cut: cut[:-1],
    "pages are swapped": lambda cut: [cut[1], cut[0], *cut[2:]],
    "a page comes twice": lambda cut: [cut[0], *cut],
    "an amount": lambda cut: [_edited(cut[0], amount=5), *cut[1:]],
    "a hash": lambda cut: [_edited(cut[0], hash=b"h" * 32), *cut[1:]],
    "an entry is gone": lambda cut: [replace(cut[0], entries=cut[0].entries[1:]), *cut[1:]],
    "all entries are gone": lambda cut: [replace(cut[0], entries=()), *cut[1:]],
    "the hash before": lambda cut: [cut[0], replace(cut[1], before=b"b" * 32), *cut[2:]],
    "the ids of requests": lambda cut: [replace(cut[0], requests=()), *cut[1:]],
    "the range": lambda cut: [replace(cut[0], last=3), *cut[1:]],
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_tampering_with_pages_is_found(tampering: str) -> None:
    """Each of them, where the honest ones verify."""
    account, cut = _cut(_grown(15))
    assert 3 == len(cut)
    assert _fault(account, cut) is None
    assert _fault(account, TAMPERINGS[tampering](cut)) is not None


STATE_TAMPERINGS: dict[str, dict[str, Any]] = {
    "held": {"held": 3},
    "spent": {"spent": 1},
    "lent": {"lent": -5},
    "limit": {"limit": 90_000},
    "version": {"v": 14},
    "hash": {"hash": b"h" * 32},
    "pages": {"pages": 2},
    "sealed": {"sealed": 8},
    "sealed hash": {"sealed_hash": b"h" * 32},
    "entries": {"entries": ()},
    "campaign": {"campaign": "autumn"},
    "measure": {"measure": Measure.COUPONS},
    "deadline": {"due_ms": 5},
}


@pytest.mark.parametrize("tampering", STATE_TAMPERINGS)
def test_tampering_with_the_document_is_found(tampering: str) -> None:
    """Whichever field says something else than the pages."""
    account, cut = _cut(_grown(15))
    assert _fault(replace(account, **STATE_TAMPERINGS[tampering]), cut) is not None


def test_a_line_of_two_movements_is_one_write() -> None:
    """Spending less than was held gives the rest back under the same request."""
    account = _grown(9)
    moves = [Move(Kind.SPEND, 6), Move(Kind.RETURN, 3)]
    decided = budgets.settle(account, _line("spent"), moves)
    assert isinstance(decided, LineDecision)
    after = decided.account
    assert after is not None
    assert (0, 6, 8_994, 12) == (after.held, after.spent, after.free, after.v)
    assert decided.entry == after.entries[10]
    again = budgets.settle(after, _line("spent"), moves)
    assert isinstance(again, LineDecision)
    assert again.account is after
