"""Data for the figures: customers' events of many types, and segments over them."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator, Sequence

from dangol.events.v1.event_pb2 import Event
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol_rules.rules import parse
from segmentation_service.engine import SegmentRule, compile_ruleset

from bench.context import Bench, new_id

_TYPES = ("visit", "product_view", "cart_add", "purchase", "login", "review", "search")
_WITH_ITEMS = frozenset({"cart_add", "purchase"})


def _type_name(kind: str, family: int) -> str:
    return f"{kind}_{family}" if family else kind


def events(count: int, customer_count: int, seed: int = 1, families: int = 1) -> Iterator[Event]:
    """Events of seven types over the last minute, two items in each cart and purchase.

    families: so many kinds of each type, all as frequent (visit, visit_1, visit_2, ...).
    """
    choose = random.Random(seed)
    now_ms = int(time.time() * 1000)
    for number in range(count):
        kind = choose.choice(_TYPES)
        name = _type_name(kind, choose.randrange(families))
        event = Event(event_id=str(uuid.UUID(int=choose.getrandbits(128), version=4)), type=name)
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


def rules(families: int = 1) -> list[str]:
    """25 rules a family, over windows from a day to a year.

    An event's type is mentioned by 3 to 10 rules, however many families there are.
    """
    return [text for family in range(families) for text in _rules_of(family)]


def _rules_of(family: int) -> list[str]:
    visit, cart_add, purchase, review = (
        _type_name(kind, family) for kind in ("visit", "cart_add", "purchase", "review")
    )
    texts = [
        f"count({review} where rating <= 2, 90d) >= 1",
        f"distinct({visit}.session_id, 90d) >= 15 and count({purchase}, 90d) = 0",
        f"last({cart_add}) > last({purchase}) and since({cart_add}) >= 30m",
        f"sum({purchase}.amount, 365d) >= 1000000",
        f'count({purchase} where any item.category = "c3", 180d) >= 2',
    ]
    for number in range(20):
        first, second = (
            _type_name(_TYPES[place % 7], family) for place in (number, number * 3 + 1)
        )
        if number % 2:
            texts.append(
                f"count({first}, {1 + number}d) >= {1 + number % 5} "
                f"and not count({second}, {7 + number}d) >= {1 + number % 3}"
            )
        else:
            texts.append(f"since({first}) >= {1 + number}d and count({second}, 30d) = 0")
    return texts


def rules_touched_per_event(texts: Sequence[str]) -> float:
    """How many of the rules an event concerns, on average over the types they mention."""
    named = [SegmentRule(f"segment-{number}", parse(text)) for number, text in enumerate(texts)]
    ruleset = compile_ruleset(named, "Asia/Seoul")
    touched = 0
    for updates in ruleset.updates.values():
        mask = 0
        for _, rules_mask in updates:
            mask |= rules_mask
        touched += mask.bit_count()
    return touched / len(ruleset.updates)


async def install_segments(bench: Bench, texts: Sequence[str] | None = None) -> None:
    """Create a segment for each rule, segment-0 and so on; without texts the 25."""
    for number, rule in enumerate(rules() if texts is None else texts):
        await install_segment(bench, f"segment-{number}", rule)


async def install_segment(bench: Bench, segment_id: str, rule: str) -> None:
    """Create one segment."""
    segment = segments.Segment(segment_id=segment_id, rule=rule)
    request = segments.CreateSegmentRequest(request_id=new_id(), segment=segment)
    await bench.admin.call(bench.admin.segments.CreateSegment, request)
