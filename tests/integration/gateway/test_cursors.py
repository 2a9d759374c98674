"""Relay's specification of cursor connections, asked of every connection that the schema has.

https://relay.dev/graphql/connections.htm, whose sections the tests name. The connections are found
in the schema, so a new one is walked too, and fails here as long as full_shop.py puts nothing
into it.
"""

import asyncio
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from dangol_service_kit.auth import Role
from gateway_service.schema import make_schema
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from tests.integration.gateway.areas import offer
from tests.integration.gateway.conftest import found_tenant
from tests.integration.gateway.full_shop import fill

SCHEMA = make_schema()._schema
_PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
_LONG = 3
# Filled by a job once a day, or by offers once an hour: they are empty here, and walked as such.
EMPTY = frozenset({"Query.weakProducts", "Profitability.customers", "Ledger.checkpoints"})


@dataclass(frozen=True)
class Place:
    """A connection's field, and the fields of Query through which it is reached."""

    name: str
    path: tuple[tuple[str, GraphQLField], ...]

    @property
    def node(self) -> GraphQLObjectType:
        """What it lists."""
        connection: Any = get_named_type(self.path[-1][1].type)
        edge: Any = get_named_type(connection.fields["edges"].type)
        return cast("GraphQLObjectType", get_named_type(edge.fields["node"].type))

    def query(self, fields: str, known: dict[str, Any], arguments: str) -> tuple[str, Any]:
        """The query for one page, and its variables."""
        declared, calls, variables = [], [], {}
        for name, field in self.path:
            given = []
            for argument, what in field.args.items():
                if is_required_argument(what) or f"{name}.{argument}" in known:
                    variable = f"{name}_{argument}"
                    variables[variable] = known.get(f"{name}.{argument}", known.get(argument))
                    assert variables[variable] is not None, f"what is {name}'s {argument}?"
                    declared.append(f"${variable}: {what.type}")
                    given.append(f"{argument}: ${variable}")
            calls.append((name, given))
        calls[-1][1].append(arguments)
        head = f"query({', '.join(declared)})" if declared else "query"
        body = f"{{ edges {{ cursor node {{ {fields} }} }} {_PAGE} }}"
        for name, given in reversed(calls):
            body = f"{{ {name}{f'({chr(44).join(given)})' if given else ''} {body} }}"
        return f"{head} {body}", variables


def _places() -> Iterator[Place]:
    root = SCHEMA.query_type
    assert root is not None
    for kind in SCHEMA.type_map.values():
        if not isinstance(kind, GraphQLObjectType):
            continue
        for name, field in kind.fields.items():
            if not get_named_type(field.type).name.endswith("Connection"):
                continue
            way = () if kind is root else (_way_to(kind),)
            yield Place(f"{kind.name}.{name}", (*way, (name, field)))


def _way_to(kind: GraphQLObjectType) -> tuple[str, GraphQLField]:
    """The field of Query that answers one such object, by its id or by nothing."""
    assert SCHEMA.query_type is not None
    return next(
        (name, field)
        for name, field in SCHEMA.query_type.fields.items()
        if get_named_type(field.type) is kind and set(field.args) <= {"id"}
    )


PLACES = list(_places())


class Lists:
    """The lists of one shop, asked for as whoever may see them."""

    def __init__(self, shop: Any, known: dict[str, Any]) -> None:
        self.shop = shop
        self._known = known

    async def page(self, place: Place, arguments: str) -> Any:
        """A page; or the code of the error that there was instead."""
        query, variables = place.query(_fields(place.node), self._known, arguments)
        own = place.name.startswith("Viewer.")
        token = self.shop.token(Role.CUSTOMER, self._known["customerId"]) if own else None
        answer = await self.shop.run(query, token, **variables)
        if "errors" in answer:
            return answer["errors"][0]["extensions"]["code"]
        found = answer["data"]
        for name, _ in place.path:
            found = found[name]
        return found

    async def pages(self, place: Place, size: int) -> list[Any]:
        """All pages of that size, each asked for by the end of the one before."""
        pages = [await self.page(place, f"first: {size}")]
        while pages[-1]["pageInfo"]["hasNextPage"]:
            end = pages[-1]["pageInfo"]["endCursor"]
            pages.append(await self.page(place, f'first: {size}, after: "{end}"'))
            assert len(pages) <= 200, place.name
        return pages


def _fields(node: GraphQLObjectType) -> str:
    """What tells one node from another: its ids, or all that it has where it has none."""
    leaves = [
        name
        for name, field in node.fields.items()
        if is_leaf_type(get_named_type(field.type)) and not field.args
    ]
    ids = [name for name in leaves if name in {"id", "nodeId"}]
    return " ".join(["__typename", *(ids or leaves)])


