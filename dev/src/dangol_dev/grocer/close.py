"""The grocer's figures at the year's end, each beside what the files say."""

from collections import Counter

from dangol_dev.closing import (
    Planted,
    close_campaigns,
    close_gifts,
    close_ledger,
    close_segments,
    measure,
    read_customers,
)
from dangol_dev.figures import Refusal, ShopFigures
from dangol_dev.grocer.events import CURRENCY
from dangol_dev.grocer.plan import GiftFate, campaign_id, expect_repeats
from dangol_dev.grocer.replay import TENANT_ID, WIN_BACK_CAMPAIGN, GrocerReplay
from dangol_dev.grocer.rules import sizes_from_files

# What the whole year comes to, as published with the data and counted by several hands.
FULL_YEAR = {
    "customers": 2_469,
    "purchases": 155_848,
    "lines": 1_469_307,
    "sales in cents": 459_603_958,
    "coupons issued to lists": 800_199,
    "redemptions accepted": 2_075,
    "repeats refused as already redeemed": 27,
}
_REASONS = {
    "ALREADY_REDEEMED": "the same household used this coupon of this campaign before",
}


async def closing_figures(replay: GrocerReplay, *, full: bool) -> ShopFigures:
    """Ask the platform for everything and check it against the files."""
    client = replay.clients.admin
    sent = replay.client.sent
    figures = ShopFigures(TENANT_ID, "Grocer, 2017", CURRENCY, 2, seconds=replay.seconds)
    customers = await read_customers(client)
    orders = await measure(
        client, [one.customer_id for one in customers], 0, replay.end_ms + 86_400_000
    )
    figures.customers = len(customers)
    figures.events = sent.event_count
    figures.purchases = sum(count for count, _ in orders)
    figures.lines = sent.item_count
    figures.sales = sum(revenue for _, revenue in orders)
    figures.retries = client.retry_count + replay.client.retry_count
    figures.event_types = {"purchase": sent.event_count}
    sizes = sizes_from_files(replay.data.households, replay.end_ms)
    await close_segments(client, figures, sizes, replay.end_ms)
    listed = [campaign_id(campaign.number) for campaign in replay.data.campaigns]
    await close_campaigns(
        client, figures, [WIN_BACK_CAMPAIGN, *listed], {WIN_BACK_CAMPAIGN: Planted(0.0, 0.0)}
    )
    of_lists = [one for one in figures.campaigns if one.campaign_id != WIN_BACK_CAMPAIGN]
    figures.coupons_issued = sum(one.issued for one in of_lists)
    figures.redemptions = sum(one.redeemed for one in of_lists)
    figures.refusals = [
        Refusal(reason, count, _REASONS.get(reason, "not explained by the data"))
        for reason, count in sorted(replay.till.refusals.items())
    ]
    givers = {replay.customer_ids[gift.giver] for gift in replay.gifts}
    await close_gifts(client, figures, givers)
    await close_ledger(client, figures)
    _check_against_files(replay, figures)
    if full:
        _check_full_year(figures)
    return figures


def _check_against_files(replay: GrocerReplay, figures: ShopFigures) -> None:
    data = replay.data
    repeats = expect_repeats(data.redemptions)
    coupons = sum(campaign.coupon_count for campaign in data.campaigns)
    figures.check("customers", len(data.households), figures.customers)
    figures.check("purchases acknowledged", len(data.baskets.basket), figures.events)
    figures.check("purchases found", len(data.baskets.basket), figures.purchases)
    figures.check("events rejected", 0, len(replay.client.sent.rejections))
    figures.check("lines", len(data.lines.product), figures.lines)
    figures.check("sales in cents", int(data.lines.cents.sum()), figures.sales)
    figures.check("coupons issued to lists", coupons, replay.issued_count)
    figures.check("coupons issued, by the journal", coupons, figures.coupons_issued)
    figures.check("redemptions", len(data.redemptions) - repeats, replay.till.redeemed_count)
    figures.check(
        "redemptions, by the journal", len(data.redemptions) - repeats, figures.redemptions
    )
    refused = Counter(replay.till.refusals)
    figures.check(
        "repeats refused as already redeemed", repeats, refused.pop("ALREADY_REDEEMED", 0)
    )
    figures.check("other refusals", 0, refused.total())
    fates = Counter(gift.fate for gift in replay.gifts)
    for fate, state in (
        (GiftFate.CLAIMED, "claimed"),
        (GiftFate.CANCELLED, "cancelled"),
        (GiftFate.LAPSED, "expired"),
    ):
        figures.check(f"gifts {fate.value}", fates[fate], figures.gifts.get(state, 0))


def _check_full_year(figures: ShopFigures) -> None:
    found = {
        "customers": figures.customers,
        "purchases": figures.purchases,
        "lines": figures.lines,
        "sales in cents": figures.sales,
        "coupons issued to lists": figures.coupons_issued,
        "redemptions accepted": figures.redemptions,
        "repeats refused as already redeemed": sum(
            refusal.count for refusal in figures.refusals if refusal.reason == "ALREADY_REDEEMED"
        ),
    }
    for name, expected in FULL_YEAR.items():
        figures.check(f"full year: {name}", expected, found[name])
