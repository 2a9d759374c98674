"""Which time a request is given, and where the clock stops on its way there."""

from offers_service.sandbox_steps import (
    SPAN_MAX_MS,
    StepBook,
    StepOutcome,
    Wanted,
    plan,
    stop_before,
)


def by(name: str, by_ms: int, content: str = "") -> Wanted:
    """So far on."""
    return Wanted(name, content.encode(), by_ms=by_ms)


def to(name: str, to_ms: int) -> Wanted:
    """To an instant."""
    return Wanted(name, b"", to_ms=to_ms)


def test_steps_follow_each_other_whoever_is_first_to_take_them() -> None:
    """Each begins where the one before it ends, though the clock has not come there yet."""
    first = plan(StepBook("s"), by("a", 10), 100)
    assert (StepOutcome.PLANNED, 110) == (first.outcome, first.target_ms)
    assert first.book is not None
    second = plan(first.book, by("b", 10), 100)
    assert 120 == second.target_ms
    assert second.book is not None
    assert 110 == plan(second.book, by("a", 10), 120).target_ms
    assert StepOutcome.REPEATED is plan(second.book, by("a", 10), 120).outcome
    assert StepOutcome.REQUEST_CONFLICT is plan(second.book, by("a", 10, "x"), 120).outcome
    assert 510 == plan(second.book, by("c", 10), 500).target_ms


def test_a_clock_goes_forward_and_not_too_far() -> None:
    """To where it stands is a step too: it lets everything come to rest."""
    assert StepOutcome.PLANNED is plan(StepBook("s"), to("a", 100), 100).outcome
    assert StepOutcome.BACKWARDS is plan(StepBook("s"), to("a", 99), 100).outcome
    assert StepOutcome.BACKWARDS is plan(StepBook("s", 1, 200), to("a", 150), 100).outcome
    assert StepOutcome.PLANNED is plan(StepBook("s"), by("a", SPAN_MAX_MS), 100).outcome
    assert StepOutcome.TOO_FAR is plan(StepBook("s"), to("a", 101 + SPAN_MAX_MS), 100).outcome


def test_the_clock_stops_at_what_is_due_first() -> None:
    """Never behind its target, never before its time, and not for ever."""
    assert 150 == stop_before(200, 100, 150, 5)
    assert 200 == stop_before(200, 100, 250, 5)
    assert 200 == stop_before(200, 100, None, 5)
    assert 100 == stop_before(200, 100, 50, 5)
    assert 200 == stop_before(200, 100, 150, 0)
