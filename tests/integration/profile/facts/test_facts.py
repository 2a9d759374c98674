"""Facts over gRPC: late, doubled, before a merge, and for whom."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from dangol.profile.v1 import facts_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.facts.asking import DAY, Facts, bought, happened
from tests.integration.profile.harness import OCCURRED_SECONDS, OTHER, Platform, outcomes

ANN = ("member", "ann")
CARD = ("pos_card", "card-1")
SHOES = ("p1", "shoes", 1, 30_000)
HAT = ("p2", "hats", 2, 20_000)


async def test_facts_are_added_up_over_all_that_happened(platform: Platform, facts: Facts) -> None:
    """Orders, returns, cycle, favourites, stores and cost to serve of one customer."""
    partner = platform.client()
    await facts.set_rates(
        return_minor_units=3_000,
        ticket_minute_minor_units=100,
        usual_ticket_minutes=5,
        message_minor_units=20,
        margin_basis_points=5_000,
    )
    ticket = happened(ANN, 8, "ticket")
    ticket.properties["minutes"].number = "12.5"
    await partner.record(
        bought(ANN, 0, SHOES, HAT, store_id="gangnam"),
        bought(ANN, 7, HAT, store_id="gangnam"),
        bought(ANN, 11, SHOES),
        happened(ANN, 12, "return", amount=30_000, store_id="jamsil"),
        happened(ANN, 13, "cancel", amount=1_000),
        ticket,
        happened(ANN, 9, "ticket"),
        happened(ANN, 10, "message_sent"),
        happened(ANN, 11, "coupon_redeemed", amount=2_000),
        happened(ANN, 30, "visit", store_id="busan"),
    )
    customer = await partner.find(*ANN)
    found = await facts.get(customer.customer_id)
    assert (3, 100_000, 30_000, 1_000, 69_000) == (
        found.order_count,
        found.revenue.minor_units,
        found.returned.minor_units,
        found.cancelled.minor_units,
        found.net_revenue.minor_units,
    )
    assert (3, 5.5) == (found.purchase_day_count, found.purchase_cycle_days)
    assert (customer.first_seen, customer.last_seen) == (found.first_seen, found.last_seen)
    assert OCCURRED_SECONDS + 11 * DAY == found.last_purchase.seconds
    assert [("shoes", 2, 2, 60_000), ("hats", 2, 4, 40_000)] == [
        (one.name, one.order_count, one.quantity, one.amount.minor_units)
        for one in found.favourite_categories
    ]
    assert ["p1", "p2"] == [one.name for one in found.favourite_products]
    assert [("gangnam", 2), ("jamsil", 1)] == [
        (one.store_id, one.event_count) for one in found.stores
    ]
    cost = found.cost_to_serve
    assert ("17.5", 3_000, 1_750, 20, 2_000, 6_770) == (
        cost.ticket_minutes,
        cost.returns.minor_units,
        cost.tickets.minor_units,
        cost.messages.minor_units,
        cost.discounts.minor_units,
        cost.total.minor_units,
    )
    assert (34_500 - 6_770, True) == (found.profit.minor_units, found.margin_known)
    assert {"KRW"} == {found.revenue.currency_code, cost.total.currency_code}


async def test_late_doubled_and_before_a_merge_is_the_same_as_in_order(
    platform: Platform, facts: Facts
) -> None:
    """One customer in order under one name; another late, twice, and under two names merged last:
    their facts differ by nothing but the id."""
    partner = platform.client()
    orderly, card = ("member", "orderly"), ("device", "d-1")
    story = [(0, SHOES), (2, HAT), (9, SHOES), (30, HAT)]
    for day, line in story:
        await partner.record(bought(orderly, day, line, store_id="gangnam"))
    events = [
        bought(card if number % 2 else CARD, day, line, store_id="gangnam")
        for number, (day, line) in enumerate(story)
    ]
    for one in reversed(events):
        await partner.record(one)
    again = await partner.record(*events)
    assert ["DUPLICATE"] * 4 == outcomes(again)
    visitor = await partner.find(*card)
    assert 2 == (await facts.get(visitor.customer_id)).order_count
    merged = (await partner.identify(ANN, card, CARD)).customer
    expected = await facts.get((await partner.find(*orderly)).customer_id)
    found = await facts.get(merged.customer_id)
    assert 4 == found.order_count
    # By the clock, which went on between the two questions.
    assert expected.orders_per_month == pytest.approx(found.orders_per_month)
    found.customer_id, found.orders_per_month = expected.customer_id, expected.orders_per_month
    assert expected == found
    # An id that was merged away answers who took over.
    by_old = await facts.get(visitor.customer_id)
    assert (merged.customer_id, 4) == (by_old.customer_id, by_old.order_count)


async def test_nobody_bought_and_nobody_there(platform: Platform, facts: Facts) -> None:
    """Zeros and absences; an unknown id is not found, in a batch left out."""
    ann = (await platform.client().identify(ANN)).customer.customer_id
    found = await facts.get(ann)
    assert (0, False, False) == (
        found.order_count,
        found.HasField("purchase_cycle_days"),
        found.HasField("first_seen"),
    )
    with pytest.raises(RpcFailure) as refused:
        await facts.get("u_nobody")
    assert Code.CUSTOMER_NOT_FOUND is refused.value.code
    assert [ann] == [one.customer_id for one in await facts.batch("u_nobody", ann)]


async def test_customers_see_their_own_facts_without_what_they_cost(
    platform: Platform, facts: Facts
) -> None:
    """Others look like none, another tenant's too; visitors and operators may not ask at all."""
    partner = platform.client()
    await partner.record(bought(ANN, 0, SHOES), bought(("member", "lee"), 0, HAT))
    ann = (await partner.find(*ANN)).customer_id
    lee = (await partner.find("member", "lee")).customer_id
    me = platform.client(Role.CUSTOMER, subject=ann)
    own = await facts.get(ann, me)
    assert (1, False, False) == (
        own.order_count,
        own.HasField("cost_to_serve"),
        own.HasField("profit"),
    )
    assert [ann] == [one.customer_id for one in await facts.batch(lee, ann, client=me)]
    foreign = platform.client(Role.ADMIN, OTHER)
    for client, customer_id in ((me, lee), (foreign, ann)):
        with pytest.raises(RpcFailure) as hidden:
            await facts.get(customer_id, client)
        assert Code.CUSTOMER_NOT_FOUND is hidden.value.code
    for role in (Role.VISITOR, Role.OPERATOR):
        with pytest.raises(RpcFailure) as refused:
            await facts.get(ann, platform.client(role))
        assert Code.ROLE_NOT_ALLOWED is refused.value.code


