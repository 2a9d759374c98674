"""Pages of members while members come and go."""

from __future__ import annotations

from itertools import count, islice
from typing import Any

from dangol.segmentation.v1 import segment_service_pb2 as pb
from segmentation_service.partitions import partition_of

from tests.integration.segmentation.fake_profile import SHOP, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant

RULE = "count(visit) >= 1 and last(visit) > last(return) or count(visit) >= 1 and count(return) = 0"


def of_one_partition(wanted: int) -> list[str]:
    """Customers whose index is one sorted set, in order of id."""
    names = (f"c{number:05}" for number in count())
    return list(islice((name for name in names if partition_of(SHOP, name) == 7), wanted))


async def page_of(shop: Tenant, token: str, size: int) -> Any:
    """ListMembers."""
    request = pb.ListMembersRequest(segment_id="here", page_size=size, page_token=token)
    return await shop.ask(shop.replica.segments.ListMembers, request)


async def test_who_stays_is_on_exactly_one_page(shop: Tenant) -> None:
    """Whoever leaves or comes between two pages, the one at the page's end included.

    All have entered at the same instant, so that places are told apart by id alone.
    """
    names = of_one_partition(40)
    now_ms = wall_ms() - 60_000
    await shop.define("here", RULE)
    for name in names:
        await shop.send(name, keyed("visit", now_ms))
    left: set[str] = set()
    listed: list[str] = []
    token = ""
    while True:
        page = await page_of(shop, token, 6)
        assert 40 - len(left) <= page.total_size
        listed += [member.customer_id for member in page.members]
        token = page.next_page_token
        if not token:
            break
        # The last one listed, the first one, and one of those still to come.
        last = names.index([name for name in listed if name in names][-1])
        leaving = {names[last], listed[0], names[min(last + 2, 39)]} - left
        for name in sorted(leaving):
            await shop.send(name, keyed("return", now_ms + 1))
        await shop.send(f"{names[last]}-new", keyed("visit", now_ms))
        left |= leaving
    stayed = [name for name in names if name not in left]
    assert 1 == max(listed.count(name) for name in names)
    assert stayed == [name for name in listed if name in stayed]
    later = [name for name in left if name not in listed]
    assert later


async def test_who_comes_again_is_listed_with_the_later_stint(shop: Tenant) -> None:
    """Between two pages she left and came again: a place further on is hers now."""
    names = of_one_partition(6)
    now_ms = wall_ms() - 60_000
    await shop.define("here", RULE)
    for number, name in enumerate(names):
        await shop.send(name, keyed("visit", now_ms + number))
    first = await page_of(shop, "", 3)
    assert names[:3] == [member.customer_id for member in first.members]
    for name in (names[1], names[4]):
        await shop.send(name, keyed("return", now_ms + 10), keyed("visit", now_ms + 11))
    second = await page_of(shop, first.next_page_token, 10)
    assert [(names[3], 1), (names[5], 1), (names[1], 2), (names[4], 2)] == [
        (member.customer_id, member.stint) for member in second.members
    ]
    assert {now_ms + 11} == {one.entered_at.ToMilliseconds() for one in second.members[2:]}
