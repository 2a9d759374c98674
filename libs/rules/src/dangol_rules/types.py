"""Which names exist, of which type, and what may be compared with what."""

from __future__ import annotations

from typing import Any, Protocol

from dangol_rules import tree
from dangol_rules.error import MAX_COUNT, RuleError, suggest

PROFILE_NAMES = ("tier", "region", "gender", "age_band", "language", "member")
# Numbers that profile's insight keeps as custom fields: profile.churn is field("churn").
INSIGHT_NAMES = (
    "churn",
    "expected_orders",
    "expected_value",
    "rfm_recency",
    "rfm_frequency",
    "rfm_money",
    "revenue_rank",
    "profit_rank",
    "purchase_cycle_days",
)

# Properties of an event and of its items. Those of a tenant's own are properties.<name>.
EVENT_TEXTS = ("session_id", "cart_id", "order_id", "store_id", "channel")
EVENT_NUMBERS = ("amount", "rating")
ITEM_TEXTS = ("item.product_id", "item.category")
ITEM_NUMBERS = ("item.quantity", "item.unit_price", "item.amount")
CHANNELS = ("web", "app", "store", "call")

KNOWN_EVENTS = frozenset(
    (
        "visit",
        "product_view",
        "search",
        "wishlist",
        "cart_add",
        "cart_remove",
        "checkout",
        "purchase",
        "delivered",
        "cancel",
        "return",
        "out_of_stock",
        "review",
        "login",
        "signup",
        "store_visit",
        "ticket",
        "survey",
        "message_sent",
        "message_opened",
        "message_clicked",
        "price_dropped",
        "restocked",
        "launched",
        "coupon_issued",
        "coupon_held",
        "coupon_released",
        "coupon_redeemed",
        "coupon_reversed",
        "gift_sent",
        "gift_claimed",
        "gift_returned",
    )
)


class Fail(Protocol):
    """Makes the error at a node."""

    def __call__(self, at: Any, message: str, hint: str = "") -> RuleError: ...


def check_comparison(
    left: tree.Term, comparator: str, right: tree.Term | tree.Literal_, fail: Fail, at: Any
) -> None:
    """Raises when the two sides cannot be compared so."""
    if isinstance(left, tree.Count | tree.Distinct):
        check_count(left, right, fail, at)
    elif isinstance(left, tree.Aggregate):
        check_aggregate(left, right, fail, at)
    elif isinstance(left, tree.First | tree.Last):
        if not isinstance(right, tree.First | tree.Last):
            raise fail(at, "an instant compares with first(...) or last(...)", "or use since(...)")
    elif isinstance(left, tree.Consent):
        raise fail(at, "consent holds or not by itself", "write consent.email or not consent.email")
    elif isinstance(left, tree.Since):
        if not isinstance(right, tree.Span):
            raise fail(at, "since compares with a length of time", "since(login) >= 365d")
    else:
        check_attribute(left, comparator, right, fail, at)


def check_count(left: tree.Count | tree.Distinct, right: Any, fail: Fail, at: Any) -> None:
    """Counts compare with small whole numbers, or with each other in windows."""
    if isinstance(right, tree.Count | tree.Distinct):
        check_windows(left, right, fail, at)
        return
    if not isinstance(right, tree.Number):
        raise fail(at, "a count compares with a number", "count(purchase, 90d) >= 2")
    if right.value != int(right.value) or not 0 <= right.value <= MAX_COUNT:
        raise fail(at, f"a count compares with a whole number from 0 to {MAX_COUNT}")


def check_aggregate(left: tree.Aggregate, right: Any, fail: Fail, at: Any) -> None:
    """Sums and their like compare with numbers, or with each other in windows."""
    if isinstance(right, tree.Aggregate):
        check_windows(left, right, fail, at)
        return
    if not isinstance(right, tree.Number):
        raise fail(at, f"{left.function} compares with a number", "sum(purchase.amount) >= 50000")


def check_windows(left: tree.Measure, right: tree.Measure, fail: Fail, at: Any) -> None:
    """Two measures compare only where both look at a window, so that what is kept is bounded."""
    if left.window is None or right.window is None:
        raise fail(at, "comparing two measures needs a window in both", "count(visit, 30d)")


def check_attribute(left: Any, comparator: str, right: Any, fail: Fail, at: Any) -> None:
    """Attributes and properties compare with literals of their own type."""
    wanted = type_of(left)
    if not isinstance(right, wanted):
        names = " or ".join(kind.__name__.lower() for kind in wanted)
        raise fail(at, f"{describe(left)} compares with a {names}")
    if not isinstance(right, tree.Number) and comparator not in ("=", "!="):
        raise fail(at, f"{comparator} needs numbers", "texts and flags compare with = and !=")
    if isinstance(left, tree.Property) and left.name == "channel" and right.value not in CHANNELS:
        hint = suggest(str(right.value), CHANNELS, "the channels are " + ", ".join(CHANNELS))
        raise fail(at, f"unknown channel {right.value}", hint)


def type_of(term: Any) -> tuple[type[tree.Text | tree.Number | tree.Flag], ...]:
    """The literals that an attribute or property compares with."""
    if isinstance(term, tree.Profile):
        return (tree.Flag,) if term.name == "member" else (tree.Text,)
    if isinstance(term, tree.Property):
        if term.name in EVENT_TEXTS or term.name in ITEM_TEXTS:
            return (tree.Text,)
        if term.name in EVENT_NUMBERS or term.name in ITEM_NUMBERS:
            return (tree.Number,)
    return (tree.Text, tree.Number, tree.Flag)


def describe(term: Any) -> str:
    """How messages name an attribute or property."""
    if isinstance(term, tree.Profile):
        return f"profile.{term.name}"
    return f'field("{term.name}")' if isinstance(term, tree.Field) else str(term.name)
