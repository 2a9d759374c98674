"""단골샵's raw events: what its customers did, as written, and what befell their coupons."""

from collections.abc import AsyncIterator

from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1.customer_service_pb2 import ListTimelineRequest

from dangol_dev.client import gather_bounded
from dangol_dev.simulator.diary import DAY_MS
from dangol_dev.simulator.shop import TIME_ZONE, Shop
from dangol_dev.truth.answers import Answers, Row
from dangol_dev.truth.queries import QUERIES
from dangol_dev.truth.watch import Watch

# In won, as the rules of the ready segments have them for this currency.
AMOUNTS = {"vip": 1_000_000, "champion": 800_000}
COUPON_EVENTS = ("coupon_issued", "coupon_redeemed", "gift_sent", "gift_returned")
# Twelve instants in days from the season's start, which is 480 days after the run's.
INSTANT_DAYS = (-300, -240, -180, -120, -60, 0, 15, 30, 45, 60, 75, 90)


def instants_ms(shop: Shop) -> list[int]:
    """The twelve instants of a run."""
    return [shop.start_ms + day * DAY_MS for day in INSTANT_DAYS]


def watch_shop(shop: Shop) -> Watch:
    """Have every ready segment's members read at the twelve instants of a run to come."""
    watch = Watch(shop.clients.admin, QUERIES, instants_ms(shop))
    shop.on_instant = watch.look
    return watch


async def shop_answers(shop: Shop) -> Answers:
    """DuckDB over a run that is over: the simulator's own events, and coupons' from profile."""
    events = [
        (shop.customer_ids[number], event)
        for number, happened in shop.season.events.items()
        for event in happened
    ]
    for customer_id, coupons in await gather_bounded(
        lambda one: _coupon_events(shop, one), shop.customer_ids.values()
    ):
        events += [(customer_id, event) for event in coupons]
    answers = Answers(TIME_ZONE, AMOUNTS)
    answers.load_shop(_customers(shop), events)
    return answers


async def _coupon_events(shop: Shop, customer_id: str) -> tuple[str, list[Event]]:
    client = shop.clients.admin
    request = ListTimelineRequest(customer_id=customer_id, page_size=500, types=COUPON_EVENTS)
    pages: AsyncIterator[Event] = client.pages(client.customers.ListTimeline, request, "events")
    return customer_id, [event async for event in pages]


def _customers(shop: Shop) -> list[Row]:
    rows: list[Row] = []
    for life in shop.season.lives:
        person = life.person
        known = not person.visitor
        rows.append(
            {
                "customer": shop.customer_ids[person.number],
                "region": person.attributes.region if known else None,
                "birthday": person.attributes.birth_date[5:] if known else None,
                "known_ms": shop.known_since_ms[person.number],
                "member_ms": shop.member_since_ms.get(person.number),
            }
        )
    return rows
