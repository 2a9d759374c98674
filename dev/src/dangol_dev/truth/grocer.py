"""The grocer's raw events, straight from its files, and two rules on coupons."""

from datetime import date
from pathlib import Path

import pyarrow as pa
from dangol.segmentation.v1.segment_service_pb2 import CreateSegmentRequest, Segment

from dangol_dev.client import Client, request_id
from dangol_dev.figures import CampaignFigure
from dangol_dev.grocer.data import END_DAY, FIRST_DAY, TIME_ZONE, data_directory, midnight_ms
from dangol_dev.grocer.plan import campaign_id
from dangol_dev.grocer.replay import TENANT_ID, GrocerReplay
from dangol_dev.setting_up import install_starters
from dangol_dev.truth.answers import Answers
from dangol_dev.truth.queries import COUPON_QUERIES, QUERIES
from dangol_dev.truth.watch import Watch

# In cents, as the rules of the ready segments have them for this currency.
AMOUNTS = {"vip": 100_000, "champion": 80_000}
ALL_QUERIES = QUERIES | COUPON_QUERIES
COUPON_RULES = {
    "coupon-users": "distinct(coupon_redeemed.properties.coupon_id, 90d) >= 3",
    "no-more-coupons": "since(coupon_redeemed) >= 60d",
}
_MONTHS = [date(2017, month, 1) for month in range(2, 13)] + [END_DAY]

# A redemption used again on another day was refused; the first one counts, at its midnight.
_EVENTS = """
    create table events as
    select 'b' || basket_id event, chosen.customer, 'purchase' type,
        epoch_ms(min(transaction_timestamp)) at_ms, 'store' channel,
        null::varchar session_id, null::varchar cart_id, 'b' || basket_id order_id,
        any_value(store_id)::varchar store_id,
        sum(cast(round(sales_value * 100) as bigint))::bigint amount,
        null::bigint rating, null::varchar offer_id, null::varchar coupon_id
    from '{files}/transactions.parquet' join chosen using (household_id)
    group by chosen.customer, basket_id
    union all by name
    select chosen.customer, 'coupon_redeemed' type, min(midnights.at_ms) at_ms,
        campaign_id || '/' || coupon_upc coupon_id
    from '{files}/coupon_redemptions.parquet' join chosen using (household_id)
    join midnights on midnights.day = redemption_date::date::varchar
    group by chosen.customer, campaign_id, coupon_upc
"""
# Each campaign's list, coupons and first redemptions, and what its households bought in its window.
_CAMPAIGNS = """
    with listed as (
        select campaign_id, household_id from '{files}/campaigns.parquet'
        join chosen using (household_id)
    ), mailed as (
        select campaign_id, count(distinct coupon_upc) coupons
        from '{files}/coupons.parquet' group by campaign_id
    ), used as (
        select campaign_id, count(distinct (household_id, coupon_upc)) redeemed
        from '{files}/coupon_redemptions.parquet' join chosen using (household_id)
        group by campaign_id
    ), baskets as (
        select household_id, basket_id, epoch_ms(min(transaction_timestamp)) at_ms,
            sum(cast(round(sales_value * 100) as bigint))::bigint cents
        from '{files}/transactions.parquet' join chosen using (household_id)
        group by household_id, basket_id
    ), bought as (
        select campaign_id, count(distinct household_id) converted, sum(cents)::bigint revenue
        from listed join spans using (campaign_id) join baskets using (household_id)
        where ended and at_ms >= start_ms and at_ms < end_ms
        group by campaign_id
    )
    select campaign_id, count(*) listed, count(*) * any_value(coupons) issued,
        coalesce(any_value(redeemed), 0) redeemed, count(*) filter (ended) measured,
        coalesce(any_value(converted), 0) converted, coalesce(any_value(revenue), 0) revenue
    from listed join spans using (campaign_id) join mailed using (campaign_id)
    left join used using (campaign_id) left join bought using (campaign_id)
    group by campaign_id order by campaign_id
"""
_ITEMS = """
    create table items as
    select 'b' || basket_id event, chosen.customer, 'purchase' type,
        epoch_ms(transaction_timestamp) at_ms, product_id::varchar product_id,
        product_category category
    from '{files}/transactions.parquet' join chosen using (household_id)
    left join '{files}/products.parquet' using (product_id)
"""


