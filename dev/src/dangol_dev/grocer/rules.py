"""The grocer's segments: each rule beside a DuckDB query that computes its size from the files.

The queries know nothing of the engine, of its rule language or of the replay. They read:

    chosen(household_id)                                            the replayed households
    purchases(household_id, basket_id, store_id, at_ms, cents)      one row a basket
    lines(household_id, basket_id, at_ms, category)                 one row a line

and a table demographics(household_id, age). $now_ms is the instant of the question in UTC
milliseconds; days(n) is so many days of 24 hours in milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from dangol.segmentation.v1.segment_service_pb2 import CreateSegmentRequest, Segment

from dangol_dev.client import request_id
from dangol_dev.grocer.data import data_directory

WIN_BACK_SEGMENT = "quiet-regulars"


@dataclass(frozen=True)
class GrocerSegment:
    """A segment: its rule for the platform, and its size by a query for the check."""

    segment_id: str
    name: str
    rule: str
    size_sql: str
    at_risk: bool = False

    def create_request(self) -> CreateSegmentRequest:
        """The segment, to be created before anything happened."""
        return CreateSegmentRequest(
            request_id=request_id("grocer", "segment", self.segment_id),
            segment=Segment(
                segment_id=self.segment_id,
                display_names={"en": self.name},
                rule=self.rule,
                at_risk=self.at_risk,
            ),
        )


SEGMENTS = (
    GrocerSegment(
        "weekly-shoppers",
        "Four baskets or more in 30 days",
        "count(purchase, 30d) >= 4",
        """
        select count(*) from (
            select household_id from purchases
            where at_ms > $now_ms - days(30) and at_ms <= $now_ms
            group by household_id having count(*) >= 4)
        """,
    ),
    # Three months of 30 days running, the last of which ended with the last purchase or later:
    # at the instant n = last + 42d the windows are (n - 132d, n - 102d], (n - 102d, n - 72d] and
    # (n - 72d, n - 42d], and the last purchase lies exactly on the end of the third.
    GrocerSegment(
        WIN_BACK_SEGMENT,
        "Three months running, then six silent weeks",
        "count(purchase, from 132d to 102d) >= 1 and count(purchase, from 102d to 72d) >= 1 "
        "and count(purchase, from 72d to 42d) >= 1 and since(purchase) >= 42d",
        """
        select count(*) from (
            select household_id,
                bool_or(at_ms > $now_ms - days(132) and at_ms <= $now_ms - days(102)) a,
                bool_or(at_ms > $now_ms - days(102) and at_ms <= $now_ms - days(72)) b,
                bool_or(at_ms > $now_ms - days(72) and at_ms <= $now_ms - days(42)) c,
                max(at_ms) last_ms
            from purchases where at_ms <= $now_ms group by household_id)
        where a and b and c and last_ms <= $now_ms - days(42)
        """,
        at_risk=True,
    ),
    GrocerSegment(
        "gone-for-a-month",
        "Six baskets in half a year, 28 days silent",
        "count(purchase, 180d) >= 6 and since(purchase) >= 28d",
        """
        select count(*) from (
            select household_id, max(at_ms) last_ms,
                count(*) filter (at_ms > $now_ms - days(180)) recent
            from purchases where at_ms <= $now_ms group by household_id)
        where recent >= 6 and last_ms <= $now_ms - days(28)
        """,
        at_risk=True,
    ),
    GrocerSegment(
        "lost",
        "Three baskets a quarter, none in the next",
        "count(purchase, from 180d to 90d) >= 3 and count(purchase, 90d) = 0",
        """
        select count(*) from chosen where
            (select count(*) from purchases p where p.household_id = chosen.household_id
                and at_ms > $now_ms - days(180) and at_ms <= $now_ms - days(90)) >= 3
            and not exists (select 1 from purchases p where p.household_id = chosen.household_id
                and at_ms > $now_ms - days(90) and at_ms <= $now_ms)
        """,
        at_risk=True,
    ),
    GrocerSegment(
        "heavy-spenders",
        "1,200 dollars or more in 90 days",
        "sum(purchase.amount, 90d) >= 1200",
        """
        select count(*) from (
            select household_id from purchases
            where at_ms > $now_ms - days(90) and at_ms <= $now_ms
            group by household_id having sum(cents) >= 120000)
        """,
    ),
    GrocerSegment(
        "store-hoppers",
        "Three stores or more in half a year",
        "distinct(purchase.store_id, 180d) >= 3",
        """
        select count(*) from (
            select household_id from purchases
            where at_ms > $now_ms - days(180) and at_ms <= $now_ms
            group by household_id having count(distinct store_id) >= 3)
        """,
    ),
    GrocerSegment(
        "beef-lovers",
        "Six baskets with beef in 90 days",
        'count(purchase where any item.category = "BEEF", 90d) >= 6',
        """
        select count(*) from (
            select household_id from lines
            where category = 'BEEF' and at_ms > $now_ms - days(90) and at_ms <= $now_ms
            group by household_id having count(distinct basket_id) >= 6)
        """,
    ),
    GrocerSegment(
        "joined-lately",
        "First basket within half a year",
        "since(first(purchase)) <= 180d",
        """
        select count(*) from (
            select household_id, min(at_ms) first_ms from purchases group by household_id)
        where first_ms >= $now_ms - days(180) and first_ms <= $now_ms
        """,
    ),
    GrocerSegment(
        "mid-life-regulars",
        "Aged 45 to 54, ten baskets in 60 days",
        'profile.age_band = "45-54" and count(purchase, 60d) >= 10',
        """
        select count(*) from (
            select household_id from purchases join demographics using (household_id)
            where age = '45-54' and at_ms > $now_ms - days(60) and at_ms <= $now_ms
            group by household_id having count(*) >= 10)
        """,
    ),
)


def sizes_from_files(
    households: Sequence[int], now_ms: int, directory: Path | None = None
) -> dict[str, int]:
    """The size of every segment as DuckDB finds it in the Parquet files, by segment id."""
    directory = directory or data_directory()
    with duckdb.connect() as connection:
        connection.execute(
            "create temp table chosen as select unnest($1::bigint[]) household_id",
            [list(households)],
        )
        connection.execute("create temp macro days(n) as n::bigint * 86400000")
        for view, query in _VIEWS.items():
            connection.execute(f"create temp table {view} as {query.format(files=directory)}")
        sizes = {}
        for segment in SEGMENTS:
            found = connection.execute(segment.size_sql, {"now_ms": now_ms}).fetchone()
            assert found is not None
            sizes[segment.segment_id] = int(found[0])
    return sizes


_VIEWS = {
    "purchases": """
        select household_id, basket_id, any_value(store_id) store_id,
            epoch_ms(min(transaction_timestamp)) at_ms,
            sum(cast(round(sales_value * 100) as bigint)) cents
        from '{files}/transactions.parquet' semi join chosen using (household_id)
        group by household_id, basket_id
    """,
    "lines": """
        select household_id, basket_id, epoch_ms(transaction_timestamp) at_ms,
            coalesce(product_category, '') category
        from '{files}/transactions.parquet' semi join chosen using (household_id)
        left join '{files}/products.parquet' using (product_id)
    """,
    "demographics": """
        select household_id, age from '{files}/demographics.parquet'
        semi join chosen using (household_id)
    """,
}
