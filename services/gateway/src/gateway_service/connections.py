"""Relay connections over the services' page tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import strawberry
from dangol_service_kit.errors import Code, RpcFailure

from gateway_service.fields import resolver

FIRST_DEFAULT = 20
FIRST_MAX = 100
_CURSOR_MAX = 4096

Node = TypeVar("Node")
Item = TypeVar("Item")


@strawberry.type(description="Where a page of a list stands.")
class PageInfo:
    """Forward paging only: the lists are read from the newest or first on."""

    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether there is something before this page."
    )
    start_cursor: str | None = strawberry.field(description="Where the page begins.")
    end_cursor: str | None = strawberry.field(
        description="Send it as `after` to get the next page."
    )


@strawberry.type(description="One item of a list, and where it stands.")
class Edge(Generic[Node]):
    """A node and its cursor."""

    cursor: str = strawberry.field(description="Opaque; send it as `after` to go on behind it.")
    node: Node = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    """Edges with their page information."""

    edges: list[Edge[Node]] = strawberry.field(description="The items with their cursors.")
    page_info: PageInfo = strawberry.field(description="Whether there is more.")
    total_count: int | None = strawberry.field(
        description="How many there are in all, where that is known."
    )

    @resolver("The items alone.")
    def nodes(self) -> list[Node]:
        """The items without their cursors."""
        return [edge.node for edge in self.edges]


class Page(NamedTuple, Generic[Item]):
    """What a service answers to one List call."""

    items: Sequence[Item]
    next_page_token: str
    total_size: int | None = None


class _Place(NamedTuple):
    """Behind the item with that number on the page of a token. mark: tells which item it is."""

    number: int
    mark: str
    token: str


_START = _Place(0, "", "")


async def connect(
    first: int | None,
    after: str | None,
    load: Callable[[int, str], Awaitable[Page[Item]]],
    convert: Callable[[Item], Node],
) -> Connection[Node]:
    """Loads one page: load(page_size, page_token) asks the service, convert makes a node.

    A cursor is a page's token, how many of its items to skip, and a mark of the last of them: so
    every edge has one, and it holds while items come and go before it.
    Raises RpcFailure FIELD_INVALID for `first` and PAGE_TOKEN_INVALID for `after`.
    """
    count = FIRST_DEFAULT if first is None else first
    if not 0 <= count <= FIRST_MAX:
        raise RpcFailure(Code.FIELD_INVALID, f"ask for 0 to {FIRST_MAX} items", field="first")
    place = _decode(after) if after else _START
    # Whoever wants none still hears whether there are any.
    page = await load(min(place.number + max(count, 1), FIRST_MAX), place.token)
    skip = _behind(place, page.items, convert)
    if skip is None:
        # What came in meanwhile moved it on.
        page = await load(FIRST_MAX, place.token)
        skip = _behind(place, page.items, convert)
        skip = place.number if skip is None else skip
    edges = _edges(page.items, place.token, convert)[skip : skip + count]
    more = bool(page.next_page_token) or len(page.items) > skip + count
    if skip and len(edges) < count and page.next_page_token:
        token = page.next_page_token
        page = await load(count - len(edges), token)
        edges += _edges(page.items, token, convert)[: count - len(edges)]
        more = bool(page.next_page_token)
    elif len(page.items) > skip + count:
        # The page goes on behind what was asked for.
        page = page._replace(next_page_token="")
    end_cursor = edges[-1].cursor if edges else after
    if page.next_page_token and (edges or count):
        # Also behind a page on which nothing was found: there is more to look through.
        end_cursor = _encode(_Place(0, "", page.next_page_token))
        if edges:
            edges[-1].cursor = end_cursor
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=more,
            has_previous_page=after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=end_cursor,
        ),
        total_count=page.total_size,
    )


def _edges(items: Sequence[Item], token: str, convert: Callable[[Item], Node]) -> list[Edge[Node]]:
    found = []
    for number, item in enumerate(items, start=1):
        node = convert(item)
        cursor = _encode(_Place(number, _mark(item, node), token))
        found.append(Edge(cursor=cursor, node=node))
    return found


def _behind(place: _Place, items: Sequence[Item], convert: Callable[[Item], Node]) -> int | None:
    """How many items of the page to skip; None where the one that is meant is not among them."""
    if not place.mark:
        return place.number
    # Where it was first: usually nothing has come or gone.
    numbers: list[int] = [place.number, *range(1, len(items) + 1)]
    for number in numbers:
        item = items[number - 1] if 0 < number <= len(items) else None
        if item is not None and _mark(item, convert(item)) == place.mark:
            return number
    return None


def _mark(item: object, node: object) -> str:
    """Tells an item from the others of its list: by its id, or by all that it says."""
    text = getattr(node, "id", None)
    if text is None:
        serialize = getattr(item, "SerializeToString", None)
        text = serialize(deterministic=True).hex() if serialize else repr(item)
    return hashlib.blake2b(str(text).encode(), digest_size=6).hexdigest()


def _encode(place: _Place) -> str:
    text = f"{place.number}{'.' if place.mark else ''}{place.mark}:{place.token}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _decode(cursor: str) -> _Place:
    try:
        if len(cursor) > _CURSOR_MAX:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.urlsafe_b64decode(padded).decode()
        skip, separator, token = text.partition(":")
        number, _, mark = skip.partition(".")
        if not separator or not 0 <= int(number) <= FIRST_MAX:
            raise ValueError
    except (ValueError, binascii.Error):
        raise RpcFailure(
            Code.PAGE_TOKEN_INVALID, "the cursor is not one of ours", field="after"
        ) from None
    return _Place(int(number), mark, token)
