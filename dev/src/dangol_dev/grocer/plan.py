"""What happens on which day of the replay: issues, redemptions and gifts, decided beforehand."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import TypeVar

from dangol_dev.grocer.data import END_DAY, FIRST_DAY, Baskets, Campaign, GrocerData, Redemption

Value = TypeVar("Value")

GIFT_SHARE = 0.001
GIFT_OPEN_DAYS = 7
STEP_DAYS_MAX = 7
_CLAIMED_SHARE = 0.8
_CANCELLED_SHARE = 0.06
# A gift is offered at the latest so long before the coupon's end, so that every fate can happen.
_GIFT_MARGIN_DAYS = GIFT_OPEN_DAYS + 2


@dataclass(frozen=True)
class Use:
    """A redemption together with the basket it is counted against."""

    redemption: Redemption
    basket: int
    basket_cents: int


class GiftFate(Enum):
    """What becomes of a gift."""

    CLAIMED = "claimed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class PlannedGift:
    """A coupon that history shows unused, given by its holder to another household.

    `close_day` is the day of the claim or cancellation; a lapsing gift has none.
    """

    giver: int
    recipient: int
    campaign: int
    coupon: int
    offer_day: date
    fate: GiftFate
    close_day: date | None


def choose_baskets(redemptions: Sequence[Redemption], baskets: Baskets) -> list[Use]:
    """The basket of each redemption: that of the household's baskets of that day with the
    largest coupon discount, the lowest basket id among equals.

    Raises ValueError when a household has no basket on the day.
    """
    best: dict[tuple[int, int], tuple[int, int, int]] = {}
    columns = (
        baskets.household, baskets.day, baskets.coupon_cents, baskets.basket, baskets.cents,
    )  # fmt: skip
    for household, day, discount, basket, cents in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        candidate = (discount, -basket, cents)
        if candidate > best.get((household, day), (-1, 0, 0)):
            best[household, day] = candidate
    uses = []
    for one in redemptions:
        found = best.get((one.household, day_number(one.day)))
        if found is None:
            raise ValueError(f"household {one.household} has no basket on {one.day}")
        uses.append(Use(one, -found[1], found[2]))
    return uses


def expect_repeats(redemptions: Sequence[Redemption]) -> int:
    """How many redemptions repeat an earlier use of the same coupon of the same campaign."""
    return len(redemptions) - len({(x.household, x.campaign, x.coupon) for x in redemptions})


def plan_gifts(data: GrocerData, seed: int, share: float = GIFT_SHARE) -> list[PlannedGift]:
    """A seeded share of the coupons that history shows unused, each given away once."""
    rng = random.Random(f"{seed}/gifts")
    used = {(one.household, one.campaign, one.coupon) for one in data.redemptions}
    gifts = []
    for campaign in data.campaigns:
        days = _offer_days(campaign)
        if not days or len(data.households) < 2:
            continue
        gift_count = _round_up_at_random(campaign.coupon_count * share, rng)
        for number in sorted(rng.sample(range(campaign.coupon_count), gift_count)):
            giver = campaign.households[number // len(campaign.coupons)]
            coupon = campaign.coupons[number % len(campaign.coupons)]
            recipient = giver
            while recipient == giver:
                recipient = rng.choice(data.households)
            offer_day = rng.choice(days)
            fate, close_day = _draw_fate(offer_day, rng)
            gift = PlannedGift(
                giver, recipient, campaign.number, coupon, offer_day, fate, close_day
            )
            if (giver, campaign.number, coupon) not in used:
                gifts.append(gift)
    return gifts


def _round_up_at_random(value: float, rng: random.Random) -> int:
    return int(value) + (rng.random() < value - int(value))


def _offer_days(campaign: Campaign) -> list[date]:
    first = campaign.start_day + timedelta(days=1)
    last = min(campaign.end_day, END_DAY) - timedelta(days=_GIFT_MARGIN_DAYS)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _draw_fate(offer_day: date, rng: random.Random) -> tuple[GiftFate, date | None]:
    draw = rng.random()
    close_day = offer_day + timedelta(days=rng.randint(0, GIFT_OPEN_DAYS - 2))
    if draw < _CLAIMED_SHARE:
        return GiftFate.CLAIMED, close_day
    if draw < _CLAIMED_SHARE + _CANCELLED_SHARE:
        return GiftFate.CANCELLED, close_day
    return GiftFate.LAPSED, None


@dataclass(frozen=True)
class Step:
    """What is due while the clock stands at the beginning of `day`, until `end_day` begins."""

    day: date
    end_day: date
    campaigns: tuple[Campaign, ...]
    uses: tuple[Use, ...]
    gifts_to_offer: tuple[PlannedGift, ...]
    gifts_to_close: tuple[PlannedGift, ...]


def plan_steps(data: GrocerData, uses: Sequence[Use], gifts: Sequence[PlannedGift]) -> list[Step]:
    """The steps from FIRST_DAY to END_DAY.

    A step begins on every day on which something is due at the offers service, since that
    service's time is the clock's, and at least every STEP_DAYS_MAX days.
    """
    campaigns_on = _by_day((one.start_day, one) for one in data.campaigns)
    uses_on = _by_day((one.redemption.day, one) for one in uses)
    offers_on = _by_day((one.offer_day, one) for one in gifts)
    closes_on = _by_day((one.close_day, one) for one in gifts if one.close_day is not None)
    days = sorted({FIRST_DAY, *campaigns_on, *uses_on, *offers_on, *closes_on})
    steps = []
    for start, next_due in zip(days, [*days[1:], END_DAY], strict=True):
        day = start
        while day < next_due:
            end_day = min(next_due, day + timedelta(days=STEP_DAYS_MAX))
            due = day == start
            steps.append(
                Step(
                    day=day,
                    end_day=end_day,
                    campaigns=tuple(campaigns_on.get(day, ())) if due else (),
                    uses=tuple(uses_on.get(day, ())) if due else (),
                    gifts_to_offer=tuple(offers_on.get(day, ())) if due else (),
                    gifts_to_close=tuple(closes_on.get(day, ())) if due else (),
                )
            )
            day = end_day
    return steps


def _by_day(pairs: Iterable[tuple[date, Value]]) -> Mapping[date, list[Value]]:
    found: dict[date, list[Value]] = defaultdict(list)
    for day, value in pairs:
        found[day].append(value)
    return found


def day_number(day: date) -> int:
    """Days since FIRST_DAY, as in Baskets.day."""
    return (day - FIRST_DAY).days


def offer_id(campaign: int, coupon: int) -> str:
    """The id of the offer that stands for one coupon of one campaign."""
    return f"c{campaign:02d}-{coupon}"


def campaign_id(campaign: int) -> str:
    """The id of a recorded campaign."""
    return f"c{campaign:02d}"
