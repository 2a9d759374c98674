"""Figures of products from the events of a running service, and what a customer looked at."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import duckdb
import pytest
from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1 import product_service_pb2 as pb
from dangol_dev.grocer.data import data_directory, load
from dangol_service_kit.auth import Role
from profile_service.config import ProfileConfig
from profile_service.insight_job import run

from tests.integration.profile.harness import LAB, LAB_START_SECONDS, OTHER, event
from tests.integration.profile.products.shelf import Shelf, upsert

NOW = int(time.time())
HOUSEHOLDS = 12


async def test_facts_count_what_happened_to_a_product(shelf: Shelf) -> None:
    """Stars, reasons and complaints; reasons that are no codes stay out of counts."""
    for number, stars in enumerate((5, 1, 2, 1, 4)):
        await shelf.do(f"critic-{number}", "purchase", "kettle", "lid")
        await shelf.do(f"critic-{number}", "review", "kettle", rating=stars)
    for reason in ("size", "size", "My son Jun dropped it"):
        await shelf.do("critic-1", "return", "kettle", properties={"reason": reason})
    await shelf.do("critic-3", "ticket", "kettle", properties={"topic": "quality"})
    await shelf.do("critic-4", "ticket", "kettle")
    await shelf.do("critic-4", "product_view", "kettle")
    await shelf.do("critic-4", "review")
    facts = await shelf.facts("kettle")
    assert (5, 3, 5, 2.6, [2, 1, 0, 1, 1]) == (
        facts.order_count,
        facts.return_count,
        facts.review_count,
        facts.mean_rating,
        list(facts.ratings),
    )
    assert [("size", 2), ("other", 1)] == [(one.reason, one.count) for one in facts.return_reasons]
    assert [("quality", 1), ("unknown", 1)] == [
        (one.reason, one.count) for one in facts.complaint_reasons
    ]
    assert (2, 1, 0) == (facts.complaint_count, facts.view_count, facts.cart_count)
    elsewhere = await shelf.of(Role.ADMIN, OTHER).facts("kettle")
    assert pb.ProductFacts(product_id="kettle", ratings=[0] * 5) == elsewhere


async def test_feedback_pages_show_reviews_returns_and_tickets_newest_first(shelf: Shelf) -> None:
    """Each once over pages, by kind and by stars, with who said it and the words as sent."""
    for number in range(7):
        kind = ("review", "return", "ticket")[number % 3]
        await shelf.do(
            "talker",
            kind,
            "mug",
            at_seconds=NOW - 1_000 + number,
            rating=1 + number % 5 if kind == "review" else 0,
            properties={"reason": f"word {number}", "text": "It broke."},
        )
    found: list[pb.ProductFeedback] = []
    token = ""
    while True:
        request = pb.ListProductFeedbackRequest(product_id="mug", page_size=3, page_token=token)
        answer = await shelf.client.call(shelf.stub.ListProductFeedback, request)
        found += answer.feedback
        if not (token := answer.next_page_token):
            break
    talker = await shelf.client.find("member", "talker")
    assert [f"word {number}" for number in reversed(range(7))] == [one.reason for one in found]
    assert {(talker.customer_id, "It broke.")} == {(one.customer_id, one.text) for one in found}
    assert [1, 3, 2, 1, 3, 2, 1] == [one.kind for one in found]
    request = pb.ListProductFeedbackRequest(
        product_id="mug", kind="FEEDBACK_KIND_REVIEW", rating_max=3
    )
    answer = await shelf.client.call(shelf.stub.ListProductFeedback, request)
    assert [2, 1] == [one.rating for one in answer.feedback]


async def test_recently_viewed_follows_a_customer_over_identifiers(shelf: Shelf) -> None:
    """A visitor's views are the member's after the merge; bought ones leave when asked."""
    for number, product in enumerate(("pan", "pot", "wok", "pan")):
        at_seconds = NOW - 100 + number
        await shelf.do("v-1", "product_view", product, namespace="device", at_seconds=at_seconds)
    await shelf.do("viewer", "product_view", "lid", at_seconds=NOW - 50)
    await shelf.do("viewer", "purchase", "pan", "wok", at_seconds=NOW - 40)
    await shelf.do("viewer", "product_view", "wok", at_seconds=NOW - 30)
    await shelf.client.identify(("device", "v-1"), ("member", "viewer"))
    await shelf.upsert(upsert("wok", name="Wok", price=30_000))
    customer = await shelf.client.find("member", "viewer")
    me = shelf.of(Role.CUSTOMER, subject=customer.customer_id)

    async def viewed(without_bought: bool) -> list[tuple[str, int]]:
        request = pb.ListRecentlyViewedRequest(
            customer_id=customer.customer_id, without_bought=without_bought
        )
        answer = await me.client.call(me.stub.ListRecentlyViewed, request)
        assert ["Wok"] == [one.product.name for one in answer.products if one.HasField("product")]
        return [(one.product_id, one.view_count) for one in answer.products]

    assert [("wok", 2), ("lid", 1), ("pan", 2), ("pot", 1)] == await viewed(False)
    assert [("wok", 2), ("lid", 1), ("pot", 1)] == await viewed(True)


def _baskets(shelf_households: Sequence[int]) -> list[Event]:
    """The households' baskets of 2017 as purchases in the laboratory's time."""
    data = load()
    chosen = set(shelf_households)
    events = []
    for number, (start, end) in enumerate(pairwise(data.baskets.line_start.tolist())):
        household = int(data.baskets.household[number])
        if household not in chosen:
            continue
        made = event(
            "pos_card", str(household), "purchase", at_seconds=LAB_START_SECONDS - 10**6 + number
        )
        for product in data.lines.product[start:end].tolist():
            made.items.add(product_id=str(product), quantity=1)
        events.append(made)
    return events


async def test_the_refresh_finds_duckdbs_pairs_and_surely_weak_products(
    shelf: Shelf, settings: ProfileConfig
) -> None:
    """Baskets of some of the grocer's households recorded as events; returns of one product."""
    lab = shelf.of(Role.PARTNER, LAB)
    households = load(HOUSEHOLDS).households
    events = _baskets(households)
    for start in range(0, len(events), 500):
        response = await lab.client.record(*events[start : start + 500])
        assert {1} == {one.outcome for one in response.results}
    for number in range(40):
        await lab.do("unlucky", "purchase", "wobbly", at_seconds=LAB_START_SECONDS - 9_000 + number)
        if number % 2:
            await lab.do("unlucky", "return", "wobbly", at_seconds=LAB_START_SECONDS - number)
    await lab.do("once", "purchase", "rare", at_seconds=LAB_START_SECONDS - 9_000)
    await lab.do("once", "return", "rare", at_seconds=LAB_START_SECONDS - 8_000)
    assert await run(settings)
    expected = _by_duckdb(households)
    answer = await lab.client.call(
        lab.stub.ListBoughtTogether, pb.ListBoughtTogetherRequest(limit=20)
    )
    orders = len(events) + 41
    assert orders == answer.order_count
    assert [
        (a, b, n, n / orders, n / na, n * orders / (na * nb)) for a, b, n, na, nb in expected
    ] == [
        (
            one.product_id,
            one.other_product_id,
            one.count,
            _near(one.support),
            _near(one.confidence),
            _near(one.lift),
        )
        for one in answer.pairs
    ]
    first, other = expected[0][:2]
    request = pb.ListBoughtTogetherRequest(product_id=other, limit=1)
    (partner,) = (await lab.client.call(lab.stub.ListBoughtTogether, request)).pairs
    assert (other, first) == (partner.product_id, partner.other_product_id)
    weak = await lab.client.call(lab.stub.ListWeakProducts, pb.ListWeakProductsRequest())
    (wobbly,) = [one for one in weak.products if one.product_id in ("wobbly", "rare")][:1]
    assert ("wobbly", 40, 20) == (wobbly.product_id, wobbly.order_count, wobbly.return_count)
    assert pytest.approx(0.3520, abs=1e-4) == wobbly.return_share_at_least
    assert 0 < weak.return_share < 0.01


def _near(value: float) -> Any:
    """Equal but for rounding."""
    return pytest.approx(value)


def _by_duckdb(households: Sequence[int]) -> list[tuple[str, str, int, int, int]]:
    """(a, b, baskets with both, with a, with b) of the twenty most frequent pairs."""
    query = f"""
        with lines as (
            select distinct basket_id, cast(cast(product_id as bigint) as text) p
            from '{data_directory()}/transactions.parquet'
            where household_id in (select unnest($1::bigint[]))),
        single as (select p, count(*) n from lines group by p),
        pairs as (
            select one.p a, other.p b, count(*) orders
            from lines one join lines other on one.basket_id = other.basket_id and one.p < other.p
            group by one.p, other.p)
        select a, b, orders, x.n, y.n
        from pairs join single x on x.p = a join single y on y.p = b
        order by orders desc, a, b limit 20
    """
    with duckdb.connect() as connection:
        return connection.execute(query, [list(households)]).fetchall()
