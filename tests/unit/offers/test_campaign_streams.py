"""Pure parts of what campaigns read and write: gaps in sequences, entries as events."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offers_service.consumer import has_gap
from offers_service.relay_events import to_event
from offers_service.store_relay import entries_of

EPOCH = 1 << 40


@pytest.mark.parametrize(
    ("position", "sequences", "gap"),
    [
        (EPOCH + 4, [EPOCH + 5, EPOCH + 6], False),
        (EPOCH + 4, [EPOCH + 6], True),
        (EPOCH + 4, [EPOCH + 5, EPOCH + 7], True),
        (0, [EPOCH + 1], False),
        (0, [EPOCH + 2], True),
        (EPOCH + 4, [2 * EPOCH + 1], False),
        (EPOCH + 4, [2 * EPOCH + 2], True),
        (EPOCH + 4, [3 * EPOCH + 1, 3 * EPOCH + 2], False),
        (EPOCH + 4, [], False),
    ],
)
def test_gaps(position: int, sequences: list[int], gap: bool) -> None:
    """Within an epoch every number comes; a later epoch begins at 1."""
    assert gap is has_gap(position, sequences)


@given(st.sets(st.integers(1, 30), min_size=1))
def test_a_gap_is_a_missing_number(numbers: set[int]) -> None:
    """Of one epoch, exactly the sets {1, 2, ..., n} have none."""
    complete = numbers == set(range(1, len(numbers) + 1))
    assert complete is not has_gap(EPOCH, [EPOCH + number for number in sorted(numbers)])


def entry(**changes: object) -> dict[str, Any]:
    """A redemption as it is stored."""
    stored: dict[str, Any] = {"n": 3, "kind": "redeem", "owner": "c-1", "at_ms": 1_700_000_000_123}
    return stored | {"offer": "five-off", "order": "o-1"} | changes


def test_an_entry_becomes_its_owners_event() -> None:
    """With the entry's own time; what is absent stays absent."""
    event = to_event("c_1", entry())
    assert event is not None
    assert ("coupon_redeemed", "customer", "c-1", "o-1") == (
        event.type,
        event.customer.namespace,
        event.customer.value,
        event.order_id,
    )
    assert 1_700_000_000_123 == event.occurred_at.ToMilliseconds()
    assert not event.HasField("amount")


def test_a_redemption_tells_what_it_took_off() -> None:
    """In the tenant's currency; a hold has taken nothing yet."""
    event = to_event("c_1", entry(discount=1_500), "KRW")
    assert event is not None
    assert ("KRW", 1_500) == (event.amount.currency_code, event.amount.minor_units)
    held = to_event("c_1", entry(kind="hold", discount=1_500), "KRW")
    assert held is not None
    assert not held.HasField("amount")
    assert {"coupon_id", "offer_id"} == set(event.properties)


def test_event_ids_follow_from_account_and_number() -> None:
    """The same entry again is the same event, another one is not."""
    ids = [to_event(*of) for of in (("c_1", entry()), ("c_1", entry(n=4)), ("c_2", entry()))]
    names = [event.event_id for event in ids if event is not None]
    again = to_event("c_1", entry())
    assert again is not None
    assert names[0] == again.event_id
    assert 3 == len(set(names)) == len([uuid.UUID(name) for name in names])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("reverse", "coupon_reversed"),
        ("keep", "coupon_reversed"),
        ("revoke", "coupon_revoked"),
        ("return", "gift_returned"),
    ],
)
def test_what_ends_a_use_or_a_coupon_is_an_event(kind: str, expected: str) -> None:
    """A cancelled order is one whether or not the coupon came back."""
    event = to_event("c_1", entry(kind=kind))
    assert event is not None
    assert expected == event.type


def test_an_orders_own_hold_again_is_no_event() -> None:
    """Nothing new happened to the customer; nor when part of an order came back."""
    assert [None, None] == [to_event("c_1", entry(kind=kind)) for kind in ("extend", "reduce")]


def test_entries_of_updates_come_in_order() -> None:
    """However the server names the appended elements."""
    second, third, tenth = entry(n=2), entry(n=3), entry(n=10)
    update: dict[str, Any] = {"updateDescription": {"updatedFields": {"v": 10, "entries.9": tenth}}}
    assert [tenth] == entries_of(update)
    update["updateDescription"]["updatedFields"] |= {"entries.1": second, "entries.2": third}
    assert [second, third, tenth] == entries_of(update)
    assert [second] == entries_of({"fullDocument": {"entries": [second]}})
    whole = {"updateDescription": {"updatedFields": {"entries": [second, third]}}}
    assert [second, third] == entries_of(whole)
