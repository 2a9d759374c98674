"""Figures of shops as DuckDB finds them, straight from their definitions in docs/insight.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

DAY_MS = 24 * 3600 * 1000
ZONE = ZoneInfo("America/New_York")
PURCHASES = pa.schema(
    {"store": pa.string(), "region": pa.string(), "customer": pa.string()}
    | {"at_ms": pa.int64(), "amount": pa.int64()}
)
PERIODS = pa.schema({"day": pa.string(), "start_ms": pa.int64(), "end_ms": pa.int64()})

QUERY = """
with bought as (
    select {scope} as scope, customer, at_ms, amount from purchases where at_ms <= $now
),
each_end as (select *, least(end_ms - 1, $now) as last_ms from periods),
scopes as (select distinct scope from bought),
in_period as (
    select scope, day, count(*) as orders, sum(amount) as revenue,
        count(distinct customer) as active
    from bought join each_end on at_ms between start_ms and last_ms group by all
),
firsts as (select scope, customer, min(at_ms) as first_ms from bought group by all),
fresh as (
    select scope, day, count(*) as fresh
    from firsts join each_end on first_ms between start_ms and last_ms group by all
),
back as (
    select scope, day, count(distinct customer) as back
    from bought as b join each_end on at_ms between start_ms and last_ms
        join firsts using (scope, customer)
    where first_ms < start_ms and (
        select max(o.at_ms) from bought as o
        where o.scope = b.scope and o.customer = b.customer and o.at_ms < b.at_ms
    ) <= b.at_ms - $lost
    group by all
),
lost as (
    select scope, day, count(distinct customer) as lost
    from bought as b join each_end on at_ms + $lost between start_ms and last_ms
    where not exists (
        select 1 from bought as o where o.scope = b.scope and o.customer = b.customer
            and o.at_ms > b.at_ms and o.at_ms < b.at_ms + $lost
    )
    group by all
),
lasts as (
    select scope, customer, day, last_ms, max(at_ms) as bought_ms
    from bought join each_end on at_ms <= last_ms group by all
),
quiet as (
    select * from lasts where last_ms - bought_ms >= $risk and last_ms - bought_ms < $lost
),
at_risk as (
    select q.scope, q.day, count(distinct q.customer) as at_risk, sum(b.amount) as value
    from quiet as q join bought as b on b.scope = q.scope and b.customer = q.customer
        and b.at_ms between q.bought_ms - $value and q.bought_ms
    group by all
)
select scope, day, coalesce(orders, 0), coalesce(revenue, 0), coalesce(active, 0),
    coalesce(fresh, 0), coalesce(active, 0) - coalesce(fresh, 0) - coalesce(back, 0),
    coalesce(back, 0), coalesce(lost, 0), coalesce(at_risk, 0), coalesce(value, 0)
from scopes cross join each_end
    left join in_period using (scope, day) left join fresh using (scope, day)
    left join back using (scope, day) left join lost using (scope, day)
    left join at_risk using (scope, day)
where each_end.start_ms <= $now
    and coalesce(orders, lost, at_risk) is not null
order by scope, day
"""


@dataclass(frozen=True)
class Windows:
    """In days."""

    lost: int
    risk: int
    value: int


class Truth:
    """DuckDB over purchases: (store, region, customer, at_ms, amount)."""

    def __init__(self, purchases: Iterable[tuple[str, str, str, int, int]]) -> None:
        self._connection = duckdb.connect()
        rows = [dict(zip(PURCHASES.names, one, strict=True)) for one in purchases]
        self._load("purchases", rows, PURCHASES)

    def _load(self, name: str, rows: Sequence[dict[str, Any]], schema: pa.Schema) -> None:
        table = pa.Table.from_pylist(list(rows), schema)
        self._connection.register("arriving", table)
        self._connection.execute(f"create or replace table {name} as from arriving")
        self._connection.unregister("arriving")

    def figures(
        self, scope: str, days: Sequence[date], windows: Windows, now_ms: int
    ) -> list[tuple[Any, ...]]:
        """Rows in order of scope and day; days are those on which periods begin, and the last
        one's end."""
        starts = [midnight_ms(day) for day in days]
        rows = [
            {"day": day.isoformat(), "start_ms": start, "end_ms": end}
            for day, start, end in zip(days, starts, starts[1:], strict=False)
        ]
        self._load("periods", rows, PERIODS)
        column = {"STORE": "store", "REGION": "region", "TENANT": "''"}[scope]
        known = {
            "now": now_ms,
            "lost": windows.lost * DAY_MS,
            "risk": windows.risk * DAY_MS,
            "value": windows.value * DAY_MS,
        }
        return self._connection.execute(QUERY.format(scope=column), known).fetchall()


def midnight_ms(day: date) -> int:
    """The instant at which a day begins in New York, in UTC milliseconds."""
    return int(datetime.combine(day, time(), ZONE).timestamp() * 1000)


def days_from(first: date, count: int, unit: str) -> list[date]:
    """The first days of `count` periods, and the day after the last; months begin with the 1st."""
    if unit == "MONTH":
        months = [first.year * 12 + first.month - 1 + number for number in range(count + 1)]
        return [date(one // 12, one % 12 + 1, 1) for one in months]
    step = 7 if unit == "WEEK" else 1
    return [first + timedelta(days=step * number) for number in range(count + 1)]
