"""What each household's year comes to: by DuckDB over the grocer's files, and by the platform."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from dangol.profile.v1 import facts_service_pb2 as pb

from dangol_dev.client import Client
from dangol_dev.grocer.data import data_directory, midnight_ms
from dangol_dev.truth.answers import Answers

_BATCH = 100
# Midnights of the shop's zone come from Python: a day is looked up, not computed.
_QUERY = """
    with lines as (
        select customer, basket_id, store_id, transaction_timestamp, product_id,
            cast(round(sales_value * 100) as bigint) cents
        from '{files}/transactions.parquet' join chosen using (household_id)
    ), baskets as (
        select customer, basket_id, epoch_ms(min(transaction_timestamp)) at_ms,
            sum(cents)::bigint cents, any_value(store_id) store_id
        from lines group by customer, basket_id
    ), days as (
        select distinct customer, day from baskets asof join calendar
        on baskets.at_ms >= calendar.midnight_ms
    ), gaps as (
        select customer, day - lag(day) over (partition by customer order by day) gap from days
    ), cycles as (
        select customer, median(gap) cycle from gaps group by customer
    ), categories as (
        select customer, product_category name, sum(cents) cents,
            count(distinct basket_id) baskets
        from lines join '{files}/products.parquet' using (product_id)
        where product_category is not null group by customer, product_category
    ), ranked as (
        select customer, name, cents, row_number() over (
            partition by customer order by cents desc, baskets desc, name
        ) place from categories
    ), best as (
        select customer, name, cents from ranked where place = 1
    )
    select customer, count(*), sum(baskets.cents)::bigint, max(at_ms), any_value(cycle),
        any_value(best.name), any_value(best.cents)::bigint, count(distinct store_id)
    from baskets left join cycles using (customer)
    left join best using (customer)
    group by customer
"""


@dataclass(frozen=True)
class HouseholdFacts:
    """Cents and UTC milliseconds; cycle_days None with fewer than two days of purchase."""

    orders: int
    revenue: int
    last_purchase_ms: int
    cycle_days: float | None
    top_category: str
    top_category_revenue: int
    stores: int


def facts_by_duckdb(answers: Answers, directory: Path | None = None) -> dict[str, HouseholdFacts]:
    """By customer, from the files' rows of the households in the table `chosen`."""
    answers.connection.execute("create or replace table calendar (day bigint, midnight_ms bigint)")
    answers.connection.executemany("insert into calendar values (?, ?)", _calendar())
    query = _QUERY.format(files=directory or data_directory())
    return {
        customer: HouseholdFacts(
            int(orders),
            int(revenue),
            int(last_ms),
            None if cycle is None else float(cycle),
            category,
            int(spent),
            int(stores),
        )
        for customer, orders, revenue, last_ms, cycle, category, spent, stores in (
            answers.connection.execute(query).fetchall()
        )
    }


async def facts_by_platform(
    client: Client, stub: Any, customer_ids: list[str]
) -> dict[str, HouseholdFacts]:
    """The same by BatchGetFacts."""
    found: dict[str, HouseholdFacts] = {}
    for start in range(0, len(customer_ids), _BATCH):
        request = pb.BatchGetFactsRequest(customer_ids=customer_ids[start : start + _BATCH])
        answer = await client.call(stub.BatchGetFacts, request)
        for one in answer.facts:
            best = one.favourite_categories[0] if one.favourite_categories else pb.Favourite()
            found[one.customer_id] = HouseholdFacts(
                one.order_count,
                one.revenue.minor_units,
                one.last_purchase.ToMilliseconds(),
                one.purchase_cycle_days if one.HasField("purchase_cycle_days") else None,
                best.name,
                best.amount.minor_units,
                one.store_count,
            )
    return found


def _calendar() -> list[tuple[int, int]]:
    """Days by number with their midnights, from before the year to after it."""
    first, count = date(2016, 12, 1), 500
    days = (first + timedelta(days=number) for number in range(count))
    return [(number, midnight_ms(day)) for number, day in enumerate(days)]
