"""The log of consent as values: what is newest, what holds, what is refused."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from profile_service.consents import (
    CONSENTS_MAX,
    ConsentEntry,
    ConsentRecord,
    Decision,
    first_ahead,
    first_repeated,
    granted,
    newest,
    record_ms,
    too_many,
)
from profile_service.domain import Customer, take_consents
from profile_service.encoding import to_snapshot
from profile_service.survivorship import absorb

ENTRY = ConsentEntry("marketing", "email", True, 500, "sign-up form", "privacy-7")
RECORD = ConsentRecord("shop", b"key", b"print", "u_1", 900, "admin:kim", (ENTRY,))
CUSTOMER = Customer("shop", "u_1", 3, 1000, member=True)

_decisions = st.dictionaries(
    st.sampled_from(["marketing.email", "marketing.sms", "profiling.push"]),
    st.builds(Decision, st.booleans(), st.integers(1, 3), st.integers(1, 3)),
)


@given(_decisions, _decisions, _decisions)
def test_the_newest_are_the_same_in_any_order_and_however_often(
    one: dict[str, Decision], two: dict[str, Decision], three: dict[str, Decision]
) -> None:
    """So a record may be applied twice, and merged logs need no more than being taken together."""
    expected = newest(newest(one, two), three)
    assert expected == newest(three, newest(two, one))
    assert expected == newest(expected, newest(one, one))


def test_the_time_of_deciding_counts_before_the_order_of_writing() -> None:
    """A grant that comes late does not overrule a newer withdrawal."""
    withdrawn = {"marketing.email": Decision(False, 700, 800)}
    late = {"marketing.email": Decision(True, 600, 900)}
    assert withdrawn == newest(withdrawn, late)


def test_of_equal_times_the_later_written_counts_and_of_equal_writings_the_withdrawal() -> None:
    """Where nothing tells two decisions apart, nobody gets mail they may not want."""
    first, second = Decision(False, 700, 800), Decision(True, 700, 801)
    twin = Decision(False, 700, 801)
    assert {"x": second} == newest({"x": first}, {"x": second})
    assert {"x": twin} == newest({"x": second}, {"x": twin})


def test_only_what_is_granted_holds_and_it_is_told_in_order() -> None:
    """The snapshot for segmentation has the same names."""
    decisions = {
        "profiling.push": Decision(True, 1, 1),
        "marketing.sms": Decision(False, 1, 1),
        "marketing.email": Decision(True, 1, 1),
    }
    assert ["marketing.email", "profiling.push"] == granted(decisions)
    snapshot = to_snapshot(replace(CUSTOMER, consents=decisions))
    assert ["marketing.email", "profiling.push"] == list(snapshot.consents)


def test_a_decision_without_a_time_was_made_when_it_was_written() -> None:
    """One with a time keeps it."""
    now = replace(ENTRY, channel="sms", decided_ms=None)
    record = replace(RECORD, entries=(ENTRY, now))
    assert {
        "marketing.email": Decision(True, 500, 900),
        "marketing.sms": Decision(True, 900, 900),
    } == record.decisions()


def test_a_log_never_goes_back() -> None:
    """Whatever the clock of the replica that writes, and whatever time the client named."""
    known = {"marketing.email": Decision(True, 500, 2000)}
    assert [2001, 3000, 1500] == [
        record_ms(1500, known, [ENTRY]),
        record_ms(3000, known, [ENTRY]),
        record_ms(900, {}, [replace(ENTRY, decided_ms=1500)]),
    ]


def test_bad_entries_are_found_by_position() -> None:
    """A purpose and channel twice, and a time that has not come."""
    again = replace(ENTRY, granted=False)
    assert [None, 1] == [first_repeated([ENTRY]), first_repeated([ENTRY, again])]
    assert [None, 0] == [first_ahead([ENTRY], 500), first_ahead([ENTRY], 499)]


def test_a_customer_decides_on_a_bounded_number_of_things() -> None:
    """A decision on what is known already is always taken."""
    known = {f"p{number}.email": Decision(True, 1, 1) for number in range(CONSENTS_MAX)}
    another = replace(ENTRY, purpose="p0")
    assert [False, True] == [too_many(known, [another]), too_many(known, [ENTRY])]


def test_taking_what_is_held_already_changes_nothing() -> None:
    """Otherwise the version grows by one."""
    changed = take_consents(CUSTOMER, RECORD.decisions())
    assert (4, ["marketing.email"]) == (changed.version, granted(changed.consents))
    assert changed is take_consents(changed, RECORD.decisions())


def test_a_merge_takes_the_newest_of_both_and_the_earlier_creation() -> None:
    """Again when the source has got more since, as a merge into a source under way brings."""
    target = take_consents(CUSTOMER, {"a.x": Decision(True, 5, 5), "b.x": Decision(True, 5, 5)})
    source = Customer("shop", "u_2", 1, 400, member=False)
    source = take_consents(source, {"a.x": Decision(False, 6, 6), "b.x": Decision(False, 4, 9)})
    merged = absorb(target, source)
    assert (["b.x"], 400, target.version + 1) == (
        granted(merged.consents),
        to_snapshot(merged).create_time.ToMilliseconds(),
        merged.version,
    )
    assert merged is absorb(merged, source)
    more = replace(source, created_ms=300, consents={"c.x": Decision(True, 7, 7)})
    again = absorb(merged, more)
    assert (["b.x", "c.x"], 300, merged.version + 1) == (
        granted(again.consents),
        again.created_ms,
        again.version,
    )
