"""Chains that tell when someone changed them."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from offers_service import coupon_account, gift_account, journal
from offers_service.coupon_account import AccountKey, CouponState


def _changed(value: Any) -> Any:
    """Something else of the same kind."""
    if isinstance(value, CouponState):
        return CouponState.HELD if value is not CouponState.HELD else CouponState.AVAILABLE
    if isinstance(value, AccountKey):
        return AccountKey(value.t, value.a + "x")
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"x"
    if isinstance(value, tuple):
        return value[:-1] if value else (("name", "value"),)
    return value + 1 if isinstance(value, int) else value + "x"


@pytest.fixture
def used(shop: Any) -> Any:
    """A coupon that was given, claimed, held, released, held again and redeemed."""
    offered = shop.gift(shop.issue(), "g1")
    account = shop.claim(offered.account, offered.gift.gift_id, "g2").account
    at = {"customer": "bob", "now_ms": shop.issued_ms + 3_000}
    account = shop.hold(account, "r1", **at).account
    account = shop.release(account, "r2", now_ms=shop.issued_ms + 4_000).account
    account = shop.hold(account, "r3", **at).account
    return shop.redeem(account, "r4", now_ms=shop.issued_ms + 5_000).account


def test_an_honest_journal_is_without_fault(shop: Any, used: Any) -> None:
    """Every entry, every hash, every field of the state."""
    assert coupon_account.fault(used, shop.secrets) is None
    assert 7 == len(used.entries)


def test_every_edit_of_the_state_is_found(shop: Any, used: Any) -> None:
    """Whichever field of the document someone changes."""
    unfound = [
        field
        for field in used.__struct_fields__
        if coupon_account.fault(
            replace(used, **{field: _changed(getattr(used, field))}), shop.secrets
        )
        is None
    ]
    assert [] == unfound


def test_every_edit_of_an_entry_is_found(shop: Any, used: Any) -> None:
    """Whichever field of whichever entry someone changes."""
    unfound = []
    for index, entry in enumerate(used.entries):
        for field in entry.__struct_fields__:
            edited = replace(entry, **{field: _changed(getattr(entry, field))})
            entries = (*used.entries[:index], edited, *used.entries[index + 1 :])
            if coupon_account.fault(replace(used, entries=entries), shop.secrets) is None:
                unfound.append((index, field))
    assert [] == unfound


def test_deletions_and_swaps_inside_a_chain_are_found(shop: Any, used: Any) -> None:
    """With the version adjusted, too."""
    found = []
    for index in range(len(used.entries) - 1):
        rest = (*used.entries[:index], *used.entries[index + 1 :])
        swapped = (*used.entries[:index], used.entries[index + 1], used.entries[index])
        swapped += used.entries[index + 2 :]
        for entries in (rest, swapped):
            forged = replace(used, entries=entries, v=len(entries))
            found.append(coupon_account.fault(forged, shop.secrets) is not None)
    assert [True] * 12 == found


def test_a_state_without_its_entry_is_found(shop: Any) -> None:
    """Setting a redeemed coupon back to available by hand."""
    held = shop.hold(shop.issue(), "r1").account
    used = shop.redeem(held, "r2").account
    forged = replace(used, state=CouponState.AVAILABLE, order="", discount=0)
    assert "state is not what the entries say" == coupon_account.fault(forged, shop.secrets)


def test_a_journal_of_another_account_or_tenant_is_found(shop: Any) -> None:
    """Chains begin with the tenant and the account."""
    coupon = shop.issue()
    for key in (AccountKey("shop", "c_2"), AccountKey("other", "c_1")):
        assert "entry 1 does not match its hash" == coupon_account.fault(
            replace(coupon, key=key), shop.secrets
        )


def test_a_rewritten_chain_of_impossible_steps_is_found(shop: Any) -> None:
    """Correct hashes do not make redeeming an available coupon right."""
    coupon = shop.issue()
    request = shop.request("r1", "forged")
    forged = coupon_account.move(coupon, coupon_account.Kind.REDEEM, request, shop.issued_ms + 1)
    assert "entry 2 does not follow from the one before" == coupon_account.fault(
        forged, shop.secrets
    )


def test_every_edit_of_a_gift_is_found(shop: Any) -> None:
    """The follower has a chain and a state of its own."""
    offered = shop.gift(shop.issue(), "g1")
    claimed = shop.claim(offered.account, offered.gift.gift_id, "g2").account
    gift = gift_account.follow(None, claimed, offered.gift.gift_id, shop.secrets)
    assert gift is not None
    assert gift_account.fault(gift, shop.secrets) is None
    unfound = [
        field
        for field in gift.__struct_fields__
        if field not in {"state"}
        and gift_account.fault(
            replace(gift, **{field: _changed(getattr(gift, field))}), shop.secrets
        )
        is None
    ]
    assert [] == unfound


def test_a_long_journal_takes_no_new_cycle_but_lets_the_last_end(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded documents; nobody is left with a hold that cannot end."""
    monkeypatch.setattr(journal, "ENTRIES_MAX", 2)
    held = shop.hold(shop.issue(), "r1").account
    free = shop.release(held, "r2").account
    with pytest.raises(journal.JournalFullError):
        shop.hold(free, "r3")


def test_entries_survive_being_stored() -> None:
    """What is left out as empty comes back as empty."""
    entry = journal.Entry(
        number=1, kind="issue", debit="a", credit="b", at_ms=1, actor="x:y", owner="ann"
    )
    stored = msgspec.to_builtins(entry, builtin_types=(bytes,))
    assert entry == msgspec.convert(stored, journal.Entry)
    assert "order" not in stored
