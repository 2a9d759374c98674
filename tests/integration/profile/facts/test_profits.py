"""Who brings most, as of the last refresh by the job."""

from __future__ import annotations

from typing import Any

import pytest
from dangol.profile.v1 import privacy_service_pb2 as privacy_pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from profile_service.config import ProfileConfig
from profile_service.insight_job import run

from tests.integration.profile.facts.asking import Facts, bought, happened
from tests.integration.profile.harness import OTHER, Platform

Names = dict[str, str]


async def _three(platform: Platform) -> Names:
    """One who buys most and sends it back, one who is cheap to serve, one who only costs."""
    partner = platform.client()
    loud, calm, idle = (("member", name) for name in ("loud", "calm", "idle"))
    ticket = happened(loud, 2, "ticket")
    ticket.properties["minutes"].number = "30"
    await partner.record(
        bought(loud, 0, ("p", "c", 1, 100_000)),
        happened(loud, 1, "return", amount=40_000),
        ticket,
        bought(calm, 0, ("p", "c", 1, 30_000)),
        bought(calm, 14, ("p", "c", 1, 40_000)),
        happened(idle, 0, "message_sent"),
    )
    names = ("loud", "calm", "idle")
    return {name: (await partner.find("member", name)).customer_id for name in names}


async def test_the_most_profitable_are_not_those_who_buy_most(
    platform: Platform, facts: Facts, settings: ProfileConfig
) -> None:
    """Ranks, shares and totals; the same profit as each customer's facts say."""
    names = await _three(platform)
    assert not (await facts.best()).HasField("refresh_time")
    await facts.set_rates(
        return_minor_units=3_000, ticket_minute_minor_units=100, message_minor_units=50
    )
    assert await run(settings)
    found = await facts.best()
    assert [("calm", 1, 70_000), ("loud", 2, 54_000), ("idle", 3, -50)] == [
        (
            next(name for name, one in names.items() if one == row.customer_id),
            row.rank,
            row.profit.minor_units,
        )
        for row in found.customers
    ]
    assert (3, 170_000, 123_950, False) == (
        found.customer_count,
        found.total_revenue.minor_units,
        found.total_profit.minor_units,
        found.margin_known,
    )
    # A fifth of three customers is 0.6 of the one with most revenue.
    assert 0.6 * 100 / 170 == pytest.approx(found.top_fifth_revenue_share)
    assert 70_000 / 123_950 == pytest.approx(found.customers[0].cumulative_profit_share)
    for row in found.customers:
        one = await facts.get(row.customer_id)
        assert (one.profit, one.cost_to_serve.total, one.net_revenue, one.order_count) == (
            row.profit,
            row.cost_to_serve,
            row.net_revenue,
            row.order_count,
        )
    calm = await facts.get(names["calm"])
    assert 70 / 170 == pytest.approx(calm.revenue_share)


async def test_rules_see_the_rank_and_the_cycle(
    platform: Platform, settings: ProfileConfig
) -> None:
    """As fields of the customer, told to segmentation; a second run writes nothing."""
    names = await _three(platform)
    assert await run(settings)
    partner = platform.client()
    calm = await partner.get(names["calm"])
    assert ("0.0000", "14.0") == (
        calm.fields["profit_rank"].number,
        calm.fields["purchase_cycle_days"].number,
    )
    loud = await partner.get(names["loud"])
    assert ("0.3333", False) == (
        loud.fields["profit_rank"].number,
        "purchase_cycle_days" in loud.fields,
    )
    told = {
        delta.customer_id: delta.profile.fields["profit_rank"].number
        for request in platform.segmentation.evaluated
        for delta in request.customers
        if "profit_rank" in delta.profile.fields
    }
    assert {names["calm"]: "0.0000", names["loud"]: "0.3333", names["idle"]: "0.6667"} == told
    assert await run(settings)
    again = await partner.get(names["calm"])
    assert calm.version == again.version


async def test_pages_are_of_one_refresh_which_outlives_one_more(
    platform: Platform, facts: Facts, settings: ProfileConfig
) -> None:
    """Whoever reads a list while it is made anew goes on in the former; then it is gone."""
    names = await _three(platform)
    assert await run(settings)
    first = await facts.best(page_size=1)
    await platform.client().record(bought(("member", "idle"), 20, ("p", "c", 1, 900_000)))
    assert await run(settings)
    rest = await facts.best(page_size=5, page_token=first.next_page_token)
    assert [names["calm"], names["loud"], names["idle"]] == [
        row.customer_id for row in (*first.customers, *rest.customers)
    ]
    assert "" == rest.next_page_token
    assert names["idle"] == (await facts.best(page_size=1)).customers[0].customer_id
    assert await run(settings)
    for token in (first.next_page_token, "nonsense"):
        with pytest.raises(RpcFailure) as refused:
            await facts.best(page_token=token)
        assert Code.PAGE_TOKEN_INVALID is refused.value.code
    assert 2 * 3 == await platform.database.standings.count_documents({})


async def test_who_is_merged_or_erased_leaves_the_list_at_once(
    platform: Platform, facts: Facts, settings: ProfileConfig
) -> None:
    """Without a refresh; of the erased no row is left in any."""
    names = await _three(platform)
    await platform.client().record(bought(("device", "d-1"), 0, ("p", "c", 1, 10)))
    assert await run(settings)
    assert 4 == len((await facts.best()).customers)
    await platform.client().identify(("member", "calm"), ("device", "d-1"))
    left = {names["loud"], names["calm"], names["idle"]}
    assert left == {row.customer_id for row in (await facts.best()).customers}
    stub: Any = PrivacyServiceStub(platform.channel)
    request = privacy_pb.EraseCustomerRequest(
        request_id="7b0a1f0e-6f1c-4a51-9f1e-0d4f3b2c1a00", customer_id=names["loud"], reason="asked"
    )
    await facts.admin.call(stub.EraseCustomer, request)
    left.remove(names["loud"])
    assert left == {row.customer_id for row in (await facts.best()).customers}
    mine = {"_id.c": names["loud"]}
    assert 0 == await platform.database.standings.count_documents(mine)
    assert await run(settings)
    assert 0 == await platform.database.standings.count_documents(mine)


async def test_the_list_is_for_the_back_office_of_its_tenant(
    platform: Platform, facts: Facts, settings: ProfileConfig
) -> None:
    """Staff, partners and customers are refused; another tenant has a list of its own."""
    await _three(platform)
    assert await run(settings)
    for role in (Role.STAFF, Role.PARTNER, Role.CUSTOMER, Role.VISITOR):
        with pytest.raises(RpcFailure) as refused:
            await facts.best(platform.client(role))
        assert Code.ROLE_NOT_ALLOWED is refused.value.code
    other = await facts.best(platform.client(Role.MARKETER, OTHER))
    assert (0, []) == (other.customer_count, list(other.customers))
