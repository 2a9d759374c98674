"""A tenant's segments as a value."""

from __future__ import annotations

from segmentation_service.segments import (
    SEGMENTS_MAX,
    Copy,
    Draft,
    Outcome,
    Request,
    SegmentSet,
    State,
    ask_rebuild,
    copy,
    create,
    delete,
    finish,
    install,
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


def test_several_are_installed_in_one_change() -> None:
    """One version of the rules for all, and those there already stay as they are."""
    held = created()
    drafts = [OTHER, *(Draft(name, {}, "count(visit) >= 1", True, False) for name in "ab")]
    outcome, after, done = install(held, drafts, TWO, 20)
    assert (Outcome.APPLIED, ("a", "b"), ("vip",)) == (outcome, done.installed, done.kept)
    assert (held.rules_version + 1, held.segments["vip"]) == (
        after.rules_version,
        after.segments["vip"],
    )
    assert {after.rules_version} == {after.segments[name].rules_version for name in "ab"}
    gone = finish(delete(after, "a", THREE, 30)[1], 9, 50)
    assert (Outcome.REPEATED, gone, done) == install(gone, drafts, TWO, 40)
    conflict = Request(TWO.request_id, "other content")
    assert Outcome.REQUEST_CONFLICT == install(gone, drafts, conflict, 40)[0]


def test_nothing_is_installed_halfway() -> None:
    """Where one of them is just being deleted, or there is no room for all, none is."""
    going = delete(created(), "vip", TWO, 20)[1]
    drafts = [DRAFT, Draft("a", {}, "count(visit) >= 1", True, False)]
    outcome, after, _ = install(going, drafts, THREE, 30)
    assert (Outcome.EXISTS, going) == (outcome, after)
    many = [Draft(f"s{number}", {}, "profile.member", False, False) for number in range(500)]
    assert SEGMENTS_MAX == len(many)
    outcome, after, _ = install(created(), many, THREE, 30)
    assert (Outcome.TOO_MANY, created()) == (outcome, after)


def test_a_copy_is_a_segment_of_its_own() -> None:
    """With the rule and words of its source, which may then go."""
    wanted = Copy("vip", "mine", {}, True)
    outcome, held, segment = copy(created(), wanted, TWO, 20)
    assert segment is not None
    assert (Outcome.APPLIED, DRAFT.rule, DRAFT.display_names, State.BACKFILLING, True) == (
        outcome,
        segment.rule,
        segment.display_names,
        segment.state,
        segment.notify,
    )
    gone = delete(held, "vip", THREE, 30)[1]
    assert Outcome.REPEATED == copy(gone, wanted, TWO, 40)[0]
    assert Outcome.NOT_FOUND == copy(gone, Copy("vip", "other", {}, True), TWO, 40)[0]