def _nodes(*pages: Any) -> list[Any]:
    return [edge["node"] for page in pages for edge in page["edges"]]


@pytest.fixture(scope="module")
async def known(stack: Any) -> dict[str, Any]:
    """What stands for arguments; filled by the first test."""
    await found_tenant(stack, "lists", "목록가게")
    return {}


@pytest.fixture
async def lists(frontend: Any, known: dict[str, Any]) -> Lists:
    """The lists of a full shop."""
    shop = dataclasses.replace(frontend, tenant="lists")
    if not known:
        known.update(await fill(shop))
    return Lists(shop, known)


async def _walk(lists: Lists, place: Place, *, halves: bool) -> None:
    """By two pages and from the first cursor; else by pages of every size, from every cursor."""
    async with asyncio.timeout(240):
        while True:
            whole = await lists.page(place, "first: 100")
            count = len(whole["edges"])
            assert (place.name in EMPTY) or count >= _LONG
            try:
                sizes = {max(1, (count + 1) // 2)} if halves else set(range(1, count + 1))
                await _judge(lists, place, whole, sizes)
                await _judge_cursors(lists, place, whole, 1 if halves else count)
            except AssertionError:
                # What happened a moment ago may still be on its way into the list.
                if await lists.page(place, "first: 100") == whole:
                    raise
            else:
                return


async def _judge(lists: Lists, place: Place, whole: Any, sizes: set[int]) -> None:
    assert not whole["pageInfo"]["hasNextPage"]
    for size in sizes:
        pages = await lists.pages(place, size)
        assert _nodes(*pages) == _nodes(whole)
        assert all(len(page["edges"]) <= size for page in pages)
        for number, page in enumerate(pages):
            info, cursors = page["pageInfo"], [edge["cursor"] for edge in page["edges"]]
            assert info["startCursor"] == (cursors[0] if cursors else None)
            assert info["hasPreviousPage"] is (number > 0)
            if cursors:
                assert info["endCursor"] == cursors[-1]


async def _judge_cursors(lists: Lists, place: Place, whole: Any, most: int) -> None:
    exactly = await lists.page(place, f"first: {len(whole['edges'])}")
    assert exactly["pageInfo"]["hasNextPage"] is False
    for number, edge in list(enumerate(whole["edges"], start=1))[:most]:
        rest = await lists.page(place, f'first: 100, after: "{edge["cursor"]}"')
        assert _nodes(rest) == _nodes(whole)[number:]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
async def test_a_connection_is_walked(lists: Lists, place: Place) -> None:
    """4.4 and 5: the pages are the list, once and in order, and say where they stand."""
    await _walk(lists, place, halves=True)


@pytest.mark.deep
@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
async def test_a_connection_is_walked_by_pages_of_every_size(lists: Lists, place: Place) -> None:
    """And any of its edges is a place to go on from."""
    await _walk(lists, place, halves=False)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
async def test_what_is_no_number_or_cursor_is_refused(lists: Lists, place: Place) -> None:
    """4.4: an error for less than none; none is an empty page that knows whether there is more."""
    assert await lists.page(place, "first: -1") == "FIELD_INVALID"
    assert await lists.page(place, 'first: 1, after: "nonsense"') == "PAGE_TOKEN_INVALID"
    none, one = await lists.page(place, "first: 0"), await lists.page(place, "first: 1")
    assert none["edges"] == []
    assert none["pageInfo"]["hasNextPage"] is bool(one["edges"])


@pytest.mark.parametrize(
    "place", [place for place in PLACES if "nodeId" in place.node.fields], ids=lambda one: one.name
)
async def test_nodes_of_a_list_are_asked_for_again(lists: Lists, place: Place) -> None:
    """Object identification: by its global id each is the same object of the same type."""
    page = await lists.page(place, "first: 5")
    ids = [node["nodeId"] for node in _nodes(page)]
    query = "query($ids: [ID!]!) { nodes(nodeIds: $ids) { __typename id nodeId } }"
    again = (await lists.shop.ask(query, ids=ids))["nodes"]
    assert again == [{key: node[key] for key in again[0]} for node in _nodes(page)]


async def test_cursors_hold_while_the_list_grows(lists: Lists) -> None:
    """A cursor stands behind its own edge, wherever new ones come in: none is met twice."""
    place = next(place for place in PLACES if place.name == "Query.offers")
    before = await lists.page(place, "first: 100")
    await offer(lists.shop)
    for number, edge in enumerate(before["edges"], start=1):
        rest = await lists.page(place, f'first: 100, after: "{edge["cursor"]}"')
        assert [node for node in _nodes(rest) if node in _nodes(before)] == _nodes(before)[number:]
