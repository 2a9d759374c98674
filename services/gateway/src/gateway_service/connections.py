"""Relay connections over the services' page tokens."""

from __future__ import annotations

import base64
import binascii
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
        description="Whether this page was asked for behind another one."
    )
    start_cursor: str | None = strawberry.field(description="The first item's cursor.")
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


async def connect(
    first: int | None,
    after: str | None,
    load: Callable[[int, str], Awaitable[Page[Item]]],
    convert: Callable[[Item], Node],
) -> Connection[Node]:
    """Loads one page: load(page_size, page_token) asks the service, convert makes a node.

    A cursor is a page's token and how many of its items to skip, so every edge has one.
    Raises RpcFailure FIELD_INVALID for `first` and PAGE_TOKEN_INVALID for `after`.
    """
    count = FIRST_DEFAULT if first is None else first
    if not 0 < count <= FIRST_MAX:
        raise RpcFailure(Code.FIELD_INVALID, f"ask for 1 to {FIRST_MAX} items", field="first")
    skip, token = _decode(after) if after else (0, "")
    page = await load(skip + count, token)
    items = page.items[skip:]
    edges = [
        Edge(cursor=_encode(skip + number, token), node=convert(item))
        for number, item in enumerate(items, start=1)
    ]
    end_cursor = edges[-1].cursor if edges else after
    if page.next_page_token:
        # Also behind a page on which nothing was found: there is more to look through.
        end_cursor = _encode(0, page.next_page_token)
        if edges:
            edges[-1].cursor = end_cursor
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=bool(page.next_page_token),
            has_previous_page=after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=end_cursor,
        ),
        total_count=page.total_size,
    )


def _encode(skip: int, token: str) -> str:
    return base64.urlsafe_b64encode(f"{skip}:{token}".encode()).rstrip(b"=").decode()


def _decode(cursor: str) -> tuple[int, str]:
    try:
        if len(cursor) > _CURSOR_MAX:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        skip, separator, token = base64.urlsafe_b64decode(padded).decode().partition(":")
        number = int(skip)
        if not separator or not 0 <= number <= FIRST_MAX:
            raise ValueError
    except (ValueError, binascii.Error):
        raise RpcFailure(
            Code.PAGE_TOKEN_INVALID, "the cursor is not one of ours", field="after"
        ) from None
    return number, token
