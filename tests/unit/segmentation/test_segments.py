"""A tenant's segments as a value."""

from __future__ import annotations

from segmentation_service.segments import (
    Draft,
    Outcome,
    Request,
    SegmentSet,
    State,
    ask_rebuild,
    create,
    delete,
    finish,
    update,
)

DRAFT = Draft("vip", {"ko": "단골"}, "count(purchase) >= 3", False, False)
OTHER = Draft("vip", {"ko": "단골"}, "count(purchase) >= 4", False, True)
NAMED = Draft("vip", {"ko": "VIP"}, "count(purchase) >= 3", True, True)
ONE, TWO, THREE = (Request(name, name) for name in ("one", "two", "three"))


def created() -> SegmentSet:
    """A set with one live segment."""
    return finish(create(SegmentSet("shop"), DRAFT, ONE, 10)[1], 1, 50)


def test_a_new_segment_is_computed_first() -> None:
    """It begins in BACKFILLING under the next version of the rules, and is live when done."""
    outcome, held, segment = create(SegmentSet("shop"), DRAFT, ONE, 10)
    assert segment is not None
    assert (Outcome.APPLIED, State.BACKFILLING, 1, 1) == (
        outcome,
        segment.state,
        segment.version,
        held.rules_version,
    )
    assert held.has_work()
    assert not finish(held, 1, 50).has_work()


def test_work_begun_later_is_not_finished_by_work_done_earlier() -> None:
    """A segment of a later version of the rules stays in BACKFILLING."""
    held = update(created(), OTHER, 1, TWO, 20)[1]
    assert State.BACKFILLING == finish(held, 1, 50).segments["vip"].state
    assert State.LIVE == finish(held, 2, 50).segments["vip"].state


def test_the_same_request_again_changes_nothing() -> None:
    """Whatever happened to the segment since."""
    held = update(created(), OTHER, 1, TWO, 20)[1]
    outcome, after, _ = create(held, DRAFT, ONE, 30)
    assert (Outcome.REPEATED, held) == (outcome, after)
    conflict, _, _ = create(held, DRAFT, Request("one", "other content"), 30)
    assert Outcome.REQUEST_CONFLICT == conflict


def test_a_new_name_leaves_the_rules_alone() -> None:
    """Only a change of the rule makes a new version of the rules."""
    outcome, held, segment = update(created(), NAMED, 1, TWO, 20)
    assert segment is not None
    assert (Outcome.APPLIED, 1, State.LIVE, 2) == (
        outcome,
        held.rules_version,
        segment.state,
        segment.version,
    )


def test_an_edit_of_an_unfinished_segment_is_still_its_first_backfill() -> None:
    """Members that were never announced are not differences between two rules."""
    fresh = create(SegmentSet("shop"), DRAFT, ONE, 10)[1]
    assert "BACKFILL" == update(fresh, OTHER, 1, TWO, 20)[1].segments["vip"].cause
    edited = update(created(), OTHER, 1, TWO, 20)[1].segments["vip"]
    assert ("RULE", True) == (edited.cause, edited.notify)


def test_expected_refusals_are_outcomes() -> None:
    """No exceptions for what clients do."""
    held = created()
    assert Outcome.EXISTS == create(held, DRAFT, TWO, 20)[0]
    assert Outcome.VERSION_CONFLICT == update(held, OTHER, 9, TWO, 20)[0]
    assert Outcome.NOT_FOUND == delete(held, "none", TWO, 20)[0]
    assert Outcome.NOT_FOUND == update(SegmentSet("shop"), OTHER, 1, TWO, 20)[0]


def test_a_deleted_segment_can_come_again() -> None:
    """Its id is taken until its members are let go; versions go on counting."""
    going = delete(created(), "vip", TWO, 20)[1]
    assert going.find("vip") is None
    assert Outcome.EXISTS == create(going, DRAFT, THREE, 30)[0]
    gone = finish(going, 2, 50)
    outcome, held, segment = create(gone, DRAFT, THREE, 30)
    assert segment is not None
    assert (Outcome.APPLIED, 3, 3) == (outcome, segment.version, held.rules_version)


def test_a_rebuild_is_a_new_version_of_the_same_rules() -> None:
    """So that every customer's state counts as outdated."""
    asked = ask_rebuild(created())
    assert (2, True) == (asked.rules_version, asked.has_work())
    assert not finish(asked, 2, 50).has_work()
