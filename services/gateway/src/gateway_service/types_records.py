"""Parts of a record: preferences, lunar dates, declared fields, candidates of a search."""

from __future__ import annotations

from enum import Enum

import strawberry
from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol.profile.v1 import field_service_pb2 as fields_pb
from dangol.profile.v1 import search_service_pb2 as searches_pb

from gateway_service import convert


@strawberry.type(description="What a customer prefers, by what was asked.")
class Preference:
    """Answers in the order they were given."""

    name: str = strawberry.field(description="What was asked, for example style.")
    values: list[str] = strawberry.field(description="What was answered.")


@strawberry.input(description="What a customer prefers, by what was asked.")
class PreferenceInput:
    """What a client sends."""

    name: str = strawberry.field(description="In snake_case, for example style.")
    values: list[str] = strawberry.field(description="One answer or more.")


@strawberry.type(description="A day of the Korean lunar calendar.")
class LunarDate:
    """Rules see the solar day on which it falls each year."""

    year: int | None = strawberry.field(description="Null when only the day is known.")
    month: int = strawberry.field(description="1 to 12.")
    day: int = strawberry.field(description="1 to 30.")
    leap_month: bool = strawberry.field(description="In the leap month after that month.")


@strawberry.input(description="A day of the Korean lunar calendar.")
class LunarDateInput:
    """What a client sends."""

    month: int = strawberry.field(description="1 to 12.")
    day: int = strawberry.field(description="1 to 30.")
    year: int | None = strawberry.field(default=None, description="If it is known.")
    leap_month: bool = strawberry.field(
        default=False, description="In the leap month after that month."
    )

    def to_proto(self) -> customers_pb.LunarDate:
        """The message."""
        return customers_pb.LunarDate(
            year=self.year or 0, month=self.month, day=self.day, leap_month=self.leap_month
        )


def to_lunar_date(message: customers_pb.Customer) -> LunarDate | None:
    """The lunar birth date; None for one that was given by the solar calendar."""
    if not message.HasField("lunar_birth_date"):
        return None
    found = message.lunar_birth_date
    return LunarDate(
        year=found.year or None, month=found.month, day=found.day, leap_month=found.leap_month
    )


def to_preferences(message: customers_pb.Customer) -> list[Preference]:
    """In order of name."""
    return [
        Preference(name=name, values=list(one.values))
        for name, one in sorted(message.preferences.items())
    ]


def from_preferences(given: list[PreferenceInput] | None) -> dict[str, customers_pb.Preference]:
    """The map that profile takes."""
    return {one.name: customers_pb.Preference(values=one.values) for one in given or ()}


@strawberry.enum(description="What a field of the tenant's own holds.")
class FieldType(Enum):
    """Values are those of the contract."""

    TEXT = 1
    NUMBER = 2
    FLAG = 3
    CHOICE = 4
    DATE = 5


@strawberry.enum(description="Whose value a merged customer has, where both have one.")
class Survivor(Enum):
    """Values are those of the contract."""

    NEWEST = 1
    OLDEST = 2
    MEMBER = 3
    SUM = 4
    UNION = 5


@strawberry.type(description="A field of the tenant's own.")
class FieldDeclaration:
    """Values of another type, and of fields that are not declared, are refused."""

    name: str = strawberry.field(description="In snake_case.")
    type: FieldType | None = strawberry.field(description="What it holds.")
    personal: bool = strawberry.field(description="Sealed, and never seen by rules.")
    options: list[str] = strawberry.field(description="What a CHOICE may be.")
    description: str = strawberry.field(description="What it is for.")
    survivor: Survivor | None = strawberry.field(
        description="What survives a merge; null for the member's value."
    )
    retired: bool = strawberry.field(description="Readable, and not to be set any more.")


def to_declaration(message: fields_pb.Field) -> FieldDeclaration:
    """A field as frontends see it."""
    return FieldDeclaration(
        name=message.name,
        type=convert.to_enum(FieldType, message.type),
        personal=message.personal,
        options=list(message.options),
        description=message.description,
        survivor=convert.to_enum(Survivor, message.survivor),
        retired=message.retired,
    )


@strawberry.type(description="Somebody who may be the customer at the till, masked.")
class CustomerCandidate:
    """Enough to ask the right question."""

    customer_id: strawberry.ID = strawberry.field(description="To open the record.")
    masked_name: str | None = strawberry.field(description="With stars, for example 김*수.")
    masked_phone: str | None = strawberry.field(description="All but the last four digits hidden.")
    tier: str | None = strawberry.field(description="The loyalty tier.")
    member: bool = strawberry.field(description="False for a visitor.")


@strawberry.type(description="What a search found. It was written down.")
class CustomerSearch:
    """At most ten."""

    candidates: list[CustomerCandidate] = strawberry.field(description="At most ten.")
    more: bool = strawberry.field(description="There are more: ask for something more.")


def to_search(message: searches_pb.SearchCustomersResponse) -> CustomerSearch:
    """The answer as frontends see it."""
    return CustomerSearch(
        candidates=[
            CustomerCandidate(
                customer_id=strawberry.ID(one.customer_id),
                masked_name=one.masked_name or None,
                masked_phone=one.masked_phone or None,
                tier=one.tier or None,
                member=one.member,
            )
            for one in message.candidates
        ],
        more=message.more,
    )
