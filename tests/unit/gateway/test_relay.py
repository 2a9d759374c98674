"""Relay's specification of cursor connections, over every connection of the schema.

https://relay.dev/graphql/connections.htm, read section by section.
"""

import pytest
from gateway_service.schema import make_schema
from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

SCHEMA = make_schema()._schema
OBJECTS = [kind for kind in SCHEMA.type_map.values() if isinstance(kind, GraphQLObjectType)]
CONNECTIONS = [kind for kind in OBJECTS if kind.name.endswith("Connection")]
FIELDS = [
    (f"{kind.name}.{name}", field)
    for kind in OBJECTS
    for name, field in kind.fields.items()
    if get_named_type(field.type) in CONNECTIONS
]


def test_there_is_something_to_judge() -> None:
    """Every connection is answered by some field."""
    assert len(CONNECTIONS) >= 9
    assert {get_named_type(field.type).name for _, field in FIELDS} == {
        kind.name for kind in CONNECTIONS
    }


@pytest.mark.parametrize("connection", CONNECTIONS, ids=str)
def test_connection_types(connection: GraphQLObjectType) -> None:
    """2: `edges` is a list of edges, and `pageInfo` a PageInfo that is always there."""
    edges = get_nullable_type(connection.fields["edges"].type)
    assert is_list_type(edges)
    assert isinstance(edges, GraphQLList)
    assert get_named_type(edges).name == connection.name.removesuffix("Connection") + "Edge"
    assert str(connection.fields["pageInfo"].type) == "PageInfo!"


@pytest.mark.parametrize("connection", CONNECTIONS, ids=str)
def test_edge_types(connection: GraphQLObjectType) -> None:
    """3: an edge has a node, which is no list, and a cursor, which is sent as a text."""
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)
    assert not is_list_type(get_nullable_type(edge.fields["node"].type))
    cursor = edge.fields["cursor"].type
    assert is_non_null_type(cursor)
    assert isinstance(cursor, GraphQLNonNull)
    assert is_leaf_type(cursor.of_type)
    assert cursor.of_type.name in {"String", "ID"}


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[name for name, _ in FIELDS])
def test_arguments(name: str, field: object) -> None:
    """4.1: forward paging takes `first`, a number, and `after`, of the cursor's type."""
    arguments = field.args  # type: ignore[attr-defined]
    assert str(arguments["first"].type) == "Int", name
    assert str(arguments["after"].type) == "String", name


def test_page_info() -> None:
    """5: both directions are told of, with cursors that are null where there is nothing."""
    page_info = SCHEMA.type_map["PageInfo"]
    assert isinstance(page_info, GraphQLObjectType)
    assert {name: str(field.type) for name, field in page_info.fields.items()} == {
        "hasPreviousPage": "Boolean!",
        "hasNextPage": "Boolean!",
        "startCursor": "String",
        "endCursor": "String",
    }
