"""Scalars and types that every part of the schema uses."""

from __future__ import annotations

from decimal import Decimal
from typing import NewType

import strawberry
from dangol.events.v1 import event_pb2
from google.protobuf.message import Message
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from gateway_service import convert
from gateway_service.fields import resolver
from gateway_service.rule_trees import RULE_TREE_SCALAR, RuleTree

Int64 = NewType("Int64", int)


def _parse_int64(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("write a whole number")
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError("the number needs more than 64 bits")
    return number


INT64_SCALAR: ScalarDefinition = strawberry.scalar(
    name="Int64",
    description=(
        "A whole number of up to 64 bits, written as a JSON number. JavaScript holds it exactly "
        "up to 2^53."
    ),
    serialize=int,
    parse_value=_parse_int64,
)

CONFIG = StrawberryConfig(scalar_map={Int64: INT64_SCALAR, RuleTree: RULE_TREE_SCALAR})


@strawberry.type(description="An amount in one currency.")
class Money:
    """Both exact: the number of smallest units, and the decimal amount."""

    currency_code: str = strawberry.field(description="ISO 4217, for example KRW or USD.")
    minor_units: Int64 = strawberry.field(
        description="In the currency's smallest unit: won for KRW, cents for USD."
    )

    @resolver("In the currency's main unit: 12.34 for 1,234 US cents.")
    def amount(self) -> Decimal:
        """The decimal amount."""
        return convert.major_units(self.minor_units, self.currency_code)


def to_money(minor_units: int, currency_code: str) -> Money:
    """Money from its two parts."""
    return Money(currency_code=currency_code, minor_units=Int64(minor_units))


def money_of(message: event_pb2.Money) -> Money:
    """Money from the message."""
    return to_money(message.minor_units, message.currency_code)


def optional_money(message: Message, field: str) -> Money | None:
    """The amount in `field` of a message; None when it is not set."""
    return money_of(getattr(message, field)) if message.HasField(field) else None


@strawberry.input(description="An amount in the tenant's currency.")
class MoneyInput:
    """What a client sends."""

    currency_code: str = strawberry.field(description="ISO 4217; the tenant's currency.")
    minor_units: Int64 = strawberry.field(description="In the currency's smallest unit.")

    def to_proto(self) -> event_pb2.Money:
        """The message."""
        return event_pb2.Money(currency_code=self.currency_code, minor_units=self.minor_units)


@strawberry.type(description="A text in one language.")
class LocalizedText:
    """A name of a segment, offer or campaign."""

    language: str = strawberry.field(description="BCP 47, for example ko.")
    text: str = strawberry.field(description="The text.")


@strawberry.input(description="A text in one language.")
class LocalizedTextInput:
    """What a client sends."""

    language: str = strawberry.field(description="BCP 47, for example ko.")
    text: str = strawberry.field(description="The text.")


@strawberry.type(description="A value of the tenant's own; exactly one of the three is set.")
class Property:
    """A named value of an event or a customer."""

    name: str = strawberry.field(description="In snake_case.")
    text: str | None = strawberry.field(description="Set when the value is a text.")
    number: Decimal | None = strawberry.field(description="Set when the value is a number.")
    flag: bool | None = strawberry.field(description="Set when the value is yes or no.")


@strawberry.input(description="A value of the tenant's own; set exactly one of the three.")
class PropertyInput:
    """What a client sends."""

    name: str = strawberry.field(description="In snake_case, at most 64 characters.")
    text: str | None = strawberry.field(default=None, description="A text.")
    number: Decimal | None = strawberry.field(default=None, description="A decimal number.")
    flag: bool | None = strawberry.field(default=None, description="Yes or no.")


def to_properties(values: dict[str, event_pb2.PropertyValue]) -> list[Property]:
    """Named values in order of name."""
    properties = []
    for name in sorted(values):
        value = values[name]
        kind = value.WhichOneof("kind")
        properties.append(
            Property(
                name=name,
                text=value.text if kind == "text" else None,
                number=Decimal(value.number) if kind == "number" else None,
                flag=value.flag if kind == "flag" else None,
            )
        )
    return properties


def from_properties(inputs: list[PropertyInput] | None) -> dict[str, event_pb2.PropertyValue]:
    """The map that the services take."""
    return {
        item.name: convert.property_value(item.text, item.number, item.flag)
        for item in inputs or ()
    }


def to_texts(names: dict[str, str]) -> list[LocalizedText]:
    """Names in order of language."""
    return [LocalizedText(language=key, text=names[key]) for key in sorted(names)]


def proto_of(given: MoneyInput | None) -> event_pb2.Money | None:
    """The message of an amount that may be left out."""
    return given.to_proto() if given else None


def from_texts(inputs: list[LocalizedTextInput] | None) -> dict[str, str]:
    """The map that the services take."""
    return {item.language: item.text for item in inputs or ()}
