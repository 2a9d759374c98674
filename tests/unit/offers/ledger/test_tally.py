"""What dashboards hear of coupons."""

from typing import Any

import msgspec
from offers_service.coupon_account import AccountKey
from offers_service.store_accounts import encode
from offers_service.store_told import CouponTally


def test_steps_of_shops_are_counted_and_those_of_sandboxes_are_not(shop: Any) -> None:
    """Issued as a list, and held one by one; once under the shop, once under its sandbox."""
    coupon = shop.issue()
    held = shop.hold(coupon, "r1").account
    tally = CouponTally()
    for tenant_id in ("shop", "shop--1"):
        key = AccountKey(tenant_id, "c_1")
        before = msgspec.structs.replace(coupon, key=key)
        after = msgspec.structs.replace(held, key=key)
        tally.inserted([encode(before)], 1)
        tally.saved([(before, after)], set())
    assert {"issued": 1, "held": 1} == {name: n for name, n in tally.counts.items() if n}