async def watch_grocer(replay: GrocerReplay) -> Watch:
    """Install the ready segments and two on coupons in a prepared replay, and watch them all.

    The instants are the midnights with which the months of 2017 end, or the next at which a step
    of the replay ends.
    """
    client = replay.clients.admin
    await install_starters(client, TENANT_ID)
    for segment_id, rule in COUPON_RULES.items():
        await _create(client, segment_id, rule)
    days = [*(step.day for step in replay.steps), END_DAY]
    ends = [next(day for day in days if day >= month) for month in _MONTHS]
    watch = Watch(client, ALL_QUERIES, [midnight_ms(day) - 1 for day in ends])
    replay.instants_ms, replay.on_instant = watch.instants_ms, watch.look
    return watch


async def _create(client: Client, segment_id: str, rule: str) -> None:
    request = CreateSegmentRequest(
        request_id=request_id(TENANT_ID, "segment", segment_id),
        segment=Segment(segment_id=segment_id, rule=rule),
    )
    await client.call(client.segments.CreateSegment, request)


def grocer_answers(replay: GrocerReplay, directory: Path | None = None) -> Answers:
    """DuckDB over the files' rows of the replayed households."""
    files = directory or data_directory()
    answers = Answers(TIME_ZONE, AMOUNTS)
    known_ms = midnight_ms(FIRST_DAY)
    households = replay.customer_ids
    chosen = [{"household_id": number, "customer": name} for number, name in households.items()]
    answers.load("chosen", chosen, pa.schema({"household_id": pa.int64(), "customer": pa.string()}))
    days = {one.day for one in replay.data.redemptions}
    midnights = [{"day": day.isoformat(), "at_ms": midnight_ms(day)} for day in days]
    answers.load("midnights", midnights, pa.schema({"day": pa.string(), "at_ms": pa.int64()}))
    answers.connection.execute(
        "create table customers as select customer, null::varchar region, null::varchar birthday, "
        "$1::bigint known_ms, $1::bigint member_ms from chosen",
        [known_ms],
    )
    for statement in (_EVENTS, _ITEMS):
        answers.connection.execute(statement.format(files=files))
    return answers


def recorded_campaigns(
    replay: GrocerReplay, answers: Answers, directory: Path | None = None
) -> dict[str, CampaignFigure]:
    """What DuckDB finds in the files for each recorded campaign with a household on its list.

    A campaign's window begins with its first day in New York and lasts as many days of 24 hours as
    the campaign has; one that ends after the replay does is measured for nobody.
    """
    spans = []
    for campaign in replay.data.campaigns:
        start_ms = midnight_ms(campaign.start_day)
        day_count = (campaign.end_day - campaign.start_day).days + 1
        end_ms = start_ms + day_count * 86_400_000
        spans.append(
            {
                "campaign_id": campaign.number,
                "start_ms": start_ms,
                "end_ms": end_ms,
                "ended": end_ms <= replay.end_ms,
            }
        )
    number = pa.int64()
    schema = pa.schema(
        {"campaign_id": number, "start_ms": number, "end_ms": number, "ended": pa.bool_()}
    )
    answers.load("spans", spans, schema)
    query = _CAMPAIGNS.format(files=directory or data_directory())
    found = {}
    for row in answers.connection.execute(query).fetchall():
        name, listed, issued, redeemed, measured, converted, revenue = map(int, row)
        found[campaign_id(name)] = CampaignFigure(
            campaign_id=campaign_id(name),
            triggered=listed,
            issued=issued,
            redeemed=redeemed,
            gifted=0,
            listed=True,
            measured=measured,
            converted=converted,
            revenue=revenue,
        )
    return found
