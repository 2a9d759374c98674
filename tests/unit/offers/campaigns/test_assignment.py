"""Arms: keyed, before everything else, independent of everything later."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offers_service import campaigns as rules
from offers_service.calendars import Occurrence
from offers_service.campaigns import (
    Campaign,
    CampaignState,
    Change,
    Circumstances,
    Enrolment,
    Stay,
    Variant,
    Waiting,
)
from offers_service.tasks import TaskAction
from offers_service.triggers import ChangeKind, SegmentTrigger
from scipy.stats import binom

KEY = bytes(range(32))
DAY_MS = 86_400_000
TASK = TaskAction((("en", "Call"),), "", DAY_MS)
BASE = Campaign(
    tenant_id="shop",
    campaign_id="win-back",
    display_names=(),
    trigger=SegmentTrigger("fading", ChangeKind.ENTERED, 0),
    control_basis_points=1500,
    variants=(Variant("a", 5, "one"), Variant("b", 3, "two"), Variant("c", 2, "", TASK)),
    conversion_window_ms=7 * DAY_MS,
    state=CampaignState.RUNNING,
    created_at_ms=0,
    launched_at_ms=1_000,
    running_since_ms=1_000,
)
CUSTOMERS = st.text(min_size=1, max_size=40)
# What may become of a campaign, and of the world around it, after it was made.
LATER = st.fixed_dictionaries(
    {
        "state": st.sampled_from(CampaignState),
        "created_at_ms": st.integers(0, 10**12),
        "launched_at_ms": st.none() | st.integers(0, 10**12),
        "running_since_ms": st.none() | st.integers(0, 10**12),
        "ended_at_ms": st.none() | st.integers(0, 10**12),
        "customer_cap": st.integers(0, 5),
        "outside_frequency_cap": st.booleans(),
        "conversion_window_ms": st.integers(1, 10**9),
        "next_occurrence": st.none() | st.builds(Occurrence, st.dates(), st.integers(0, 10**12)),
        "display_names": st.just((("ko", "다른 이름"),)),
        "trigger": st.sampled_from(
            [
                SegmentTrigger("vip", ChangeKind.EXITED, 5),
                SegmentTrigger("x", ChangeKind.ENTERED, 0),
            ]
        ),
    }
)


@given(CUSTOMERS, LATER)
def test_arms_are_independent_of_everything_that_happens_later(
    customer_id: str, later: dict[str, object]
) -> None:
    """Neither states nor times nor caps nor triggers move anybody to another arm."""
    changed = dataclasses.replace(BASE, **later)  # type: ignore[arg-type]
    assert rules.assign(KEY, BASE, customer_id) == rules.assign(KEY, changed, customer_id)


@given(
    CUSTOMERS,
    st.lists(
        st.tuples(
            st.integers(1, 9), st.integers(1_000, 10**9), st.integers(0, 10**9), st.booleans()
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_whatever_triggers_and_whenever_the_arm_is_the_same(
    customer_id: str, triggers: list[tuple[int, int, int, bool]]
) -> None:
    """Stints, times, clocks and deliveries in any order: one arm, one enrolment a stint."""
    made = []
    for stint, at_ms, now_ms, virtual in triggers:
        change = Change(
            "shop", customer_id, "fading", stint, ChangeKind.ENTERED, at_ms, True, False, 1, 1
        )
        made.append(rules.decide(KEY, BASE, change, Circumstances(now_ms, virtual)))
    assert all(isinstance(each, Enrolment) for each in made)
    enrolments = [each for each in made if isinstance(each, Enrolment)]
    assert 1 == len({each.arm for each in enrolments})
    ids = {each.enrolment_id for each in enrolments}
    assert len({each.stint for each in enrolments}) == len(ids)


@given(CUSTOMERS, st.integers(0, 5000), st.integers(0, 5000))
def test_the_holdout_grows_and_shrinks_at_its_edge(customer_id: str, one: int, two: int) -> None:
    """Who is held out at a share is so at every larger one, whatever the campaign."""
    small, large = sorted((one, two))
    if rules.held_out(KEY, customer_id, small):
        assert rules.held_out(KEY, customer_id, large)
    others = [dataclasses.replace(BASE, campaign_id=name) for name in ("x", "y", "z")]
    arms = [rules.assign(KEY, campaign, customer_id, large) for campaign in (BASE, *others)]
    assert {rules.held_out(KEY, customer_id, large)} == {arm.holdout for arm in arms}


@given(CUSTOMERS, st.integers(0, 5000))
def test_a_holdout_takes_from_every_arm_and_moves_nobody_between_them(
    customer_id: str, share: int
) -> None:
    """With it or without, those not held out keep their arm."""
    arm = rules.assign(KEY, BASE, customer_id, share)
    assert arm.holdout or arm == rules.assign(KEY, BASE, customer_id)
    assert not (arm.holdout and arm.control)


@pytest.mark.parametrize("name", ["win-back", "birthday", "chuseok-2026", "z"])
def test_shares_lie_within_binomial_bounds(name: str) -> None:
    """Of 50,000 customers each arm has a size that chance leaves out once in a billion times."""
    campaign = dataclasses.replace(BASE, campaign_id=name)
    count = 50_000
    arms = [rules.enrol(KEY, campaign, Stay(f"c-{n}", "s", 1), 0, 1000).arm for n in range(count)]
    sizes = Counter(arms)
    shares = {"holdout": 0.1, "control": 0.9 * 0.15}
    shares |= {
        variant: 0.9 * 0.85 * weight for variant, weight in (("a", 0.5), ("b", 0.3), ("c", 0.2))
    }
    assert set(shares) == set(sizes)
    for arm, share in shares.items():
        lower, upper = binom.ppf([0.5e-9, 1 - 0.5e-9], count, share)
        assert lower <= sizes[arm] <= upper


def test_arms_of_two_campaigns_and_the_holdout_are_independent() -> None:
    """Knowing one draw says nothing about another: the joint counts are the products."""
    other = dataclasses.replace(BASE, campaign_id="other", control_basis_points=4000)
    count = 40_000
    both = sum(
        rules.assign(KEY, BASE, f"c-{n}").control and rules.assign(KEY, other, f"c-{n}").control
        for n in range(count)
    )
    held = sum(
        rules.assign(KEY, BASE, f"c-{n}").control and rules.held_out(KEY, f"c-{n}", 2000)
        for n in range(count)
    )
    for found, share in ((both, 0.15 * 0.4), (held, 0.15 * 0.2)):
        lower, upper = binom.ppf([0.5e-9, 1 - 0.5e-9], count, share)
        assert lower <= found <= upper


def test_the_first_act_at_once_and_the_others_wait() -> None:
    """A head start makes everybody wait but those who need not."""
    waits = dataclasses.replace(BASE, trigger=SegmentTrigger("news", ChangeKind.ENTERED, DAY_MS))
    change = Change("shop", "c-1", "news", 1, ChangeKind.ENTERED, 5_000, True, False, 1, 1)
    at_once = rules.decide(KEY, waits, change, Circumstances(0, True, first=True))
    later = rules.decide(KEY, waits, change, Circumstances(0, True))
    assert isinstance(at_once, Enrolment)
    assert isinstance(later, Waiting)
    assert (5_000, at_once.enrolment_id) == (at_once.triggered_at_ms, later.enrolment_id)
    assert 5_000 + DAY_MS == later.due_ms


def test_control_and_holdout_have_their_trigger_recorded_and_nothing_to_get() -> None:
    """Variant and offer stay empty, the time is there."""
    arms = {}
    for number in range(2_000):
        made = rules.enrol(KEY, BASE, Stay(f"c-{number}", "fading", 1), 77, 1000)
        arms[made.arm] = made
    for name in ("control", "holdout"):
        made = arms[name]
        assert ("", "", 77, False) == (
            made.variant_id,
            made.offer_id,
            made.triggered_at_ms,
            made.treated,
        )
