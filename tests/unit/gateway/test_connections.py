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
