"""What one event costs the engine with 25 rules, and how many bytes a customer's state takes.

python bench/engine_step.py [EVENTS]
"""

from __future__ import annotations

import random
import statistics
import sys
import time

from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from segmentation_service.engine import (
    EventInput,
    SegmentRule,
    State,
    compile_ruleset,
    decode_state,
    encode_state,
    new_state,
    step,
)
from segmentation_service.rules import parse

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
MIX = (
    "visit visit visit visit product_view product_view product_view product_view search search"
    " cart_add cart_add purchase purchase login wishlist review return cancel out_of_stock"
    " message_clicked store_visit ticket coupon_redeemed"
)
START_MS = 1_700_000_000_000
DAY_MS = 86_400_000
CUSTOMERS = 200


def make_event(generator: random.Random, number: int) -> Event:
    """One event of a plausible mix."""
    event = Event(type=generator.choice(MIX.split()), event_id=str(number), channel=1)  # type: ignore[arg-type]
    event.session_id = f"session-{number // 4:012d}-of-some-length"
    event.cart_id = f"cart-{number // 9:012d}-of-some-length"
    if event.type in ("purchase", "return", "cancel", "product_view", "cart_add"):
        for _ in range(generator.randint(1, 4)):
            product = generator.randint(1, 300)
            event.items.add(
                product_id=f"product-{product:06d}",
                category="shoes" if product % 7 == 0 else "other",
                quantity=1,
                amount_minor_units=product * 100,
            )
        event.amount.minor_units = sum(item.amount_minor_units for item in event.items)
    if event.type == "review":
        event.rating = generator.randint(1, 5)
    return event


def main() -> None:
    """Plays a year of events of many customers and prints the figures."""
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    generator = random.Random(1)
    segments = [SegmentRule(f"segment-{index}", parse(text)) for index, text in enumerate(RULES)]
    ruleset = compile_ruleset(segments, "Asia/Seoul", 0)
    profile = ProfileSnapshot(tier="gold", member=True, tags=["running"])
    states: list[State] = [new_state(profile, START_MS) for _ in range(CUSTOMERS)]
    clocks = [START_MS] * CUSTOMERS
    gap_ms = 365 * DAY_MS * CUSTOMERS // total
    inputs = []
    for number in range(total):
        who = generator.randrange(CUSTOMERS)
        clocks[who] += generator.randint(1, 2 * gap_ms)
        key = number.to_bytes(16, "big")
        event = make_event(generator, number)
        inputs.append((who, EventInput(key, clocks[who], clocks[who], event)))
    changes, stepped, coded = 0, 0, 0
    for who, one in inputs:
        before = time.perf_counter_ns()
        data = encode_state(states[who])
        state = decode_state(data)
        between = time.perf_counter_ns()
        result = step(ruleset, state, (one,))
        stepped += time.perf_counter_ns() - between
        coded += between - before
        changes += len(result.transitions)
        states[who] = result.state
    sizes = sorted(len(encode_state(state)) for state in states)
    print(f"engine_step              {stepped / total / 1000:8.1f} us/event, 25 rules")
    print(f"engine_encode_decode     {coded / total / 1000:8.1f} us/event")
    print(f"engine_state_median      {statistics.median(sizes):8.0f} bytes")
    print(f"engine_state_p90         {sizes[len(sizes) * 9 // 10]:8.0f} bytes")
    print(f"engine_changes           {changes / total:8.2f} per event")


if __name__ == "__main__":
    main()
