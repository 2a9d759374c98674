"""When consent to advertising has to be confirmed again."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_service.consents import ConsentEntry, ConsentRecord, Decision, granted, newest
from profile_service.notices import parse_reference
from profile_service.renewals import due_ms, due_of, oldest_ms, started_before_ms

SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")


def _ms(text: str, zone: ZoneInfo = SEOUL) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("given_at", "due_at"),
    [
        ("2024-11-27T23:59", "2026-11-27T00:00"),
        ("2024-11-28T00:00", "2026-11-28T00:00"),
        ("2024-02-29T12:00", "2026-02-28T00:00"),
        ("2022-02-28T12:00", "2024-02-28T00:00"),
    ],
)
def test_a_consent_is_due_at_the_beginning_of_its_day_two_years_later(
    given_at: str, due_at: str
) -> None:
    """In the tenant's zone; of a 29 February rather early than late."""
    for zone in (SEOUL, NEW_YORK):
        assert _ms(due_at, zone) == due_ms(_ms(given_at, zone), zone)


@given(
    began=st.integers(_ms("2020-01-01"), _ms("2028-12-31")),
    days=st.integers(0, 1500),
    zone=st.sampled_from([SEOUL, NEW_YORK, ZoneInfo("UTC")]),
)
def test_what_began_before_the_bound_is_due_and_nothing_else(
    began: int, days: int, zone: ZoneInfo
) -> None:
    """The query's bound and the due time of each consent say the same."""
    until = began + int(timedelta(days=days).total_seconds() * 1000)
    assert (due_ms(began, zone) <= until) == (began < started_before_ms(until, zone))


def test_only_advertising_that_is_allowed_falls_due_and_a_confirmation_counts() -> None:
    """The oldest one decides when the customer is looked at."""
    start, later = _ms("2024-01-10"), _ms("2024-06-10")
    consents = {
        "marketing.email": Decision(True, start, start),
        "marketing.sms": Decision(True, start, start, later),
        "marketing_night.sms": Decision(False, start, start),
        "profiling.web": Decision(True, start, start),
    }
    assert start == oldest_ms(consents)
    assert later == oldest_ms({"marketing.sms": consents["marketing.sms"]})
    assert 0 == oldest_ms({"profiling.web": consents["profiling.web"]})
    due = due_of("u_1", consents, _ms("2026-06-09T23:59"), SEOUL)
    assert [("marketing.email", start, _ms("2026-01-10"))] == [
        (one.name, one.since_ms, one.due_ms) for one in due
    ]
    assert 2 == len(due_of("u_1", consents, _ms("2026-06-10"), SEOUL))


def _record(at_ms: int, *, allowed: bool = True, confirmation: bool = False) -> ConsentRecord:
    entry = ConsentEntry("marketing", "sms", allowed, at_ms, "call", "ads@1", confirmation)
    return ConsentRecord("shop", b"k", b"f", "u_1", at_ms, "staff:kim", (entry,))


def test_a_confirmation_never_brings_back_what_was_withdrawn() -> None:
    """In whichever order the records arrive; a late grant keeps it."""
    records = [
        _record(10),
        _record(20, allowed=False),
        _record(30, confirmation=True),
    ]
    for order in ([0, 1, 2], [2, 1, 0], [0, 2, 1], [2, 0, 1]):
        held: dict[str, Decision] = {}
        for number in order:
            held = dict(newest(held, records[number].decisions()))
        assert {"marketing.sms": Decision(False, 20, 20, 30)} == held
        assert [] == granted(held)
    alone = newest({}, records[2].decisions())
    assert ([], 0) == (granted(alone), oldest_ms(alone))


def test_references_are_told_from_other_names() -> None:
    """Only the first form has to exist."""
    assert ("ads-terms", 12) == parse_reference("ads-terms@12")
    for other in ("privacy-7", "ads@0", "ads@", "Ads@1", "", "ads@1 "):
        assert None is parse_reference(other)
