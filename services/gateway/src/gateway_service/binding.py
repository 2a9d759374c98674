"""Resolvers bound once: what Strawberry looks up for each field of each request is looked up when
the schema is built (ADR 0078).

graphql-core itself names arguments as Python does and makes dataclasses of input objects (out_name,
out_type), so that a resolver is called with what it takes and with nothing in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING
from typing import Any, TypeAlias, cast

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)
from strawberry.types import Info
from strawberry.types.field import StrawberryField

Resolve: TypeAlias = Callable[..., Any]

# Where Strawberry keeps its own definition of a graphql-core object.
_DEFINITION = "strawberry-definition"


def bind(schema: GraphQLSchema) -> None:
    """Binds every field, input and union. Raises ValueError for a resolver of another shape."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            _bind_input(kind)
        elif isinstance(kind, GraphQLUnionType):
            _bind_union(kind)
        elif isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                _bind_field(f"{kind.name}.{name}", field)


def _bind_field(name: str, field: GraphQLField) -> None:
    definition: StrawberryField = field.extensions[_DEFINITION]
    for argument in field.args.values():
        argument.out_name = argument.extensions[_DEFINITION].python_name
        _check_default(name, argument.default_value)
    if definition.base_resolver is None:
        field.resolve = _reading(definition.python_name)
    elif field.subscribe is not None:
        field.subscribe = _calling(name, definition)
    else:
        field.resolve = _calling(name, definition)


def _reading(attribute: str) -> Resolve:
    def resolve(source: Any, _info: Any) -> Any:
        return getattr(source, attribute)

    return resolve


def _calling(name: str, definition: StrawberryField) -> Resolve:
    resolver = definition.base_resolver
    assert resolver is not None
    call = cast("Resolve", resolver.wrapped_func)
    info_parameter = resolver.info_parameter
    if definition.extensions or resolver.self_parameter is None:
        raise ValueError(f"the resolver of {name} has to be a method, without field extensions")
    if info_parameter is None:

        def resolve(source: Any, _info: Any, **arguments: Any) -> Any:
            return call(source, **arguments)

        return resolve
    if info_parameter.name != "info":
        raise ValueError(f"the resolver of {name} has to call its Info `info`")

    def resolve_with_info(source: Any, info: Any, **arguments: Any) -> Any:
        return call(source, info=Info(_raw_info=info, _field=definition), **arguments)

    return resolve_with_info


def _bind_input(kind: GraphQLInputObjectType) -> None:
    """Has its values come as instances of its class; what may be left out and is, is None there,
    unless the class has a default."""
    make = kind.extensions[_DEFINITION].origin
    absent: dict[str, None] = {}
    for name, field in kind.fields.items():
        own: StrawberryField = field.extensions[_DEFINITION]
        field.out_name = own.python_name
        _check_default(f"{kind.name}.{name}", field.default_value)
        if own.default_value is MISSING and own.default_factory is MISSING:
            absent[own.python_name] = None
    check: Callable[[dict[str, Any]], dict[str, Any]] = kind.out_type

    def instance_of(given: dict[str, Any]) -> Any:
        return make(**{**absent, **check(given)})

    kind.out_type = instance_of  # type: ignore[assignment, method-assign]


def _bind_union(union: GraphQLUnionType) -> None:
    """Knows a member by its class."""
    otherwise = union.resolve_type
    definitions = {member.name: member.extensions[_DEFINITION] for member in union.types}
    names = {one.origin: name for name, one in definitions.items() if one.concrete_of is None}

    def resolve_type(value: Any, info: Any, kind: Any) -> Any:
        known = names.get(type(value))
        return otherwise(value, info, kind) if known is None and otherwise else known

    union.resolve_type = resolve_type


def _check_default(name: str, default: object) -> None:
    """graphql-core hands the same default to every request, as it is."""
    if isinstance(default, dict | list):
        raise ValueError(f"the default of {name} would be shared by requests: use None")
