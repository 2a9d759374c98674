"""Verification, trial balance and entries over real documents."""

from typing import Any

import pytest
from dangol.offers.v1 import ledger_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure


async def _history(shop: Any) -> str:
    """A coupon that was given, claimed, held and redeemed, among a hundred others."""
    await shop.add_offer()
    await shop.issue_list([f"customer-{number}" for number in range(100)])
    coupon_id = (await shop.issue(campaign_id="spring")).coupon.coupon_id
    offered = await shop.gift(coupon_id)
    await shop.claim(offered.token)
    await shop.hold(coupon_id, customer_id="bob")
    await shop.redeem(coupon_id)
    return str(coupon_id)


async def test_an_honest_journal_is_verified(shop: Any) -> None:
    """Coupons and gifts, with all their entries; nothing of other tenants."""
    coupon_id = await _history(shop)
    await shop.add_offer(tenant="other")
    await shop.issue(tenant="other")
    verdict = await shop.verify()
    # 101 coupons, a gift, and the days of giver and claimer.
    assert (104, 109, 0, []) == (
        verdict.accounts_checked,
        verdict.entries_checked,
        verdict.fault_count,
        list(verdict.faults),
    )
    assert (1, 5) == ((one := await shop.verify(coupon_id)).accounts_checked, one.entries_checked)
    with pytest.raises(Exception, match="no such account"):
        await shop.verify("c_unknown")


TAMPERINGS = {
    "owner": {"$set": {"owner": "eve"}},
    "state set back": {"$set": {"state": "available"}, "$unset": {"order": 1, "discount": 1}},
    "amount": {"$set": {"entries.0.amount": 9_000}},
    "time": {"$inc": {"entries.2.at_ms": 1}},
    "entry replaced": {"$set": {"entries.3.order": "order-9"}},
    "entry deleted": {"$pull": {"entries": {"kind": "hold"}}},
    "entry deleted, version too": {"$pull": {"entries": {"kind": "hold"}}, "$set": {"v": 4}},
    "code": {"$set": {"lookup": b"0" * 12}},
    "validity": {"$inc": {"valid_until_ms": 86_400_000}},
    "hash": {"$set": {"hash": b"0" * 32}},
    "type": {"$set": {"v": "five"}},
    "entries emptied": {"$set": {"entries": []}},
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_tampering_is_found(shop: Any, tampering: str) -> None:
    """And named by account, alone among the honest ones."""
    coupon_id = await _history(shop)
    changed = await shop.accounts.update_one({"_id.a": coupon_id}, TAMPERINGS[tampering])
    assert 1 == changed.modified_count
    verdict = await shop.verify()
    assert (104, 1) == (verdict.accounts_checked, verdict.fault_count)
    assert [coupon_id] == [fault.partition(":")[0] for fault in verdict.faults]


async def test_the_books_balance(shop: Any) -> None:
    """Money and counts by book, after everything that can happen to a coupon."""
    await _history(shop)
    balance = await shop.balance()
    books = {book.book: book.state_balance for book in balance.books}
    assert (0, 0) == (balance.difference, balance.disagreeing_books)
    expected = {
        "available": 300_000,
        "redeemed": 3_000,
        "held": 0,
        "escrow": 0,
        "campaign:spring": -3_000,
        "campaign:list.count": -100,
        "gifts.claimed.count": 1,
    }
    assert expected == {name: books[name] for name in expected}


async def test_the_balance_tells_when_states_and_entries_disagree(shop: Any) -> None:
    """Someone made a redeemed coupon available again."""
    coupon_id = await _history(shop)
    await shop.accounts.update_one({"_id.a": coupon_id}, {"$set": {"state": "available"}})
    assert 4 == (await shop.balance()).disagreeing_books


async def test_entries_tell_who_did_what(shop: Any) -> None:
    """Oldest first, with books, references and actors."""
    coupon_id = await _history(shop)
    request = pb.ListEntriesRequest(account_id=coupon_id)
    admin = shop.token(Role.ADMIN)
    entries = (await shop.send(shop.journal.ListEntries, request, admin)).entries
    assert ["issue", "gift", "claim", "hold", "redeem"] == [entry.kind for entry in entries]
    assert [
        ("campaign:spring", "available"),
        ("available", "escrow"),
        ("escrow", "available"),
        ("available", "held"),
        ("held", "redeemed"),
    ] == [(entry.debit, entry.credit) for entry in entries]
    assert {3_000} == {entry.amount_minor_units for entry in entries}
    assert ["admin:someone"] + ["partner:till"] * 4 == [entry.actor for entry in entries]
    assert "order-1" == entries[-1].order_id


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PARTNER, Role.STAFF, Role.VISITOR])
async def test_only_auditors_read_the_journal(shop: Any, role: Role) -> None:
    """Tills and customers have their own views."""
    token = shop.token(role)
    requests = [
        (shop.journal.ListEntries, pb.ListEntriesRequest(account_id="c_1")),
        (shop.journal.GetTrialBalance, pb.GetTrialBalanceRequest()),
    ]
    for method, request in requests:
        with pytest.raises(RpcFailure) as refused:
            await shop.send(method, request, token)
        assert Code.ROLE_NOT_ALLOWED is refused.value.code


async def test_another_tenants_account_does_not_exist(shop: Any) -> None:
    """Not for auditors either."""
    coupon_id = await _history(shop)
    request = pb.ListEntriesRequest(account_id=coupon_id)
    with pytest.raises(RpcFailure) as refused:
        await shop.send(shop.journal.ListEntries, request, shop.token(Role.ADMIN, tenant="other"))
    assert Code.ACCOUNT_NOT_FOUND is refused.value.code
