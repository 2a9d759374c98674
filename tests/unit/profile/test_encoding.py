"""Events and snapshots between what is sent, kept and told."""

from __future__ import annotations

from dangol.events.v1.event_pb2 import Event
from dangol_service_kit.keys import TenantKeys
from profile_service import encoding
from profile_service.domain import Attributes, Customer, FieldKind, FieldValue
from profile_service.sealing import Vault

VAULT = Vault(TenantKeys(bytes(32)))
IDENTIFIER = bytes(range(16))
EVENT_ID = "4b4bd3a6-5c4e-4f0a-9d3b-0a5f3b9c2d11"
KEY = encoding.event_key(IDENTIFIER, EVENT_ID)


def _event() -> Event:
    event = Event(event_id=EVENT_ID, type="purchase", store_id="s-1")
    event.occurred_at.FromMilliseconds(1234)
    event.amount.currency_code = "KRW"
    event.amount.minor_units = 5
    event.items.add(product_id="p-1", quantity=1)
    event.properties["note"].text = "secret words"
    event.properties["count"].number = "5"
    return event


def test_an_event_comes_back_as_it_was_sent() -> None:
    """With its properties, which only its identifier's key opens."""
    key = VAULT.new_key("shop", IDENTIFIER)
    stored = encoding.to_stored(_event(), KEY, 1000, 1001, key)
    assert _event() == encoding.from_stored(stored, key)
    assert not encoding.from_stored(stored, None).properties


def test_nothing_personal_is_stored_in_plain() -> None:
    """No property."""
    stored = encoding.to_stored(_event(), KEY, 1000, 1001, VAULT.new_key("shop", IDENTIFIER))
    kept = b"".join(part for part in stored if isinstance(part, bytes))
    assert [] == [word for word in (b"secret", b"note") if word in kept]
    assert (KEY, 1000, 1001, "purchase", 5, "s-1") == stored[:6]


def test_the_event_sent_is_not_changed_by_storing_it() -> None:
    """The same message goes on to segmentation, with its properties."""
    event = _event()
    encoding.to_stored(event, KEY, 1000, 1001, VAULT.new_key("shop", IDENTIFIER))
    assert _event() == event


def test_segmentation_knows_an_event_by_sixteen_bytes() -> None:
    """They depend on identifier and event id."""
    other = encoding.event_key(bytes(16), EVENT_ID)
    assert 16 == len(encoding.short_key(KEY))
    assert encoding.short_key(KEY) != encoding.short_key(other)


def test_a_snapshot_holds_what_rules_use_and_no_name_or_birth_year() -> None:
    """Custom fields keep their kinds."""
    attributes = Attributes(
        display_name="Kim",
        birth_date="1990-05-17",
        tier="gold",
        tags=("vip",),
        fields={
            "size": FieldValue(FieldKind.NUMBER, "270.5"),
            "pets": FieldValue(FieldKind.FLAG, True),
            "team": FieldValue(FieldKind.TEXT, "red"),
        },
    )
    snapshot = encoding.to_snapshot(Customer("shop", "u_1", 3, 1500, True, attributes))
    assert ("gold", ["vip"], "05-17", True, 3, 1500) == (
        snapshot.tier,
        list(snapshot.tags),
        snapshot.birthday,
        snapshot.member,
        snapshot.version,
        snapshot.create_time.ToMilliseconds(),
    )
    back = {name: encoding.from_property(value) for name, value in snapshot.fields.items()}
    assert attributes.fields == back
    assert [] == [word for word in (b"Kim", b"1990") if word in snapshot.SerializeToString()]
