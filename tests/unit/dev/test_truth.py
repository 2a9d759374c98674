"""The queries that the ready segments are compared with, and the comparison itself."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from dangol.events.v1.event_pb2 import CHANNEL_STORE, Event, Item, Money, PropertyValue
from dangol_dev.truth.answers import Answers
from dangol_dev.truth.queries import QUERIES
from dangol_dev.truth.watch import compare
from segmentation_service.starter import STARTERS
from segmentation_service.starter_insight import RANKED

DAY_MS = 86_400_000
NOW_MS = 1_772_290_800_000
AMOUNTS = {"vip": 1_000_000, "champion": 800_000}


def event(days_ago: float, event_type: str, *, amount: int = 0, **content: str) -> Event:
    """An event so many days before NOW_MS."""
    made = Event(event_id=f"{event_type}-{days_ago}", type=event_type, **content)  # type: ignore[arg-type]
    made.occurred_at.FromMilliseconds(round(NOW_MS - days_ago * DAY_MS))
    if amount:
        made.amount.CopyFrom(Money(currency_code="KRW", minor_units=amount))
    return made


def customer(name: str, **known: object) -> dict[str, object]:
    """A member since long ago."""
    return {"customer": name, "known_ms": 0, "member_ms": 0, **known}


@pytest.fixture
def answers() -> Iterator[Answers]:
    """An empty database for Seoul."""
    with Answers(ZoneInfo("Asia/Seoul"), AMOUNTS) as made:
        yield made


def test_there_is_one_query_for_each_ready_segment_of_events() -> None:
    """No two are the same. Ranks and scores follow from everybody's events, by the daily job."""
    ranked = {one.starter_id for one in RANKED}
    assert {one.starter_id for one in STARTERS} - ranked == set(QUERIES)
    assert len(set(QUERIES.values())) == len(QUERIES)


def test_windows_are_half_open(answers: Answers) -> None:
    """What happened at t is inside a window w at n when t <= n < t + w."""
    low = Item(product_id="p")
    events = [
        ("now", event(0, "review")),
        ("edge", event(90, "review")),
        ("just inside", event(90 - 1 / DAY_MS, "review")),
    ]
    for _, one in events:
        one.rating = 2
        one.items.append(low)
    answers.load_shop([customer(name) for name, _ in events], events)
    assert {"now", "just inside"} == answers.members(QUERIES["two-stars-or-less"], NOW_MS)


def test_birthdays_are_days_of_the_shop_s_calendar(answers: Answers) -> None:
    """Seven days ahead counts, eight do not; the 29th of February falls on the 28th."""
    # The instant is the first of March in Seoul, and still the 28th of February in UTC.
    birthdays = {"today": "03-01", "week": "03-08", "later": "03-09", "leap": "02-29"}
    answers.load_shop([customer(name, birthday=day) for name, day in birthdays.items()], [])
    query = QUERIES["birthday-soon"]
    assert {"today", "week"} == answers.members(query, NOW_MS)
    assert {"today", "leap"} == answers.members(query, NOW_MS - 4 * DAY_MS)


def test_a_coupon_given_away_is_not_unused_and_one_returned_is(answers: Answers) -> None:
    """The birthday coupon's last week, by what befell it."""
    told = {
        "kept": [(25, "coupon_issued")],
        "used": [(25, "coupon_issued"), (3, "coupon_redeemed")],
        "given": [(25, "coupon_issued"), (3, "gift_sent")],
        "back": [(25, "coupon_issued"), (3, "gift_sent"), (1, "gift_returned")],
        "early": [(22, "coupon_issued")],
        "over": [(30, "coupon_issued")],
    }
    events = [(name, event(ago, kind)) for name, story in told.items() for ago, kind in story]
    for name, one in events:
        one.properties["coupon_id"].CopyFrom(PropertyValue(text=name))
        one.properties["offer_id"].CopyFrom(PropertyValue(text="birthday-coupon"))
    answers.load_shop([customer(name) for name in told], events)
    assert {"kept", "back"} == answers.members(QUERIES["birthday-coupon-ending"], NOW_MS)


def test_amounts_come_from_the_shop(answers: Answers) -> None:
    """A million won within a year, to the won."""
    events = [
        ("enough", event(364, "purchase", amount=1_000_000)),
        ("short", event(364, "purchase", amount=999_999)),
        ("old", event(365, "purchase", amount=2_000_000)),
    ]
    answers.load_shop([customer(name) for name, _ in events], events)
    assert {"enough"} == answers.members(QUERIES["big-spenders"], NOW_MS)


def test_walk_ins_are_those_without_an_account(answers: Answers) -> None:
    """Whoever is a member by now, or ever logged in, is none."""
    visit = event(1, "store_visit")
    visit.channel = CHANNEL_STORE
    known = [
        customer("member"),
        customer("card", member_ms=None),
        customer("login", member_ms=None),
    ]
    events = [(name, visit) for name in ("member", "card", "login")]
    answers.load_shop(known, [*events, ("login", event(200, "login"))])
    assert {"card"} == answers.members(QUERIES["in-store-no-account"], NOW_MS)


def test_a_difference_names_the_customers_on_either_side(answers: Answers) -> None:
    """Equal sizes do not hide that the members differ."""
    answers.load_shop([customer("one", region="seoul"), customer("two", region="busan")], [])
    query = {"capital-region": QUERIES["capital-region"]}
    same = compare({NOW_MS: {"capital-region": {"one"}}}, answers, query)
    other = compare({NOW_MS: {"capital-region": {"two"}}}, answers, query)
    assert same.differences == ()
    assert same.populated() == {"capital-region"}
    (found,) = other.differences
    assert (frozenset({"two"}), frozenset({"one"})) == (found.platform_only, found.duckdb_only)
