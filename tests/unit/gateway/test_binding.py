"""Resolvers and inputs that are bound when the schema is built behave as Strawberry's own do."""

from typing import Annotated, Any

import pytest
import strawberry
from gateway_service.binding import bind
from gateway_service.mutations import Mutation
from gateway_service.queries import Query
from gateway_service.results import Refused
from gateway_service.schema import make_schema
from gateway_service.subscriptions import Subscription
from gateway_service.types_common import CONFIG
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    coerce_input_value,
    get_named_type,
)
from strawberry.types.arguments import convert_argument

from tests.unit.gateway.test_schema import OWN_TYPES

PLAIN = strawberry.Schema(
    query=Query, mutation=Mutation, subscription=Subscription, types=[Refused], config=CONFIG
)
BOUND = make_schema()._schema
INPUTS = [name for name, one in BOUND.type_map.items() if isinstance(one, GraphQLInputObjectType)]
VALUES: dict[str, Any] = {
    **{"Int": 3, "Int64": 5, "Boolean": True, "String": "text", "ID": "an-id", "Decimal": "1.5"},
    **{"DateTime": "2026-02-03T04:05:06Z", "Date": "2026-02-03", "Time": "04:05:06"},
    **{"UUID": "0b1d1d6e-7b7c-4c37-9a53-5d1f0c9d2f3a", "RuleTree": {"count": {"event": "visit"}}},
}


def _sample(kind: GraphQLInputType, *, optional: str, depth: int = 0) -> Any:
    """A value of the type. optional: "given", "null" or "absent"."""
    if isinstance(kind, GraphQLNonNull):
        return _sample(kind.of_type, optional=optional, depth=depth)
    if isinstance(kind, GraphQLList):
        return [_sample(kind.of_type, optional=optional, depth=depth)] * 2
    if isinstance(kind, GraphQLEnumType):
        return list(kind.values)[-1]
    if not isinstance(kind, GraphQLInputObjectType):
        return VALUES[kind.name]
    if _is_one_of(kind):
        return _each_alone(kind)[-1]
    chosen = {}
    for name, field in kind.fields.items():
        required = isinstance(field.type, GraphQLNonNull)
        if required or (optional == "given" and depth < 3):
            chosen[name] = _sample(field.type, optional=optional, depth=depth + 1)
        elif optional == "null":
            chosen[name] = None
    return chosen


def _by_strawberry(name: str, value: Any) -> Any:
    converter = PLAIN.schema_converter
    definition: Any = converter.type_map[name].definition
    plain = coerce_input_value(value, PLAIN._schema.type_map[name])  # type: ignore[arg-type]
    return convert_argument(plain, definition.origin, converter.scalar_registry, CONFIG)


def _is_one_of(kind: GraphQLInputObjectType) -> bool:
    return bool(kind.extensions["strawberry-definition"].is_one_of)


def _each_alone(kind: GraphQLInputObjectType) -> list[dict[str, Any]]:
    return [{key: _sample(one.type, optional="given")} for key, one in kind.fields.items()]


def _values(name: str) -> list[Any]:
    kind = BOUND.type_map[name]
    assert isinstance(kind, GraphQLInputObjectType)
    if _is_one_of(kind):
        return _each_alone(kind)
    return [_sample(kind, optional=optional) for optional in ("given", "null", "absent")]


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_becomes_what_strawberry_makes_of_it(name: str) -> None:
    """With everything given, with nulls, and with nothing but what is required."""
    for value in _values(name):
        found = coerce_input_value(value, BOUND.type_map[name])  # type: ignore[arg-type]
        assert _by_strawberry(name, value) == found
        assert type(_by_strawberry(name, value)) is type(found)


def test_every_field_is_bound() -> None:
    """Nothing of Strawberry stands between graphql-core and a resolver, nor is an input unbound."""
    objects = [one for one in OWN_TYPES if hasattr(one, "is_type_of")]
    modules = {
        (field.subscribe or field.resolve).__module__
        for kind in objects
        for field in kind.fields.values()
    }
    assert {"gateway_service.access", "gateway_service.binding"} == modules
    arguments = [
        one for kind in objects for field in kind.fields.values() for one in field.args.values()
    ]
    assert all(argument.out_name for argument in arguments)
    named = {get_named_type(argument.type).name for argument in arguments}
    assert {"TrackInput", "IdentifierInput"} <= named


@strawberry.input
class Part:
    some_size: int
    some_text: str | None = None


@strawberry.input
class Whole:
    first_part: Part
    other_parts: list[Part] | None = strawberry.UNSET
    plain_value: int | None


@strawberry.type
class Told:
    text: str


@strawberry.type
class Other:
    number: int


Answer = Annotated[Told | Other, strawberry.union("Answer")]


@strawberry.type
class Root:
    @strawberry.field
    def said(self, info: strawberry.Info, whole: Whole, how_often: int = 2) -> Answer:
        """What it was called with."""
        return Told(text=f"{info.python_name} {whole} {how_often}")

    @strawberry.field
    async def number(self) -> Answer:
        """Another member of the union."""
        return Other(number=7)


DOCUMENT = """query($part: Part!, $parts: [Part!]) {
  literal: said(whole: {firstPart: {someSize: 1, someText: null}, otherParts: []}) { ...A }
  variables: said(howOften: 3, whole: {firstPart: $part, otherParts: $parts, plainValue: 4}) {
    ...A
  }
  number { ...A }
}
fragment A on Answer { __typename ... on Told { text } ... on Other { number } }"""


async def test_a_resolver_is_called_with_what_strawberry_calls_it_with() -> None:
    """By literals and by variables, in camel case outside and in snake case inside."""
    plain, bound = strawberry.Schema(Root), strawberry.Schema(Root)
    bind(bound._schema)
    for parts in ({}, {"parts": None}, {"parts": [{"someSize": 5}]}):
        given = {"part": {"someSize": 9}, **parts}
        expected = await plain.execute(DOCUMENT, given)
        found = await bound.execute(DOCUMENT, given)
        assert expected.errors is None is found.errors
        assert expected.data == found.data


def _schema_of(field: Any) -> GraphQLSchema:
    return strawberry.Schema(strawberry.type(type("Query", (), {"asked": field})))._schema


def test_what_would_behave_otherwise_fails_the_build() -> None:
    """A resolver that is no method, an Info of another name, a default that is a list."""

    def without_self() -> int:
        return 1

    def other_name(self: Any, asking: strawberry.Info) -> int:  # noqa: ARG001
        return 1

    def shared(self: Any, numbers: list[int] = [1]) -> int:  # noqa: ARG001, B006
        return 1

    for resolver, reason in (
        (without_self, "has to be a method"),
        (other_name, "has to call its Info"),
        (shared, "would be shared"),
    ):
        with pytest.raises(ValueError, match=f"Query.asked.*{reason}|{reason}.*Query.asked"):
            bind(_schema_of(strawberry.field(resolver=resolver)))
