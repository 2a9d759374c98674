"""Data for the figures: customers' events of many types, and 25 segments over them."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator

from dangol.events.v1.event_pb2 import Event
from dangol.segmentation.v1 import segment_service_pb2 as segments

from bench.context import Bench, new_id

_TYPES = ("visit", "product_view", "cart_add", "purchase", "login", "review", "search")
_WITH_ITEMS = frozenset({"cart_add", "purchase"})


def events(count: int, customer_count: int, seed: int = 1) -> Iterator[Event]:
    """Events of seven types over the last minute, two items in each cart and purchase."""
    choose = random.Random(seed)
    now_ms = int(time.time() * 1000)
    for number in range(count):
        kind = choose.choice(_TYPES)
        event = Event(event_id=str(uuid.UUID(int=choose.getrandbits(128), version=4)), type=kind)
        event.customer.namespace = "member"
        event.customer.value = f"customer-{choose.randrange(customer_count)}"
        event.occurred_at.FromMilliseconds(now_ms - 60_000 + number * 60_000 // count)
        event.session_id = f"s{number % 1000}"
        if kind in _WITH_ITEMS:
            for _ in range(2):
                product = choose.randrange(1000)
                event.items.add(
                    product_id=f"p{product}",
                    category=f"c{product % 20}",
                    quantity=1,
                    unit_price_minor_units=9900,
                    amount_minor_units=9900,
                )
            event.amount.currency_code = "KRW"
            event.amount.minor_units = 19800
        if kind == "review":
            event.rating = choose.randint(1, 5)
        yield event


def rules() -> list[str]:
    """25 rules over windows from a day to a year; an event's type is mentioned by 3 to 10."""
    texts = [
        "count(review where rating <= 2, 90d) >= 1",
        "distinct(visit.session_id, 90d) >= 15 and count(purchase, 90d) = 0",
        "last(cart_add) > last(purchase) and since(cart_add) >= 30m",
        "sum(purchase.amount, 365d) >= 1000000",
        'count(purchase where any item.category = "c3", 180d) >= 2',
    ]
    for number in range(20):
        first, second = _TYPES[number % 7], _TYPES[(number * 3 + 1) % 7]
        if number % 2:
            texts.append(
                f"count({first}, {1 + number}d) >= {1 + number % 5} "
                f"and not count({second}, {7 + number}d) >= {1 + number % 3}"
            )
        else:
            texts.append(f"since({first}) >= {1 + number}d and count({second}, 30d) = 0")
    return texts


async def install_segments(bench: Bench) -> None:
    """Create the 25 segments."""
    for number, rule in enumerate(rules()):
        segment = segments.Segment(segment_id=f"segment-{number}", rule=rule)
        request = segments.CreateSegmentRequest(request_id=new_id(), segment=segment)
        await bench.admin.call(bench.admin.segments.CreateSegment, request)
