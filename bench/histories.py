"""A year of customers: many who do little, few who do much; and 25 rules that tell them apart."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator

from dangol.events.v1.event_pb2 import Event

RULES = (
    "distinct(visit.session_id, 90d) >= 15 and count(purchase, 90d) = 0",
    "last(cart_add) > last(purchase) and since(cart_add) >= 30m",
    "unanswered(cart_add, purchase by cart_id, 30m, 7d)",
    "count(review where rating <= 2, 90d) >= 1",
    'count(purchase where any item.category = "shoes", 180d) >= 2',
    "count(purchase) >= 1 and since(login) >= 365d",
    "sum(purchase.amount, 365d) >= 1000000 and count(return, 365d) = 0",
    "count(purchase, from 450d to 360d) >= 3 and count(purchase, 90d) = 0",
    'profile.tier = "gold" and "running" in profile.tags',
    "count(cancel, 30d) >= 1 and since(purchase) <= 30d",
    "count(return, 90d) >= 2",
    "count(out_of_stock, 30d) >= 1",
    "since(purchase) >= 45d and count(purchase) >= 3",
    "since(login) >= 300d and since(login) < 365d",
    "count(wishlist, 30d) >= 3 and count(purchase, 30d) = 0",
    "distinct(product_view.item.product_id, 30d) >= 10 and count(purchase, 30d) = 0",
    "count(visit) = 1 and since(visit) >= 14d",
    "count(purchase, 30d) >= 4",
    "sum(purchase.amount, 90d) >= 300000",
    "since(first(purchase)) >= 365d and since(purchase) < 90d",
    "count(store_visit, 90d) >= 1 and count(login) = 0",
    "count(ticket, 30d) >= 2",
    "count(search, 7d) >= 5 and count(cart_add, 7d) = 0",
    "avg(review.rating, 180d) >= 4 and count(review, 180d) >= 2",
    "count(coupon_redeemed, 60d) >= 1 or count(message_clicked, 60d) >= 2",
)
YEAR_MS = 365 * 86_400_000
_OFTEN = ("visit", "product_view")
_SOMETIMES = ("search", "cart_add", "purchase")
_SELDOM = (
    "login",
    "wishlist",
    "review",
    "return",
    "cancel",
    "out_of_stock",
    "message_clicked",
    "store_visit",
    "ticket",
    "coupon_redeemed",
)
_MIX = (*_OFTEN * 4, *_SOMETIMES * 2, *_SELDOM)
_WITH_ITEMS = frozenset({"purchase", "return", "cancel", "product_view", "cart_add"})
# A median of six events a year, a mean of ten, one customer in a hundred with fifty and more.
_MEDIAN_LOG, _SPREAD = 1.8, 1.0
_EVENTS_MAX = 300


def event(choose: random.Random, number: int) -> Event:
    """One event of a plausible mix, without its customer and time."""
    made = Event(type=choose.choice(_MIX), channel=1)  # type: ignore[arg-type]
    made.event_id = str(uuid.UUID(int=choose.getrandbits(128), version=4))
    made.session_id = f"session-{number // 4:012d}-of-some-length"
    made.cart_id = f"cart-{number // 9:012d}-of-some-length"
    if made.type in _WITH_ITEMS:
        for _ in range(choose.randint(1, 4)):
            product = choose.randint(1, 300)
            made.items.add(
                product_id=f"product-{product:06d}",
                category="shoes" if product % 7 == 0 else "other",
                quantity=1,
                amount_minor_units=product * 100,
            )
        made.amount.currency_code = "KRW"
        made.amount.minor_units = sum(item.amount_minor_units for item in made.items)
    if made.type == "review":
        made.rating = choose.randint(1, 5)
    return made


def year(customer_count: int, seed: int = 1) -> Iterator[Event]:
    """Every customer's last year, customer after customer, in order of time."""
    choose = random.Random(seed)
    start_ms = int(time.time() * 1000) - YEAR_MS
    for customer in range(customer_count):
        count = min(_EVENTS_MAX, 1 + int(choose.lognormvariate(_MEDIAN_LOG, _SPREAD)))
        for at_ms in sorted(choose.randrange(YEAR_MS) for _ in range(count)):
            made = event(choose, choose.randrange(10**9))
            made.customer.namespace = "member"
            made.customer.value = f"customer-{customer}"
            made.occurred_at.FromMilliseconds(start_ms + at_ms)
            yield made
