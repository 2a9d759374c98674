"""Triggers as rules: that segmentation reads them, and that they mean what the trigger says."""

from __future__ import annotations

import pytest
from dangol_rules import rules
from hypothesis import given
from hypothesis import strategies as st
from offers_service import triggers
from offers_service.triggers import (
    BirthdayTrigger,
    ChangeKind,
    CouponEndingTrigger,
    DateTrigger,
    EventTrigger,
    OccasionKind,
    ProductNews,
    ProductTrigger,
    RuledTrigger,
    SegmentTrigger,
    TierMove,
    TierTrigger,
)
from segmentation_service.starter_known import BIRTHDAYS

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
SEGMENTS = st.one_of(st.just(""), st.from_regex(r"[a-z][a-z0-9-]{0,62}", fullmatch=True))
# Rules refuse what cannot be seen: besides these, marks that only change the character before.
WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters='"\\', exclude_categories=["C", "Z", "Mn"]),
    min_size=1,
    max_size=30,
)
RULED = st.one_of(
    st.builds(
        EventTrigger,
        st.from_regex(r"[a-z][a-z0-9_]{0,20}_happened", fullmatch=True),
        st.integers(1, 2 * 365 * 24 * 60).map(lambda minutes: minutes * 60_000),
        SEGMENTS,
    ),
    st.builds(BirthdayTrigger, st.integers(0, 60), SEGMENTS),
    st.integers(2, 365).flatmap(
        lambda days: st.builds(
            CouponEndingTrigger, WORDS, st.just(days), st.integers(1, min(days - 1, 90)), SEGMENTS
        )
    ),
    st.builds(TierTrigger, st.sampled_from(TierMove), NAMES | st.just(""), SEGMENTS),
    st.builds(
        ProductTrigger,
        st.sampled_from(ProductNews),
        st.lists(WORDS, max_size=5).map(tuple),
        st.lists(WORDS, max_size=5).map(tuple),
        st.just("vip"),
        st.integers(0, 30 * 24 * 60).map(lambda minutes: minutes * 60_000),
        SEGMENTS,
    ),
)


@given(RULED)
def test_every_trigger_is_a_rule_that_segmentation_reads(trigger: RuledTrigger) -> None:
    """Whatever the contract lets through is accepted by the parser of the rule language."""
    rule = triggers.rule_of(trigger)
    assert rule is not None
    assert rules.check(rules.parse(rule))


@pytest.mark.parametrize(
    ("trigger", "rule"),
    [
        (EventTrigger("purchase", DAY_MS), "since(purchase) >= 1440m"),
        (BirthdayTrigger(7), "birthday within 7d"),
        (BirthdayTrigger(0, "vip"), 'birthday within 0d and in segment("vip")'),
        (
            TierTrigger(TierMove.PROMOTED, "gold"),
            'count(tier_changed where properties.direction = "promoted"'
            ' and properties.to = "gold", 1440m) >= 1',
        ),
        (ProductTrigger(ProductNews.RESTOCKED), "count(restocked, 1440m) >= 1"),
        (
            ProductTrigger(ProductNews.PRICE_DROPPED, ("p1",), ("shoes",), "vip", HOUR_MS),
            'count(price_dropped where any item.product_id = "p1" or any item.category = "shoes",'
            " 1500m) >= 1",
        ),
    ],
)
def test_the_rule_says_what_the_trigger_says(trigger: RuledTrigger, rule: str) -> None:
    """Also that whoever waits for a head start is still a member when it is over."""
    assert rule == triggers.rule_of(trigger)


def test_what_is_watched() -> None:
    """A segment's own change, a segment of the campaign's, or nothing for a date."""
    left = SegmentTrigger("vip", ChangeKind.EXITED, 5)
    assert left == triggers.watched("win", left)
    own = SegmentTrigger("campaign-win", ChangeKind.ENTERED, 0)
    assert own == triggers.watched("win", BirthdayTrigger(7))
    waits = ProductTrigger(ProductNews.LAUNCHED, first_id="vip", head_start_ms=HOUR_MS)
    assert HOUR_MS == getattr(triggers.watched("win", waits), "delay_ms", None)
    assert "vip" == triggers.first_segment_id(waits)
    assert "" == triggers.first_segment_id(ProductTrigger(ProductNews.LAUNCHED, first_id="vip"))
    date = DateTrigger("vip", OccasionKind.YEARLY, "11-11")
    assert None is triggers.watched("win", date)
    assert None is triggers.watched("win", None)


@given(st.from_regex(r"[a-z][a-z0-9-]{0,62}", fullmatch=True))
def test_a_campaigns_own_segment_has_an_id_of_its_own(campaign_id: str) -> None:
    """Within the bounds of segments' ids, and the same each time."""
    segment_id = triggers.own_segment_id(campaign_id)
    assert len(segment_id) <= 63
    assert segment_id == triggers.own_segment_id(campaign_id)
    assert segment_id != triggers.own_segment_id(f"{campaign_id[:62]}x" * 2)


def test_a_birthday_coupon_near_its_end_is_the_ready_segments_rule() -> None:
    """The trigger says of any offer what the ready segment says of birthday coupons."""
    [ready] = [one for one in BIRTHDAYS if one.starter_id == "birthday-coupon-ending"]
    trigger = CouponEndingTrigger("birthday-coupon", valid_days=30, days_before=7)
    assert ready.template == triggers.rule_of(trigger)
