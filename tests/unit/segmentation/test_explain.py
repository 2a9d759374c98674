"""Why a customer is in a segment or not, part by part."""

from __future__ import annotations

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from segmentation_service.engine import Explained, explain

from tests.unit.segmentation.customer import DAY, HOUR, MINUTE, T0, Customer, value_of


def explained(one: Customer, now_ms: int, segment_id: str = "a") -> Explained:
    """The explanation at now_ms after T0."""
    return explain(one.ruleset, one.state, segment_id, T0 + now_ms)


def test_every_part_says_its_value_its_truth_and_its_next_flip() -> None:
    """Bought once, five minutes ago: two conditions, one of them soon over."""
    one = Customer("count(purchase, 1d) >= 1 and not since(login) < 365d")
    one.does("purchase", 0)
    expected = Explained(
        text="count(purchase, 1d) >= 1 and not since(login) < 365d",
        holds=True,
        value="",
        next_flip_ms=T0 + DAY,
        children=(
            Explained("count(purchase, 1d) >= 1", True, "1", T0 + DAY),
            Explained(
                "not since(login) < 365d",
                True,
                "",
                None,
                (Explained("since(login) < 365d", False, "none", None),),
            ),
        ),
    )
    assert expected == explained(one, 5 * MINUTE)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("count(a, 90d) >= 5", "3"),
        ("count(a) >= 1", "at least 2"),
        ("count(a, 1h) >= 1", "0"),
        ("count(a, from 5h to 1h) = 3", "3"),
        ("distinct(a.session_id, 90d) >= 5", "2"),
        ("distinct(a.session_id, from 5h to 1h) = 2", "2"),
        ("sum(a.amount, 90d) >= 1", "6.5"),
        ("sum(a.amount) >= 1", "6.5"),
        ("avg(a.amount) >= 1", "2.166667"),
        ("min(b.amount) >= 1", "none"),
        ("since(a) >= 1d", "1h 57m"),
        ("last(a) > last(b)", "2023-11-14T22:16:20.000Z"),
        ("first(b) = last(b)", "none"),
        (
            "unanswered(a, b by session_id, 1h, 3h)",
            "2 open: y until 2023-11-15T01:15:20.000Z, x until 2023-11-15T01:16:20.000Z",
        ),
        ("unanswered(a, b by session_id, 1h, 118m)", "1 open: x until 2023-11-15T00:14:20.000Z"),
        ("unanswered(b, a by session_id, 1h, 3h)", "0 open"),
        ("count(a) >= 0", "at least 0"),
        ("distinct(a.session_id, 1d) < 0", "at least 0"),
        ("count(a, 1h) < count(a, from 5h to 1h)", "0"),
        ("sum(b.amount, 1d) = 0", "0"),
        ("distinct(a.item.category, 90d) >= 5", "0"),
        ("since(first(a)) > 1d", "1h 59m"),
        ("since(b) > 1d", "none"),
        ("consent.email", "true"),
        ("consent.profiling.sms", "false"),
        ('field("size") in ("x", "y")', "none"),
        ('"golf" in profile.tags', "false"),
        ("anniversary within 7d", "2024-11-15"),
        ('profile.tier = "gold"', "silver"),
        ('profile.region = "x"', "none"),
        ('profile.tier in ("gold", "vip")', "silver"),
        ("profile.member", "false"),
        ('field("size") >= 42', "41.5"),
        ('field("club")', "true"),
        ('"running" in profile.tags', "true"),
        ("birthday within 7d", "2023-12-25"),
    ],
)
def test_a_leaf_says_what_its_left_side_comes_to(rule: str, value: str) -> None:
    """Three events a minute apart, two hours ago."""
    profile = ProfileSnapshot(
        tier="silver",
        tags=["running"],
        birthday="12-25",
        consents=["marketing.email"],
        fields={"size": value_of("#41.5"), "club": value_of(True)},
    )
    profile.create_time.FromMilliseconds(T0)
    one = Customer(rule, exponent=2, profile=profile)
    for number, session_id in ((1, "x"), (2, "y"), (3, "x")):
        amount = (100, 200, 350)[number - 1]
        one.does("a", number * MINUTE, session_id=session_id, amount=amount)
    assert value == explained(one, 2 * HOUR).value


def test_an_inner_segment_is_explained_too() -> None:
    """Its rule stands below."""
    one = Customer("count(a) >= 1", 'not in segment("a")')
    one.take()
    inner = explained(one, 0, "b").children[0].children[0]
    assert ("count(a) >= 1", False) == (inner.text, inner.holds)


def test_an_unknown_segment_is_a_key_error() -> None:
    """The caller knows its segments."""
    with pytest.raises(KeyError):
        explained(Customer("count(a) >= 1"), 0, "zzz")
