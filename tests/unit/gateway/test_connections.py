"""Cursors over page tokens: every edge can be gone on from."""

import pytest
from dangol_service_kit.errors import Code, RpcFailure
from gateway_service.connections import Connection, Page, connect

NUMBERS = list(range(57))


async def _load(page_size: int, page_token: str) -> Page[int]:
    """A service's list whose token is the place to go on."""
    start = int(page_token or 0)
    end = start + page_size
    return Page(NUMBERS[start:end], str(end) if end < len(NUMBERS) else "", len(NUMBERS))


async def _page(first: int | None, after: str | None) -> Connection[str]:
    return await connect(first, after, _load, str)


async def test_pages_cover_the_list() -> None:
    """Following endCursor meets every item once."""
    seen: list[str] = []
    after = None
    while True:
        page = await _page(10, after)
        seen += [edge.node for edge in page.edges]
        assert page.total_count == 57
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
    assert [str(number) for number in NUMBERS] == seen


async def test_any_edge_can_be_gone_on_from() -> None:
    """An edge in the middle of a page has a cursor too."""
    page = await _page(10, (await _page(10, None)).page_info.end_cursor)
    middle = await _page(5, page.edges[3].cursor)
    assert [edge.node for edge in middle.edges] == ["14", "15", "16", "17", "18"]


async def test_an_empty_last_page_keeps_its_place() -> None:
    """Asking behind the end answers nothing and the same cursor."""
    page = await _page(57, None)
    end = page.page_info.end_cursor
    behind = await _page(10, end)
    assert behind.edges == []
    assert behind.page_info.end_cursor == end


@pytest.mark.parametrize("first", [-1, 101])
async def test_pages_are_bounded(first: int) -> None:
    """More than a hundred, or less than none, is refused by name."""
    with pytest.raises(RpcFailure) as caught:
        await _page(first, None)
    assert (caught.value.code, caught.value.field) == (Code.FIELD_INVALID, "first")


@pytest.mark.parametrize("after", ["é", "x", "bm90", "OTk5OQ", "LTE6", "OTk5OTo", "a" * 9000])
async def test_foreign_cursors_are_refused(after: str) -> None:
    """What is not a cursor of ours says so."""
    with pytest.raises(RpcFailure) as caught:
        await _page(10, after)
    assert (caught.value.code, caught.value.field) == (Code.PAGE_TOKEN_INVALID, "after")


class Shelf:
    """A list of a service: at most 100 items a page, and a token is the last item that was seen."""

    def __init__(self, count: int) -> None:
        self.items = list(range(count))
        self.load_count = 0

    async def load(self, page_size: int, page_token: str) -> Page[int]:
        """One page. Raises ValueError as services do."""
        self.load_count += 1
        if not 0 < page_size <= 100:
            raise ValueError(page_size)
        start = self.items.index(int(page_token)) + 1 if page_token else 0
        found = self.items[start : start + page_size]
        more = start + page_size < len(self.items)
        return Page(found, str(found[-1]) if more else "")

    async def page(self, first: int, after: str | None = None) -> Connection[str]:
        """A page of it as a connection."""
        return await connect(first, after, self.load, str)


async def test_no_page_of_a_service_is_larger_than_it_gives() -> None:
    """A full page from the middle of a full page comes from two of them."""
    shelf = Shelf(250)
    start = await shelf.page(100)
    page = await shelf.page(100, start.edges[49].cursor)
    assert [edge.node for edge in page.edges] == [str(number) for number in range(50, 150)]
    assert page.page_info.has_next_page
    rest = await shelf.page(100, page.edges[98].cursor)
    assert [edge.node for edge in rest.edges] == [str(number) for number in range(149, 249)]


@pytest.mark.parametrize("new", [1, 3, 40])
async def test_a_cursor_holds_while_items_come_in_before_it(new: int) -> None:
    """Newest first: who reads on meets nothing twice and misses nothing."""
    shelf = Shelf(20)
    page = await shelf.page(5)
    shelf.items[:0] = [100 + number for number in range(new)]
    for number, edge in enumerate(page.edges, start=1):
        rest = await shelf.page(4, edge.cursor)
        assert [one.node for one in rest.edges] == [str(number + one) for one in range(4)]


async def test_a_cursor_holds_while_items_before_it_go() -> None:
    """Also its own: then it goes on by number, as near as can be."""
    shelf = Shelf(20)
    page = await shelf.page(5)
    del shelf.items[0]
    assert (await shelf.page(2, page.edges[2].cursor)).edges[0].node == "3"
    del shelf.items[1]
    assert (await shelf.page(2, page.edges[2].cursor)).edges[0].node == "5"


async def test_reading_on_asks_the_service_once() -> None:
    """Where nothing came or went, and where a page is followed by its end."""
    shelf = Shelf(50)
    page = await shelf.page(10)
    await shelf.page(10, page.edges[4].cursor)
    await shelf.page(10, page.page_info.end_cursor)
    assert shelf.load_count == 3


async def test_none_stays_where_it_is() -> None:
    """A page of nothing says whether there is more, and does not move on."""
    page = await Shelf(50).page(0)
    assert (page.edges, page.page_info.has_next_page, page.page_info.end_cursor) == ([], True, None)
