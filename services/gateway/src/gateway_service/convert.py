"""From protobuf to the values frontends get, and back."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from dangol.events.v1 import event_pb2
from dangol_service_kit.currencies import exponent_of
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

EnumType = TypeVar("EnumType", bound=enum.Enum)


def to_datetime(message: Message, field: str) -> dt.datetime | None:
    """The timestamp in `field` of a message, in UTC; None when it is not set."""
    if not message.HasField(field):
        return None
    timestamp: Timestamp = getattr(message, field)
    return timestamp.ToDatetime(tzinfo=dt.UTC)


def to_required_datetime(message: Message, field: str) -> dt.datetime:
    """The same for a field that is always set; the epoch if it is not."""
    timestamp: Timestamp = getattr(message, field)
    return timestamp.ToDatetime(tzinfo=dt.UTC)


def to_timestamp(value: dt.datetime) -> Timestamp:
    """A timestamp from a datetime; one without offset is taken as UTC."""
    aware = value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)
    timestamp = Timestamp()
    timestamp.FromDatetime(aware.astimezone(dt.UTC))
    return timestamp


def optional_timestamp(value: dt.datetime | None) -> Timestamp | None:
    """The same for a time that may be left out."""
    return None if value is None else to_timestamp(value)


def to_enum(kind: type[EnumType], number: int) -> EnumType | None:
    """The enum's member; None for UNSPECIFIED and for values newer than this gateway."""
    try:
        return kind(number) if number else None
    except ValueError:
        return None


def major_units(minor_units: int, currency_code: str) -> Decimal:
    """1234 USD cents are 12.34; 1234 KRW are 1234."""
    return Decimal(minor_units).scaleb(-exponent_of(currency_code))


def display_name(names: Mapping[str, str], language: str, fallback: str) -> str:
    """The name in `language`, else in any, else the id."""
    return names.get(language) or next(iter(names.values()), fallback)


def property_value(
    text: str | None, number: Decimal | None, flag: bool | None
) -> event_pb2.PropertyValue:
    """The one of the three that is given."""
    if text is not None:
        return event_pb2.PropertyValue(text=text)
    if number is not None:
        return event_pb2.PropertyValue(number=format(number, "f"))
    if flag is not None:
        return event_pb2.PropertyValue(flag=flag)
    return event_pb2.PropertyValue()


def without_nulls(values: Iterable[str | None]) -> list[str]:
    """The values that are there."""
    return [value for value in values if value]
