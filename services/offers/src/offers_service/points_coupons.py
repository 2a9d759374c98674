"""What a coupon of points has to pay or take back, from its journal: one line a cause. Pure."""

from __future__ import annotations

import msgspec

from offers_service.coupon_account import CouponAccount, Kind
from offers_service.journal import Entry

_BACK = frozenset({Kind.REDUCE, Kind.REVERSE, Kind.KEEP})


class Line(msgspec.Struct, frozen=True):
    """points > 0 are paid to `owner`, < 0 taken back; cause names the coupon's entry."""

    cause: str
    owner: str
    points: int
    order: str
    campaign: str
    at_ms: int


def lines(coupon: CouponAccount) -> list[Line]:
    """In order, so that whoever repeats them never takes back what was not paid."""
    found: list[Line] = []
    paid = 0
    for entry in coupon.entries:
        if entry.kind == Kind.REDEEM:
            found += _line(coupon, entry, entry.points)
            paid = entry.points
        elif entry.kind in _BACK:
            found += _line(coupon, entry, entry.points - paid)
            paid = entry.points
    return found


def _line(coupon: CouponAccount, entry: Entry, points: int) -> list[Line]:
    if not points:
        return []
    cause = f"{coupon.key.a}/{entry.number}"
    return [Line(cause, entry.owner, points, entry.order, entry.campaign, entry.at_ms)]
