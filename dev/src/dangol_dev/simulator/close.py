"""The shop's figures at the season's end, each beside what the simulator knows."""

from collections import Counter
from datetime import date, datetime, timedelta

from dangol.events.v1.event_pb2 import Event

from dangol_dev.closing import (
    Planted,
    close_campaigns,
    close_gifts,
    close_ledger,
    close_segments,
    explain_member,
    measure,
    read_customers,
)
from dangol_dev.figures import Refusal, ShopFigures
from dangol_dev.simulator.catalogue import CURRENCY
from dangol_dev.simulator.gifts import expected_outcomes, expected_states
from dangol_dev.simulator.people import PAST_HABITS, Habit, Person
from dangol_dev.simulator.settings import (
    CAMPAIGNS,
    SEGMENTS,
    History,
    ShopCampaign,
    at_ms,
)
from dangol_dev.simulator.shop import TIME_ZONE, Shop
from dangol_dev.truth.queries import QUERIES
from dangol_dev.truth.shop import shop_answers

_TRIGGERED_HABITS = {"cart-coupon": Habit.CART_LEAVER, "we-miss-you": Habit.FADING_REGULAR}
EXPLAINED_SEGMENT = "left-in-the-cart"
_REASONS = {
    "ALREADY_REDEEMED": "the same coupon shown again the day after",
    "BELOW_MINIMUM": "the order was smaller than the offer asks for",
    "EXPIRED": "shown two days after the coupon's end",
    "NOT_A_MEMBER": "a visitor followed a gift's link; signing up let them claim",
    "SELF_GIFT": "the giver tried the own link",
}


async def closing_figures(shop: Shop) -> ShopFigures:
    """Ask the platform for everything and check it against the simulator's own books."""
    client, season = shop.clients.admin, shop.season
    figures = ShopFigures(shop.tenant_id, "단골샵", CURRENCY, 0, seconds=shop.seconds)
    customers = await read_customers(client)
    ids = [one.customer_id for one in customers]
    orders = await measure(client, ids, 0, shop.end_ms + 1)
    sent = shop.client.sent
    figures.customers = len(customers)
    figures.events = sent.event_count
    figures.purchases = sum(count for count, _ in orders)
    figures.lines = sum(len(event.items) for event in _all_events(shop) if event.type == "purchase")
    figures.sales = sum(revenue for _, revenue in orders)
    figures.retries = client.retry_count + shop.client.retry_count
    figures.event_types = dict(Counter(event.type for event in _all_events(shop)).most_common())
    sizes = expected_sizes(shop) | await ready_sizes(shop)
    await close_segments(client, figures, sizes, shop.end_ms)
    figures.explained = await explain_member(client, EXPLAINED_SEGMENT)
    planted = {
        one.campaign_id: Planted(season.planted_lift(one.campaign_id), planted_revenue(shop, one))
        for one in CAMPAIGNS
        if one.measured
    }
    await close_campaigns(client, figures, [one.campaign_id for one in CAMPAIGNS], planted)
    figures.coupons_issued = sum(one.issued for one in figures.campaigns)
    figures.redemptions = sum(one.redeemed for one in figures.campaigns)
    givers = {shop.customer_ids[gift.giver.person.number] for gift in season.gifts}
    await close_gifts(client, figures, givers)
    figures.refusals = _refusals(shop)
    await close_ledger(client, figures)
    _check(shop, figures)
    return figures


async def ready_sizes(shop: Shop) -> dict[str, int]:
    """The size of every ready segment by DuckDB's queries over the raw events."""
    with await shop_answers(shop) as answers:
        return {
            segment_id: len(answers.members(query, shop.end_ms))
            for segment_id, query in QUERIES.items()
        }


def expected_sizes(shop: Shop) -> dict[str, int]:
    """The size of every segment of the shop's own by what the simulator knows to have happened."""
    histories = [
        History(life.person.known_tier, shop.season.events[life.person.number])
        for life in shop.season.lives
    ]
    return {
        segment.segment_id: sum(segment.holds(history, shop.end_ms) for history in histories)
        for segment in SEGMENTS
    }


