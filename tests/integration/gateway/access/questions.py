"""Questions made from the schema: each operation with arguments that its types allow."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_required_argument,
    is_required_input_field,
)

# What names of arguments and input fields stand for, where the type alone does not tell.
_PLAIN: Mapping[str, Any] = {
    "type": "purchase",
    "namespace": "member",
    "rule": "count(purchase, 30d) >= 1",
    "currencyCode": "KRW",
    "channel": "sms",
    "source": "web",
}
_SCALARS: Mapping[str, Any] = {
    "String": "text",
    "Int": 1,
    "Int64": 60,
    "Boolean": True,
    "DateTime": "2026-01-01T00:00:00Z",
    "Date": "2026-01-01",
    "RuleTree": None,
    "UUID": "11111111-1111-4111-8111-111111111111",
}
_DEPTH = 3


@dataclass(frozen=True)
class Question:
    """One operation's document and its variables."""

    name: str
    text: str
    variables: dict[str, Any]
    kind: str

    @property
    def uses_ids(self) -> bool:
        """Whether anything is named by it."""
        return "id" in json.dumps(self.variables).lower() or "token" in self.variables


class Questions:
    """Makes questions; `known` gives ids and secrets by the name of their argument."""

    def __init__(self, schema: GraphQLSchema, known: Mapping[str, Any]) -> None:
        self._schema = schema
        self._known = known

    def all(self, *, deep: bool = False) -> Iterator[Question]:
        """One question for each field of Query, Mutation and Subscription."""
        roots = (self._schema.query_type, self._schema.mutation_type)
        for root in (*roots, self._schema.subscription_type):
            assert root is not None
            for name, field in root.fields.items():
                yield self._question(root.name.lower(), name, field, deep=deep)

    def _question(self, kind: str, name: str, field: GraphQLField, *, deep: bool) -> Question:
        variables = {}
        for argument, what in field.args.items():
            known = self._known.get(f"{name}.{argument}", self._known.get(argument))
            if is_required_argument(what) or known is not None:
                variables[argument] = self._value(f"{name}.{argument}", argument, what.type)
        if name == "previewSegment":
            variables["rule"] = _PLAIN["rule"]
        declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in variables)
        given = ", ".join(f"{argument}: ${argument}" for argument in variables)
        selection = self._selection(field.type, _DEPTH if deep else 0)
        head = f"{kind}({declared})" if declared else kind
        call = f"{name}({given})" if given else name
        return Question(f"{kind}.{name}", f"{head} {{ {call} {selection} }}", variables, kind)

    def _value(self, place: str, name: str, kind: GraphQLInputType) -> Any:
        """A value that the type allows; ids as they are known, else of nothing."""
        kind = get_nullable_type(kind)  # type: ignore[assignment]
        if isinstance(kind, GraphQLInputObjectType):
            return self._input(kind)
        known = self._known.get(place, self._known.get(name))
        if isinstance(kind, GraphQLList):
            return known if isinstance(known, list) else [self._value(place, name, kind.of_type)]
        return known or _plain(name, kind)

    def _input(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        # Strawberry checks this itself, and tells graphql-core nothing but the directive.
        if "exactly one" in (kind.description or ""):
            first = next(iter(kind.fields))
            return {first: self._value(first, first, kind.fields[first].type)}
        return {
            name: self._value(f"{kind.name}.{name}", name, field.type)
            for name, field in kind.fields.items()
            if is_required_input_field(field)
            or name == "rule"
            or f"{kind.name}.{name}" in self._known
        }

    def _selection(self, kind: GraphQLOutputType, depth: int) -> str:
        named = get_named_type(kind)
        if isinstance(named, GraphQLUnionType):
            refusal = "... on Refused { code }" if self._refuses(named) else ""
            parts = [f"... on {member.name} {{ __typename }}" for member in named.types]
            return f"{{ __typename {refusal} {' '.join(parts)} }}"
        if isinstance(named, GraphQLInterfaceType):
            return "{ __typename }"
        if not isinstance(named, GraphQLObjectType):
            return ""
        return f"{{ __typename {' '.join(self._fields(named, depth))} }}"

    def _refuses(self, union: GraphQLUnionType) -> bool:
        return any(interface.name == "Refused" for m in union.types for interface in m.interfaces)

    def _fields(self, kind: GraphQLObjectType, depth: int) -> Iterator[str]:
        for name, field in kind.fields.items():
            if depth == 0 or any(is_required_argument(what) for what in field.args.values()):
                continue
            composite = self._selection(field.type, depth - 1)
            if composite and depth == 1:
                continue
            yield f"{name} {composite}"


def _plain(name: str, kind: Any) -> Any:
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if kind.name == "ID":
        # Ids that shops choose begin with a letter; requests and events have UUIDs.
        plain = str(uuid.uuid4())
        return plain if name in {"requestId", "eventId"} else f"a{plain}"
    if kind.name == "UUID":
        return str(uuid.uuid4())
    return _PLAIN.get(name, _SCALARS[kind.name])
