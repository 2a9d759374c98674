"""Events judged one by one."""

from __future__ import annotations

import pytest
from dangol.events.v1.event_pb2 import Event
from dangol_service_kit.errors import Code
from dangol_service_kit.validation import collect_violations
from profile_service.judging import (
    AMOUNT_MINOR_UNITS_MAX,
    QUANTITY_MAX,
    Rejection,
    RejectionCode,
    judge,
    occurred_ms,
)

HORIZON_MS = 1_700_000_000_000


def _event() -> Event:
    event = Event(event_id="4b4bd3a6-5c4e-4f0a-9d3b-0a5f3b9c2d11", type="purchase")
    event.customer.namespace = "member"
    event.customer.value = "m-1"
    event.occurred_at.FromMilliseconds(HORIZON_MS)
    event.amount.currency_code = "KRW"
    event.amount.minor_units = 100
    event.items.add(product_id="p-1", quantity=1)
    return event


def _judge(event: Event) -> Rejection | None:
    return judge(event, collect_violations(event), "KRW", HORIZON_MS)


def test_a_sound_event_at_the_horizon_is_accepted() -> None:
    """One millisecond later is too far ahead."""
    event = _event()
    assert _judge(event) is None
    event.occurred_at.FromMilliseconds(HORIZON_MS + 1)
    rejection = _judge(event)
    assert (RejectionCode.TIME_AHEAD, "occurred_at") == (rejection or ("", ""))[:2]


def test_times_are_whole_milliseconds() -> None:
    """Rounded down, so that nothing moves past the horizon."""
    event = _event()
    event.occurred_at.seconds, event.occurred_at.nanos = 7, 1_999_999
    assert 7001 == occurred_ms(event)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_id", "7"),
        ("type", ""),
        ("type", "Purchase"),
        ("channel", 77),
        ("rating", 6),
        ("customer.namespace", "fax"),
        ("customer.value", ""),
        ("amount.currency_code", "won"),
        ("amount.minor_units", AMOUNT_MINOR_UNITS_MAX + 1),
        ("amount.minor_units", -(2**63)),
    ],
)
def test_what_breaks_a_rule_is_named(field: str, value: str | int) -> None:
    """By its path, with words about what to do."""
    event = _event()
    target: object = event
    *parents, name = field.split(".")
    for parent in parents:
        target = getattr(target, parent)
    setattr(target, name, value)
    rejection = _judge(event)
    assert rejection is not None
    assert (RejectionCode.FIELD_INVALID, field) == rejection[:2]
    assert rejection.message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", -1),
        ("quantity", QUANTITY_MAX + 1),
        ("amount_minor_units", AMOUNT_MINOR_UNITS_MAX + 1),
        ("unit_price_minor_units", -AMOUNT_MINOR_UNITS_MAX - 1),
    ],
)
def test_a_bad_line_is_named_by_its_position(field: str, value: int) -> None:
    """The first line is sound."""
    event = _event()
    line = event.items.add(product_id="p-2")
    setattr(line, field, value)
    rejection = _judge(event)
    assert (RejectionCode.FIELD_INVALID, f"items[1].{field}") == (rejection or ("", ""))[:2]


def test_another_currency_than_the_tenants_is_refused() -> None:
    """The message names the right one."""
    event = _event()
    event.amount.currency_code = "USD"
    rejection = _judge(event)
    assert rejection is not None
    assert (RejectionCode.CURRENCY_MISMATCH, "amount.currency_code") == rejection[:2]
    assert "KRW" in rejection.message


@pytest.mark.parametrize(("seconds", "nanos"), [(-1, 0), (-(2**62), 0), (1, -1), (1, 10**9)])
def test_times_before_1970_and_malformed_ones_are_refused(seconds: int, nanos: int) -> None:
    """Whatever 64 bits can hold."""
    event = _event()
    event.occurred_at.seconds, event.occurred_at.nanos = seconds, nanos
    rejection = _judge(event)
    assert (RejectionCode.FIELD_INVALID, "occurred_at") == (rejection or ("", ""))[:2]


@pytest.mark.parametrize(
    ("number", "sound"),
    [
        ("-12.5", True),
        ("999999999999999999", True),
        ("18446744073709551616", False),
        ("1e5", False),
        ("NaN", False),
        ("0.0000000001", False),
    ],
)
def test_numbers_in_properties_are_plain_decimals(number: str, sound: bool) -> None:
    """At most 18 digits before the point and 9 after."""
    event = _event()
    event.properties["weight"].number = number
    assert sound is (_judge(event) is None)


def test_every_rejection_is_a_code_of_the_platform() -> None:
    """docs/errors.md explains each."""
    assert [] == [code for code in RejectionCode if code.value not in Code.__members__]