async def test_rates_are_set_once_a_request_and_by_admins(platform: Platform, facts: Facts) -> None:
    """A lost update is refused, a repeated request is not; of two at once one wins."""
    request_id = str(uuid.uuid4())
    for _ in range(2):
        changed = await facts.set_rates(request_id=request_id, message_minor_units=20)
        assert (1, 20, False) == (
            changed.version,
            changed.message_minor_units,
            changed.HasField("margin_basis_points"),
        )
    with pytest.raises(RpcFailure) as reused:
        await facts.set_rates(request_id=request_id, message_minor_units=30)
    assert Code.REQUEST_CONFLICT is reused.value.code
    with pytest.raises(RpcFailure) as lost:
        await facts.set_rates(message_minor_units=30)
    assert (Code.VERSION_CONFLICT, "rates.version") == (lost.value.code, lost.value.field)
    both = await asyncio.gather(
        *(facts.set_rates(version=1, message_minor_units=number) for number in (1, 2)),
        return_exceptions=True,
    )
    assert 1 == sum(isinstance(one, pb.CostRates) for one in both)
    with pytest.raises(RpcFailure) as refused:
        await facts.set_rates(version=2, client=platform.client(Role.MARKETER))
    assert Code.ROLE_NOT_ALLOWED is refused.value.code
    with pytest.raises(RpcFailure) as bad:
        await facts.set_rates(version=2, margin_basis_points=10_001)
    assert (Code.FIELD_INVALID, "rates.margin_basis_points") == (bad.value.code, bad.value.field)
