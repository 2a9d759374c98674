"""What a query selects is what is read of customers, and no more."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from dangol.profile.v1 import customer_service_pb2 as pb
from gateway_service.selections import selected
from gateway_service.types_customers import SOURCES, Customer, to_customer
from strawberry.types import Info, get_object_definition
from strawberry.utils.str_converters import to_camel_case, to_snake_case

QUERY = """
query($maybe: Boolean!) {
  again: shelf { books { ...Named } }
  shelf {
    edges { node { pages @include(if: $maybe) ... on Book { author: writer } ...Named } }
    books { id }
  }
}
fragment Named on Book { title ...Named2 }
fragment Named2 on Book { id ...{ year } }
"""


@strawberry.type
class Book:
    """What stands on a shelf."""

    id: str = ""
    title: str = ""
    writer: str = ""
    year: int = 0
    pages: int = 0


@strawberry.type
class Edge:
    """As in a connection."""

    node: Book


@strawberry.type
class Shelf:
    """Two ways to its books."""

    edges: list[Edge]
    books: list[Book]


@strawberry.type
class Query:
    """Remembers what was selected."""

    @strawberry.field
    def shelf(self, info: Info) -> Shelf:
        """One book."""
        seen = (selected(info), selected(info, "books"), selected(info, "edges", "node"))
        info.context.append(seen)
        return Shelf(edges=[Edge(node=Book())], books=[Book()])


def test_fields_are_found_in_fragments_behind_aliases_and_under_conditions() -> None:
    """Of each place apart; a condition that does not hold selects all the same."""
    seen: list[Any] = []
    schema = strawberry.Schema(Query)
    answer = schema.execute_sync(QUERY, variable_values={"maybe": False}, context_value=seen)
    assert answer.errors is None
    named = {"id", "title", "year"}
    assert [
        ({"books"}, named, set()),
        ({"edges", "books"}, {"id"}, {"pages", "writer", *named}),
    ] == seen


def test_every_field_of_a_customer_says_what_it_is_made_of() -> None:
    """But for those that ask elsewhere, with the customer's id."""
    fields = get_object_definition(Customer, strict=True).fields
    plain = {to_camel_case(one.python_name) for one in fields if one.base_resolver is None}
    assert plain == set(SOURCES)
    named = {source for sources in SOURCES.values() for source in sources}
    assert named <= set(pb.Customer.DESCRIPTOR.fields_by_name)


@pytest.mark.parametrize("name", SOURCES)
def test_a_field_is_the_same_when_only_its_sources_were_read(name: str) -> None:
    """With the id, the version, and what is masked, which always come."""
    whole = pb.Customer(
        customer_id="u_1",
        version=7,
        display_name="김하나",
        gender=pb.GENDER_FEMALE,
        birth_date="1990-05-17",
        age_band="25-34",
        tier="gold",
        region="Seoul",
        language="ko",
        tags=["vip"],
        member=True,
        identifier_namespaces=["member"],
        order_count=3,
        consents=["marketing.email"],
        lunar_birth_date=pb.LunarDate(year=1990, month=4, day=23),
        masked=["note"],
    )
    whole.fields["size"].text = "M"
    whole.preferences["style"].values.append("plain")
    for number, stamp in enumerate(
        (whole.create_time, whole.first_seen, whole.last_seen, whole.last_purchase), start=1
    ):
        stamp.seconds = number
    whole.revenue.currency_code, whole.revenue.minor_units = "KRW", 700
    part = pb.Customer()
    part.CopyFrom(whole)
    for field in pb.Customer.DESCRIPTOR.fields_by_name:
        if field not in (*SOURCES[name], "customer_id", "version", "masked"):
            part.ClearField(field)
    attribute = to_snake_case(name)
    expected = getattr(to_customer(whole), attribute)
    assert expected
    assert expected == getattr(to_customer(part), attribute)
