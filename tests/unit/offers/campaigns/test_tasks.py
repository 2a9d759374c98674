"""Tasks for staff, step by step."""

from __future__ import annotations

from offers_service import tasks as rules
from offers_service.tasks import Step, Task, TaskOutcome, TaskState, Write

CALL = Task(
    task_id="t_1",
    campaign_id="quiet",
    variant_id="call",
    enrolment_id="e_1",
    customer_id="c-1",
    store_id="s-1",
    titles=(("ko", "전화하기"),),
    created_at_ms=0,
    due_at_ms=100,
)


def write(
    request_id: str, text: str = "", state: TaskState | None = None, *, print_: str = ""
) -> Write:
    """A request of ann's at 50 ms."""
    return Write(Step(request_id, print_ or f"{text}{state}"), "staff:ann", 50, text, state)


def test_a_task_is_closed_once() -> None:
    """Who, when and what with; a second closing changes nothing."""
    outcome, done = rules.apply(CALL, write("r1", "she comes on Friday", TaskState.DONE))
    assert TaskOutcome.APPLIED is outcome
    assert done is not None
    assert (TaskState.DONE, 50, "staff:ann") == (done.state, done.closed_at_ms, done.closed_by)
    assert ["she comes on Friday"] == [note.text for note in done.notes]
    again = rules.apply(done, write("r2", "", TaskState.DISMISSED))
    assert (TaskOutcome.ALREADY_CLOSED, done) == again


def test_a_repeated_request_answers_alike_and_other_content_is_refused() -> None:
    """Also after the task went on."""
    _, noted = rules.apply(CALL, write("r1", "no answer"))
    assert noted is not None
    assert (TaskOutcome.APPLIED, noted) == rules.apply(noted, write("r1", "no answer"))
    assert TaskOutcome.REQUEST_CONFLICT is rules.apply(noted, write("r1", "busy"))[0]


def test_notes_are_bounded_and_come_after_closing_too() -> None:
    """Fifty, then no more."""
    task = CALL
    for number in range(rules.NOTES_MAX):
        _, after = rules.apply(task, write(f"r{number}", f"note {number}"))
        assert after is not None
        task = after
    assert TaskOutcome.TOO_MANY_NOTES is rules.apply(task, write("last", "one more"))[0]
    _, closed = rules.apply(CALL, write("r1", "", TaskState.DONE))
    assert TaskOutcome.APPLIED is rules.apply(closed, write("r2", "called back"))[0]


def test_there_is_no_task() -> None:
    """Nothing to write to."""
    assert (TaskOutcome.NOT_FOUND, None) == rules.apply(None, write("r1", "hello"))


def test_an_enrolment_has_one_task() -> None:
    """The id follows from the enrolment."""
    assert rules.task_id("e_1") == rules.task_id("e_1") != rules.task_id("e_2")
