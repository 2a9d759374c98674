"""The starter kit: every rule runs, and lets in and keeps out whom its words say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules.rules import format, parse, warnings
from segmentation_service.starter import STARTERS, Starter
from segmentation_service.starter_page import starter_page

from tests.unit.segmentation.customer import DAY, HOUR, MINUTE, Customer

PAGE = Path(__file__).parents[3] / "docs" / "segments.md"
STORE = 3
BY_ID = {one.starter_id: one for one in STARTERS}

# An event: days after the customer became known, its type and what it carries.
Did = tuple[float, str, dict[str, Any]]
# A story: what happened, the day on which is asked, and whether she is a member then.
Story = tuple[list[Did], float, bool]


def did(day: float, event_type: str, **content: Any) -> Did:
    """One event."""
    return day, event_type, content


def bought(*days: float, **content: Any) -> list[Did]:
    """Purchases on these days."""
    return [did(day, "purchase", **content) for day in days]


def visited(count: int, **content: Any) -> list[Did]:
    """Visits a day apart, each a session of its own unless said otherwise."""
    return [
        did(day, "visit", **({"session_id": f"s{day}"} | content)) for day in range(1, count + 1)
    ]


def viewed(count: int) -> list[Did]:
    """Views of so many different products."""
    return [did(day / 10, "product_view", items=[(f"p{day}", "", 1, 1)]) for day in range(count)]


def coupon(day: float, event_type: str, offer: str = "birthday-coupon") -> Did:
    """Something that befell the coupon c1."""
    return did(day, event_type, properties={"offer_id": offer, "coupon_id": "c1"})


def wished(product: str, day: float, event_type: str = "wishlist") -> Did:
    """A product wished for, or bought."""
    return did(day, event_type, items=[(product, "", 1, 1)])


def scored(**numbers: str) -> ProfileSnapshot:
    """Somebody of whom the daily job has found this."""
    snapshot = ProfileSnapshot()
    for name, number in numbers.items():
        snapshot.fields[name].number = number
    return snapshot


STORIES: dict[str, list[Story]] = {
    "cancelled-at-once": [
        ([*bought(1), did(1.01, "cancel")], 1.5, True),
        ([*bought(1), did(1.01, "cancel")], 2, False),
        ([*bought(1), did(1.01, "cancel"), *bought(1.02)], 1.5, False),
        (bought(1), 1.5, False),
    ],
    "returned-after-delivery": [
        ([*bought(1), did(3, "delivered"), did(5, "return")], 34, True),
        ([*bought(1), did(3, "delivered"), did(5, "return")], 35, False),
        ([*bought(1), did(3, "delivered"), did(5, "return"), did(9, "delivered")], 10, False),
        ([*bought(1), did(5, "return")], 6, False),
    ],
    "paid-but-out-of-stock": [
        ([*bought(1, order_id="o"), did(2, "out_of_stock", order_id="o")], 3, True),
        ([*bought(1, order_id="o"), did(2, "out_of_stock")], 3, False),
        ([*bought(1), did(2, "out_of_stock", order_id="o"), *bought(4)], 5, False),
        ([*bought(1), did(2, "out_of_stock", order_id="o")], 32, False),
    ],
    "left-in-the-cart": [
        ([did(1, "cart_add", cart_id="c")], 1 + 30 * MINUTE / DAY, True),
        ([did(1, "cart_add", cart_id="c")], 1 + 29 * MINUTE / DAY, False),
        ([did(1, "cart_add", cart_id="c"), *bought(1.01, cart_id="c")], 2, False),
        ([did(1, "cart_add", cart_id="c"), *bought(1.01, cart_id="d")], 2, True),
        ([did(1, "cart_add", cart_id="c")], 8, False),
    ],
    "two-stars-or-less": [
        ([did(1, "review", rating=2)], 2, True),
        ([did(1, "review", rating=3)], 2, False),
        ([did(1, "review", rating=1)], 91, False),
    ],
    "five-visits-no-order": [
        (visited(15), 16, True),
        (visited(14), 16, False),
        (visited(15, session_id="one"), 16, False),
        ([*visited(15), *bought(15.5)], 16, False),
    ],
    "dormant-for-a-year": [
        (bought(1), 366, True),
        (bought(1), 365, False),
        ([*bought(1), did(100, "visit")], 400, False),
        ([*bought(1), did(100, "login")], 400, False),
        ([*bought(1), did(100, "store_visit")], 400, False),
        ([did(1, "visit")], 400, False),
    ],
    "about-to-be-dormant": [
        (bought(1), 301, True),
        (bought(1), 300.9, False),
        (bought(1), 366, False),
        ([*bought(1), did(100, "visit")], 400, True),
        ([*bought(1), did(100, "visit")], 465, False),
        ([did(1, "visit")], 310, False),
    ],
    "monthly-a-year-ago": [
        (bought(1, 31, 61), 441, True),
        (bought(1, 31), 441, False),
        (bought(1, 2, 3), 441, False),
        ([*bought(1, 31, 61), *bought(400)], 441, False),
    ],
    "looked-at-everything": [
        (viewed(20), 3, True),
        (viewed(19), 3, False),
        ([*viewed(20), *bought(2)], 3, False),
        (viewed(20), 32, False),
    ],
    "cart-that-grows": [
        ([did(day, "cart_add") for day in (1, 31, 61)], 90, True),
        ([did(day, "cart_add") for day in (1, 2, 61)], 90, False),
        ([*(did(day, "cart_add") for day in (1, 31, 61)), *bought(70)], 90, False),
    ],
    "came-once-and-left": [
        (visited(1), 15, True),
        (visited(1), 14.9, False),
        (visited(2), 20, False),
        ([*visited(1), *bought(2)], 20, False),
        (visited(1), 91, False),
    ],
    "wished-for": [
        ([wished("p", 1)], 2, True),
        ([wished("p", 1)], 1.9, False),
        ([wished("p", 1), wished("p", 3, "purchase")], 4, False),
        ([wished("p", 1), wished("q", 3, "purchase")], 4, True),
        ([wished("p", 1)], 61, False),
    ],
    "big-spenders": [
        (bought(1, 2, amount=500_000), 3, True),
        (bought(1, 2, amount=499_999), 3, False),
        (bought(1, 2, amount=500_000), 366, False),
    ],
    "frequent-buyers": [
        (bought(1, 2, 3, 4, 5, 6), 7, True),
        (bought(1, 2, 3, 4, 5), 7, False),
        (bought(1, 2, 3, 4, 5, 6), 91, False),
    ],
    "champions": [
        (bought(*range(1, 9), amount=100_000), 9, True),
        (bought(*range(1, 9), amount=99_999), 9, False),
        (bought(*range(1, 8), amount=200_000), 9, False),
        (bought(*range(1, 9), amount=100_000), 38, False),
    ],
    "vip-just-reached": [
        (bought(1, 20, amount=500_000), 26.9, True),
        (bought(1, 20, amount=500_000), 27, False),
        (bought(1, 20, amount=400_000), 21, False),
        (bought(1, 20, 30, amount=500_000), 31, False),
    ],
    "vip-slipping-away": [
        (bought(1, amount=1_000_000), 61, True),
        (bought(1, amount=1_000_000), 60.9, False),
        ([*bought(1, amount=1_000_000), *bought(50)], 61, False),
        (bought(1, amount=999_999), 61, False),
    ],
    "fans": [
        ([*bought(1, 2), *(did(day, "review", rating=4) for day in (3, 4))], 5, True),
        ([*bought(1), *(did(day, "review", rating=5) for day in (3, 4))], 5, False),
        ([*bought(1, 2), did(3, "review", rating=5), did(4, "review", rating=3)], 5, False),
        ([*bought(1, 2), *(did(day, "review", rating=day) for day in (2, 4, 5))], 6, False),
    ],
    "birthday-coupon-ending": [
        ([coupon(1, "coupon_issued")], 24, True),
        ([coupon(1, "coupon_issued")], 23.9, False),
        ([coupon(1, "coupon_issued")], 31, False),
        ([coupon(1, "coupon_issued", offer="another")], 24, False),
        ([coupon(1, "coupon_issued"), coupon(5, "coupon_redeemed")], 24, False),
        ([coupon(1, "coupon_issued"), coupon(5, "gift_sent")], 24, False),
        (
            [coupon(1, "coupon_issued"), coupon(5, "gift_sent"), coupon(8, "gift_returned")],
            24,
            True,
        ),
    ],
    "one-branch-regulars": [
        (bought(1, 2, 3, channel=STORE, store_id="a"), 4, True),
        (bought(1, 2, channel=STORE, store_id="a"), 4, False),
        (bought(1, 2, 3, store_id="a"), 4, False),
        (
            [
                *bought(1, 2, 3, channel=STORE, store_id="a"),
                *bought(4, channel=STORE, store_id="b"),
            ],
            5,
            False,
        ),
    ],
    "in-store-no-account": [
        ([did(1, "store_visit")], 2, True),
        (bought(1, channel=STORE), 2, True),
        (bought(1), 2, False),
        ([did(1, "store_visit"), did(2, "login")], 3, False),
        ([did(1, "store_visit")], 91, False),
    ],
}
# She is known since 15 November 2023.
PROFILES: dict[str, list[tuple[ProfileSnapshot, float, bool]]] = {
    "birthday-soon": [
        (ProfileSnapshot(birthday="12-25"), 33, True),
        (ProfileSnapshot(birthday="12-25"), 32, False),
        (ProfileSnapshot(birthday="12-25"), 41, False),
        (ProfileSnapshot(), 33, False),
    ],
    "top-fifth-of-revenue": [
        (scored(revenue_rank="0.1999"), 1, True),
        (scored(revenue_rank="0.2"), 1, False),
        (ProfileSnapshot(), 1, False),
    ],
    "best-by-rfm": [
        (scored(rfm_recency="4", rfm_frequency="5", rfm_money="4"), 1, True),
        (scored(rfm_recency="3", rfm_frequency="5", rfm_money="5"), 1, False),
        (scored(rfm_recency="5", rfm_frequency="5"), 1, False),
    ],
    "capital-region": [
        (ProfileSnapshot(region="incheon"), 1, True),
        (ProfileSnapshot(region="busan"), 1, False),
        (ProfileSnapshot(), 1, False),
    ],
}


def is_member(starter: Starter, story: list[Did], day: float, profile: ProfileSnapshot) -> bool:
    """Whether she is a member on that day after this story."""
    one = Customer(starter.rule("KRW"), profile=profile)
    one.take()
    for at_day, event_type, content in story:
        one.does(event_type, round(at_day * DAY), **content)
    one.waits(round(day * DAY))
    return "a" in one.segments()


def test_there_are_26_for_every_kind_of_customer() -> None:
    """Ids are unique, and each of the five groups has some."""
    assert len({one.starter_id for one in STARTERS}) == len(STARTERS) == 26
    assert {"B1", "B2", "B3", "B4", "B5"} == {row for one in STARTERS for row in one.covers}


@pytest.mark.parametrize("starter", STARTERS, ids=BY_ID)
@pytest.mark.parametrize("currency_code", ["KRW", "USD", "JPY", "GBP"])
def test_a_rule_is_canonical_in_every_currency(starter: Starter, currency_code: str) -> None:
    """It parses to itself, names built-in events alone, and leaves no amount open."""
    text = starter.rule(currency_code)
    assert text == format(parse(text))
    assert [] == list(warnings(parse(text)))
    assert "$" not in text


@pytest.mark.parametrize("starter", STARTERS, ids=BY_ID)
def test_words_are_there_in_both_languages(starter: Starter) -> None:
    """A name and a reason in Korean and in English, short enough for the service."""
    assert {"ko", "en"} == set(starter.names) == set(starter.why)
    assert all(0 < len(text) <= 500 for text in (*starter.names.values(), *starter.why.values()))
    for words in (starter.names, starter.why):
        assert any("가" <= letter <= "힣" for letter in words["ko"])
        assert words["en"].isascii()


def test_amounts_follow_the_currency() -> None:
    """A million won, a thousand dollars, a hundred thousand yen."""
    rules = [BY_ID["big-spenders"].rule(code) for code in ("KRW", "USD", "JPY")]
    assert [
        "sum(purchase.amount, 365d) >= 1000000",
        "sum(purchase.amount, 365d) >= 1000",
        "sum(purchase.amount, 365d) >= 100000",
    ] == rules


def test_every_segment_has_a_story_in_and_one_out() -> None:
    """Nobody is left without."""
    outcomes = {(name, story[-1]) for name, told in STORIES.items() for story in told}
    outcomes |= {(name, story[-1]) for name, told in PROFILES.items() for story in told}
    assert {(name, member) for name in BY_ID for member in (True, False)} == outcomes


@pytest.mark.parametrize(
    ("starter_id", "story", "day", "expected"),
    [(name, *story) for name, stories in STORIES.items() for story in stories],
)
def test_a_story_of_a_segment_is_true(
    starter_id: str, story: list[Did], day: float, expected: bool
) -> None:
    """What she did puts her in, or keeps her out."""
    assert expected == is_member(BY_ID[starter_id], story, day, ProfileSnapshot())


@pytest.mark.parametrize(
    ("starter_id", "profile", "day", "expected"),
    [(name, *story) for name, stories in PROFILES.items() for story in stories],
)
def test_who_she_is_puts_her_in_or_keeps_her_out(
    starter_id: str, profile: ProfileSnapshot, day: float, expected: bool
) -> None:
    """Birthdays and regions."""
    assert expected == is_member(BY_ID[starter_id], [], day, profile)


def test_a_member_who_comes_to_the_store_has_an_account() -> None:
    """In-store visitors without an online account are no members."""
    starter = BY_ID["in-store-no-account"]
    visit = did(HOUR / DAY, "store_visit")
    assert not is_member(starter, [visit], 1, ProfileSnapshot(member=True))


def test_the_page_is_what_the_kit_says() -> None:
    """docs/segments.md is generated; run `make docs`."""
    assert starter_page() == PAGE.read_text(encoding="utf-8")