def planted_revenue(shop: Shop, campaign: ShopCampaign) -> float:
    """What the campaign truly adds to a triggered customer's revenue within the window, in won.

    Whoever answers buys the same with a coupon as without (the amount is the order's, before any
    discount), so it is the planted share of buyers times what a buyer spends in the window: the
    mean over everybody who bought, whatever the arm.
    """
    spent = []
    for one in shop.season.triggered[campaign.campaign_id]:
        end_ms = one.trigger.window_end_ms
        spent.append(
            sum(
                event.amount.minor_units
                for event in shop.season.events[one.person.number]
                if event.type == "purchase" and end_ms - campaign.window_ms <= at_ms(event) < end_ms
            )
        )
    buyers = [amount for amount in spent if amount]
    if not buyers:
        return 0.0
    return shop.season.planted_lift(campaign.campaign_id) * sum(buyers) / len(buyers)


def _refusals(shop: Shop) -> list[Refusal]:
    reasons = Counter(shop.till.refusals)
    for answer, count in shop.till.gift_outcomes.items():
        reason = answer.split(" ")[1]
        if reason != "APPLIED":
            reasons[reason] += count
    return [
        Refusal(reason, count, _REASONS.get(reason, "not explained by the simulator"))
        for reason, count in sorted(reasons.items())
    ]


def _planned(shop: Shop, campaign_id: str) -> int:
    """How many a campaign has to trigger: those of its habit, or whose birthday comes near."""
    if campaign_id in _TRIGGERED_HABITS:
        habit = _TRIGGERED_HABITS[campaign_id]
        return sum(life.person.habit is habit for life in shop.season.lives)
    known = [life.person for life in shop.season.lives if not life.person.visitor]
    opening, end = _day(shop.start_ms), _day(shop.end_ms)
    # Of the time before, only those whose week begins after the campaign did. The season's own
    # become known on its first day, and at once get what their week asks for.
    spans = {True: (opening + timedelta(days=8), end), False: (opening, end)}
    return sum(
        _birthday_in(person, first, last + timedelta(days=7))
        for person in known
        for first, last in [spans[person.habit in PAST_HABITS]]
    )


def _day(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, TIME_ZONE).date()


def _birthday_in(person: Person, first: date, last: date) -> bool:
    """Whether the birthday comes round on one of these days."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return person.attributes.birth_date[5:] in {day.isoformat()[5:] for day in days}


def _check(shop: Shop, figures: ShopFigures) -> None:
    season = shop.season
    events = _all_events(shop)
    bought = [event for event in events if event.type == "purchase"]
    figures.check("customers", len(season.lives), figures.customers)
    figures.check("events acknowledged", len(events), figures.events)
    figures.check("events rejected", 0, len(shop.client.sent.rejections))
    figures.check("purchases found", len(bought), figures.purchases)
    figures.check("sales in won", sum(one.amount.minor_units for one in bought), figures.sales)
    for campaign in figures.campaigns:
        triggered = season.triggered[campaign.campaign_id]
        planned = _planned(shop, campaign.campaign_id)
        figures.check(f"triggered by {campaign.campaign_id}", planned, campaign.triggered)
        figures.check(f"heard of by {campaign.campaign_id}", planned, len(triggered))
        treated = sum(one.trigger.treated for one in triggered)
        figures.check(f"issued by {campaign.campaign_id}", treated, campaign.issued)
    used = sum(use.expected == "APPLIED" for use in season.uses)
    figures.check("redemptions, by the journal", used, figures.redemptions)
    figures.check("answers at the till other than due", 0, len(season.unexpected_answers))
    answers = expected_outcomes(season.gifts)
    for answer in sorted(answers | shop.till.gift_outcomes):
        figures.check(f"gifts: {answer}", answers[answer], shop.till.gift_outcomes[answer])
    for state, count in sorted(expected_states(season.gifts).items()):
        figures.check(f"gifts {state}", count, figures.gifts.get(state, 0))


def _all_events(shop: Shop) -> list[Event]:
    return [event for events in shop.season.events.values() for event in events]
