"""Trial balance and verification over documents."""

from typing import Any

from offers_service.audit import Book, Examiner, Verification, trial_balance
from offers_service.store_accounts import decode, encode


def test_a_balance_agrees_when_states_say_what_entries_moved() -> None:
    """Two coupons of 300 issued, one of them held."""
    balance = trial_balance(
        [("campaign:x", "available", 600, 2), ("available", "held", 300, 1)],
        [("coupon", "available", "x", 300, 1), ("coupon", "held", "x", 300, 1)],
    )
    assert (0, 0) == (balance.difference, balance.disagreeing_count)
    assert Book("held", 0, 300, 300) in balance.books
    assert Book("campaign:x.count", 2, 0, -2) in balance.books


def test_a_balance_names_the_books_that_disagree() -> None:
    """A coupon whose state someone set back."""
    balance = trial_balance(
        [("campaign:", "available", 300, 1), ("available", "redeemed", 300, 1)],
        [("coupon", "available", "", 300, 1)],
    )
    wrong = [book.name for book in balance.books if not book.agrees]
    assert ["available", "available.count", "redeemed", "redeemed.count"] == wrong


def test_coupons_without_face_value_are_counted() -> None:
    """Percentages move no money when they are issued, but they are coupons."""
    balance = trial_balance([("campaign:", "available", 0, 1)], [("coupon", "redeemed", "", 0, 1)])
    wrong = [book.name for book in balance.books if not book.agrees]
    assert ["available.count", "redeemed.count"] == wrong


def test_verification_names_what_is_at_fault(shop: Any) -> None:
    """Also documents that are no accounts at all."""
    good, bad, odd = (encode(shop.issue()) for _ in range(3))
    bad["owner"] = "eve"
    odd["state"] = "stolen"
    examiner, progress = Examiner(decode, shop.secrets), Verification()
    for document in (good, bad, odd):
        progress.saw(document)
        progress.found(fault for fault in [examiner.examine(document, None)] if fault)
    assert (3, 3, 2) == (
        progress.accounts_checked,
        progress.entries_checked,
        progress.fault_count,
    )
    assert [
        "c_1: owner is not what the entries say",
        "c_1: the document is not an account",
    ] == progress.faults
