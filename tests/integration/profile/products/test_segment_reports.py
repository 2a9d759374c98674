"""What members of a segment bought and responded to: equal to DuckDB over a real grocer's lines."""

from __future__ import annotations

import uuid
from itertools import pairwise
from typing import Any

import duckdb
import pytest
from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1 import insight_service_pb2 as pb
from dangol.profile.v1.insight_service_pb2_grpc import InsightServiceStub
from dangol_dev.grocer.data import GrocerData, data_directory, load
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import OTHER, event
from tests.integration.profile.products.shelf import Shelf, upsert
from tests.integration.profile.record.recording import refused

HOUSEHOLDS = 3
FORTNIGHT_MS = 14 * 86_400_000
LIMIT = 25
# Of every seven products one is in no catalogue.
CATEGORIES = 6


def _window(data: GrocerData) -> tuple[int, int]:
    """Six weeks of the year, in UTC milliseconds."""
    first_ms = int(data.baskets.at_ms[0])
    return first_ms + 2 * FORTNIGHT_MS, first_ms + 5 * FORTNIGHT_MS


def _events(data: GrocerData) -> list[Event]:
    """Every basket from two weeks before the window to two weeks after it, with its lines."""
    start_ms, end_ms = _window(data)
    made = []
    for number, (start, end) in enumerate(pairwise(data.baskets.line_start.tolist())):
        at_ms = int(data.baskets.at_ms[number])
        if not start_ms - FORTNIGHT_MS <= at_ms < end_ms + FORTNIGHT_MS:
            continue
        one = event("pos_card", f"r-{data.baskets.household[number]}", "purchase")
        one.occurred_at.FromMilliseconds(at_ms)
        one.amount.currency_code = "USD"
        one.amount.minor_units = int(data.baskets.cents[number])
        for product in data.lines.product[start:end].tolist():
            one.items.add(product_id=f"g-{product}", quantity=1)
        made.append(one)
    return made


def _by_duckdb(data: GrocerData, members: list[int]) -> dict[str, Any]:
    """The same from the file's rows; only which baskets lie in the window is told to it."""
    start_ms, end_ms = _window(data)
    times = zip(data.baskets.basket.tolist(), data.baskets.at_ms.tolist(), strict=True)
    chosen = [basket for basket, at_ms in times if start_ms <= at_ms < end_ms]
    lines = f"""
        with lines as (
            select basket_id, household_id, cast(product_id as bigint) as p,
                cast(round(sales_value * 100) as bigint) as cents
            from '{data_directory()}/transactions.parquet'
            where basket_id in (select unnest($1::bigint[]))
                and household_id in (select unnest($2::bigint[])))
    """
    with duckdb.connect() as connection:

        def ask(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(lines + query, [chosen, members]).fetchall()

        (totals,) = ask(
            "select count(distinct household_id), count(distinct basket_id), sum(cents) from lines"
        )
        products = ask(f"""
            select 'g-' || p as name, count(distinct basket_id) as n from lines
            group by p order by n desc, name limit {LIMIT}""")
        categories = ask(f"""
            select 'c-' || (p % 7) as name, count(distinct basket_id) as n from lines
            where p % 7 < {CATEGORIES} group by name order by n desc, name""")
    return {"totals": totals, "products": products, "categories": categories}


async def _respond(shelf: Shelf, data: GrocerData) -> None:
    """Messages and coupons of the first two members, and of somebody who is in no segment."""
    at = _window(data)[0] // 1000 + 1
    one, two, *_, stranger = (f"r-{name}" for name in data.households)

    async def happen(name: str, kind: str, cents: int = 0, seconds: int = at) -> None:
        made = event("pos_card", name, kind, at_seconds=seconds)
        if cents:
            made.amount.currency_code, made.amount.minor_units = "USD", cents
        await shelf.client.record(made)

    for name in (one, two, stranger):
        await happen(name, "message_sent")
        await happen(name, "coupon_issued")
    await happen(one, "message_sent")
    await happen(one, "message_opened")
    await happen(one, "coupon_redeemed", 700)
    await happen(two, "coupon_redeemed", 500)
    await happen(two, "coupon_reversed", 200)
    await happen(two, "return", 300)
    await happen(two, "message_clicked", seconds=at - 86_400)


async def test_a_segment_s_report_equals_duckdb(shelf: Shelf) -> None:
    """Orders, revenue, buyers, products and categories of six weeks, over pages of members, one
    of whom was merged; responses by hand; who is not a member, or out of time, is not in it."""
    data = load(HOUSEHOLDS + 1)
    *members, _ = data.households
    grocer = shelf.of(Role.PARTNER, OTHER)
    events = _events(data)
    for start in range(0, len(events), 500):
        await grocer.client.record(*events[start : start + 500])
    products = sorted({item.product_id for one in events for item in one.items})
    known = [name for name in products if int(name[2:]) % 7 < CATEGORIES]
    for start in range(0, len(known), 100):
        some = known[start : start + 100]
        written = [
            upsert(name, "name", "category", name=name, category=f"c-{int(name[2:]) % 7}")
            for name in some
        ]
        assert {"CREATED"} == {one for one, _, _ in await grocer.upsert(*written)}
    await _respond(grocer, data)
    names = [("pos_card", f"r-{household}") for household in members]
    admin = grocer.platform.client(Role.ADMIN, OTHER)
    await admin.identify(names[0], ("device", f"phone-{uuid.uuid4()}"))
    ids = [(await admin.find(*name)).customer_id for name in names]
    shelf.platform.segmentation.members.ids["loyal"] = ids

    stub: Any = InsightServiceStub(shelf.platform.channel)
    marketer = shelf.platform.client(Role.MARKETER, OTHER)
    request = pb.ReportSegmentRequest(segment_id="loyal", limit=LIMIT)
    request.start_time.FromMilliseconds(_window(data)[0])
    request.end_time.FromMilliseconds(_window(data)[1])
    found = await marketer.call(stub.ReportSegment, request)
    expected = _by_duckdb(data, members)
    assert (HOUSEHOLDS, HOUSEHOLDS) == (found.member_count, found.measured_count)
    assert expected["totals"] == (
        found.buyer_count,
        found.order_count,
        found.revenue.minor_units,
    )
    assert expected["products"] == [(one.id, one.order_count) for one in found.products]
    assert expected["categories"] == [(one.id, one.order_count) for one in found.categories]
    assert ("USD", 1, 300, 1_000) == (
        found.discount.currency_code,
        found.return_count,
        found.returned.minor_units,
        found.discount.minor_units,
    )
    assert [
        *(("message_sent", 3, 2), ("message_opened", 1, 1), ("message_clicked", 0, 0)),
        *(("coupon_issued", 2, 2), ("coupon_redeemed", 2, 2), ("coupon_reversed", 1, 1)),
        *(("gift_sent", 0, 0), ("gift_claimed", 0, 0)),
    ] == [(one.event_type, one.event_count, one.customer_count) for one in found.responses]

    elsewhere = pb.ReportSegmentRequest(segment_id="nobody")
    assert Code.SEGMENT_NOT_FOUND is await _code(marketer.call(stub.ReportSegment, elsewhere))
    request.end_time.CopyFrom(request.start_time)
    await refused(marketer.call(stub.ReportSegment, request), Code.FIELD_INVALID, "end_time")
    partner = shelf.platform.client(Role.PARTNER, OTHER)
    assert Code.ROLE_NOT_ALLOWED is await _code(partner.call(stub.ReportSegment, request))


async def _code(attempt: Any) -> Code:
    """Why a call was refused."""
    with pytest.raises(RpcFailure) as failure:
        await attempt
    return failure.value.code
