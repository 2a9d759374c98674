"""What a coupon under a budget of money owes to it: which entries it follows, and the marks. Pure.

The marks (owes, settle_ms, kept_cart) are no entries: they tell recovery where to look, and are
taken off once the budget is known to have followed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from offers_service import returns
from offers_service.journal import Entry

if TYPE_CHECKING:
    from offers_service.coupon_account import CouponAccount

# Recovery looks at a coupon whose budget may be behind it after this long.
SETTLE_MS = 10_000
# States and kinds of coupon_account, which builds on this file.
_HELD, _HOLDING, _REDEEMED = "held", "holding", "redeemed"
_HOLD, _EXTEND, _REDEEM = "hold", "extend", "redeem"
_ASK, _DENY, _DENY_EXTEND = "ask", "deny", "deny_extend"


class MoneyChange(NamedTuple):
    """What an entry makes of the money that its coupon has of a budget, in minor units: spent of
    what was held, given back of what was held, refunded of what was spent."""

    spend: int = 0
    give_back: int = 0
    refund: int = 0


def money_change(before: CouponAccount, entry: Entry) -> MoneyChange:
    """What the budget has to follow; nothing for ASK and its answers, which the budget leads."""
    if before.state == _HELD and entry.kind != _ASK:
        spend = entry.discount if entry.kind == _REDEEM else 0
        return MoneyChange(spend=spend, give_back=before.discount - entry.discount)
    if before.state == _REDEEMED:
        return MoneyChange(refund=before.discount - entry.discount)
    return MoneyChange()


def owing(before: CouponAccount, after: CouponAccount, entry: Entry) -> CouponAccount:
    """`after` with its marks; the answer to an ASK takes all of them off, since whoever writes it
    has seen the budget follow every entry before."""
    if before.state == _HOLDING:
        return replace(after, owes=0, settle_ms=0, kept_cart="")
    if entry.kind != _ASK and not any(money_change(before, entry)):
        return after
    return replace(
        after,
        owes=before.owes or entry.number,
        settle_ms=before.settle_ms or entry.at_ms + SETTLE_MS,
        kept_cart=before.cart if entry.kind == _ASK and before.state == _HELD else "",
    )


def marked(account: CouponAccount, marks: CouponAccount) -> CouponAccount:
    """The account with the marks of another, for a comparison of what entries say."""
    return replace(account, owes=marks.owes, settle_ms=marks.settle_ms, kept_cart=marks.kept_cart)


def legal(account: CouponAccount, as_of: Callable[[int], CouponAccount]) -> bool:
    """Whether the marks can be so: set together, by an entry that the budget has to follow, and
    always while it is asked."""
    owes, holding = account.owes, account.state == _HOLDING
    if bool(owes) != bool(account.settle_ms) or (holding and not owes):
        return False
    if account.kept_cart and not holding:
        return False
    if holding and returns.digest(account.kept_cart) != _cart_before(account, as_of):
        return False
    if not owes:
        return True
    if not account.budget or not 1 < owes <= account.v:
        return False
    entry = account.entries[owes - 1]
    owed = entry.kind == _ASK or any(money_change(as_of(owes - 1), entry))
    return owed and account.settle_ms == entry.at_ms + SETTLE_MS


def paid(account: CouponAccount, entry: Entry, as_of: Callable[[int], CouponAccount]) -> bool:
    """Whether a coupon under a budget gets no more than the budget was asked for, and the answer
    to what it was asked is one of the two that there are."""
    if account.state != _HOLDING:
        raised = account.budget and entry.discount > account.discount
        return not (entry.kind in {_HOLD, _EXTEND} and raised)
    before = as_of(account.v - 1)
    held = before.state == _HELD
    if entry.kind == _DENY:
        return not (held or entry.discount or entry.points or entry.until_ms or entry.cart)
    if entry.kind in {_HOLD, _EXTEND}:
        then, cart = account, account.entries[-1].cart
        fitting = entry.kind == (_EXTEND if held else _HOLD)
    else:
        then, cart, fitting = before, _cart_before(account, as_of), held
    wanted = then.order, then.discount, then.points, then.due_ms, cart
    found = entry.order, entry.discount, entry.points, entry.until_ms, entry.cart
    return fitting and wanted == found


def _cart_before(account: CouponAccount, as_of: Callable[[int], CouponAccount]) -> bytes:
    """The digest of the cart that the order of a HOLDING coupon had before; empty for none."""
    held = as_of(account.v - 1).state == _HELD
    return account.entries[-2].cart if held else b""
