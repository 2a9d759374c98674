"""What earlier releases stored is read, verified and gone on with.

stored/coupons-first.json has coupons as BSON (base64) as the first version of the service wrote
them: encode(account) of test_stored's own states, by the code of that time. Files there are never
written anew; a change of the stored form adds one.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import bson
import pytest
from offers_service import audit, coupons, journal
from offers_service.coupon_account import CouponAccount, CouponState
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.store_accounts import decode, encode

_STORED = Path(__file__).with_name("stored")
FIRST: dict[str, str] = json.loads((_STORED / "coupons-first.json").read_text())
STATES = {
    "issued": CouponState.AVAILABLE,
    "held": CouponState.HELD,
    "redeemed": CouponState.REDEEMED,
    "released": CouponState.AVAILABLE,
}


def stored(name: str) -> dict[str, Any]:
    """A document as it comes from MongoDB."""
    document: dict[str, Any] = bson.decode(base64.b64decode(FIRST[name]))
    return document


def account(name: str) -> CouponAccount:
    """The same as the service knows it."""
    found = decode(stored(name))
    assert isinstance(found, CouponAccount)
    return found


@pytest.mark.parametrize("name", STATES)
def test_old_documents_are_read_and_their_chains_hold(shop: Any, name: str) -> None:
    """State and journal agree, and every hash is what it was: new fields are in no old hash."""
    found = account(name)
    assert STATES[name] is found.state
    assert None is journal.chain_fault("shop", found)
    assert None is audit.account_fault(found, shop.secrets)


@pytest.mark.parametrize("name", STATES)
def test_old_documents_are_written_as_they_were(name: str) -> None:
    """A release that is rolled back finds what it wrote: nothing is added where nothing is new."""
    assert stored(name) == bson.decode(bson.encode(encode(account(name))))


def test_old_requests_get_their_old_answers(shop: Any) -> None:
    """What was answered before the upgrade is answered alike after it, and changes nothing."""
    again = shop.redeem(account("redeemed"), "redeem-1")
    assert (CouponOutcome.APPLIED, account("redeemed")) == (again.outcome, again.account)
    other = shop.redeem(account("redeemed"), "redeem-2", order="order-2")
    assert CouponOutcome.APPLIED is not other.outcome


def test_old_accounts_go_on(shop: Any) -> None:
    """A hold of the old release is redeemed by the new one, in one chain with it."""
    redeemed = shop.settle(coupons.redeem, account("held"), "redeem-9").account
    held = shop.hold(account("released"), "hold-9", now_ms=shop.issued_ms + 9_000).account
    for found, state in ((redeemed, CouponState.REDEEMED), (held, CouponState.HELD)):
        assert (state, None) == (found.state, audit.account_fault(found, shop.secrets))
