"""Settings of all campaigns, change by change."""

from __future__ import annotations

from offers_service.campaign_settings import (
    Change,
    Settings,
    SettingsOutcome,
    Values,
    change,
    violations,
)

FIVE = Values(holdout_basis_points=500)


def test_a_change_needs_the_version_that_was_read() -> None:
    """Two who change at once do not overwrite each other."""
    outcome, first = change(Settings(), Change("r1", FIVE, 0, 10))
    assert (SettingsOutcome.APPLIED, 1, 10) == (outcome, first.version, first.holdout_since_ms)
    assert SettingsOutcome.VERSION_CONFLICT is change(first, Change("r2", Values(), 0, 11))[0]


def test_a_repeat_finds_its_change_made() -> None:
    """Later changes stay; other content under the id is refused."""
    _, first = change(Settings(), Change("r1", FIVE, 0, 10))
    _, second = change(first, Change("r2", Values(500, 2, 1000), 1, 20))
    assert (SettingsOutcome.APPLIED, second) == change(second, Change("r1", FIVE, 0, 30))
    assert SettingsOutcome.REQUEST_CONFLICT is change(second, Change("r1", Values(), 2, 30))[0]
    # The holdout is as old as its share.
    assert 10 == second.holdout_since_ms


def test_a_cap_needs_number_and_span() -> None:
    """One without the other says nothing."""
    assert [] == violations(Values(0, 3, 1000)) == violations(Values())
    assert 1 == len(violations(Values(0, 3, 0))) == len(violations(Values(0, 0, 1000)))
