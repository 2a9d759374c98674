"""What a shop does next: first things first."""

from profile_service.actions import _KINDS, ActionKind, Missed, suggest
from segmentation_service.starter import STARTERS


def test_what_went_wrong_comes_before_who_hesitates_and_who_is_silent() -> None:
    """Within each by what they bought; tasks that are due before all; nobody makes no action."""
    missed = [
        Missed("dormant-for-a-year", 90, 9_000_000),
        Missed("left-in-the-cart", 5, 100),
        Missed("wished-for", 2, 200),
        Missed("two-stars-or-less", 1, 10),
        Missed("cancelled-at-once", 1, 20),
        Missed("came-once-and-left", 0, 0),
        Missed("our-own", 3, 10_000_000),
    ]
    actions = suggest(missed, 4)
    assert [
        (ActionKind.DO_TASKS, "", 4),
        (ActionKind.TALK, "cancelled-at-once", 1),
        (ActionKind.TALK, "two-stars-or-less", 1),
        (ActionKind.TELL_OF_PRODUCT, "wished-for", 2),
        (ActionKind.REMIND, "left-in-the-cart", 5),
        (ActionKind.OFFER, "our-own", 3),
        (ActionKind.OFFER, "dormant-for-a-year", 90),
    ] == [(one.action, one.kind, one.customer_count) for one in actions]
    assert all({"ko", "en"} == one.reasons.keys() for one in actions)


def test_a_quiet_day_has_nothing_to_do() -> None:
    """Neither tasks nor anybody missed."""
    assert [] == suggest([Missed("left-in-the-cart", 0, 0)], 0)


def test_every_ready_segment_at_risk_has_its_action() -> None:
    """A ready segment that is added has to be ranked; one that is renamed leaves nothing behind."""
    assert {one.starter_id for one in STARTERS if one.at_risk} <= set(_KINDS)
    assert set(_KINDS) <= {one.starter_id for one in STARTERS}
