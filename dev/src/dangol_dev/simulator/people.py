"""Who shops at 단골샵: what the shop knows of them, and the habits that it does not."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from dangol.events.v1.event_pb2 import CustomerRef
from dangol.profile.v1.customer_service_pb2 import GENDER_FEMALE, GENDER_MALE, Customer

_FAMILY_NAMES = "김이박최정강조윤장임한오서신권황안송류홍"
_GIVEN_NAMES = ("민준", "서연", "도윤", "서윤", "시우", "지우", "하준", "하은", "지호", "민서")
_REGIONS = ("seoul", "gyeonggi", "incheon", "busan", "daegu", "daejeon", "gwangju", "jeju")
_VISITOR_SHARE = 0.15


class Habit(Enum):
    """How someone shops."""

    BROWSER = "browser"
    CART_LEAVER = "cart leaver"
    RETURNER = "returner"
    FADING_REGULAR = "fading regular"
    FAN = "fan"
    # Comes for a gift, and is not one of the shop's customers before.
    FRIEND = "friend"
    # Those of the time before the season; see `past`.
    SLEEPER = "sleeper"
    COLLECTOR = "collector"
    LOST_VIP = "lost vip"
    WALK_IN = "walk-in"
    PASSER_BY = "passer-by"


PAST_HABITS = (Habit.SLEEPER, Habit.WALK_IN, Habit.LOST_VIP, Habit.COLLECTOR, Habit.PASSER_BY)


# Shares of the customers; the two habits that our campaigns are for come first.
_SHARES = (
    (Habit.CART_LEAVER, 0.42),
    (Habit.FADING_REGULAR, 0.24),
    (Habit.BROWSER, 0.14),
    (Habit.RETURNER, 0.10),
    (Habit.FAN, 0.10),
)
# Chance to buy within the window without a coupon, and what a coupon adds, each drawn uniformly.
_RESPONSES = {
    Habit.CART_LEAVER: ((0.10, 0.20), (0.22, 0.38)),
    Habit.FADING_REGULAR: ((0.08, 0.18), (0.24, 0.40)),
}


@dataclass(frozen=True)
class Planted:
    """The truth about one person: chance to buy in the window without and with a coupon.

    draw in [0, 1) decides for both: who buys without a coupon would have bought with one too.
    """

    chance_without: float
    chance_with: float
    draw: float

    @property
    def effect(self) -> float:
        """What the coupon adds to the chance."""
        return self.chance_with - self.chance_without

    def buys(self, *, treated: bool) -> bool:
        """Whether this person buys within the window."""
        return self.draw < (self.chance_with if treated else self.chance_without)

    @property
    def persuaded(self) -> bool:
        """Whether this person buys with a coupon only."""
        return self.buys(treated=True) and not self.buys(treated=False)


@dataclass(frozen=True)
class Person:
    """A customer. visitor: known by a device only until signing up on signup_day (from 0)."""

    number: int
    habit: Habit
    attributes: Customer
    signup_day: int | None
    planted: Planted

    @property
    def visitor(self) -> bool:
        """Whether the shop first meets this person anonymously."""
        strangers = (Habit.FRIEND, Habit.PASSER_BY, Habit.WALK_IN)
        return self.signup_day is not None or self.habit in strangers

    @property
    def first_ref(self) -> CustomerRef:
        """The name under which the shop first meets this person."""
        if self.habit is Habit.WALK_IN:
            return CustomerRef(namespace="pos_card", value=f"card-{self.number:05d}")
        return self.device_ref if self.visitor else self.member_ref

    @property
    def known_tier(self) -> str:
        """The tier that the shop has on record: visitors begin without one."""
        return "" if self.visitor else self.attributes.tier

    @property
    def device_ref(self) -> CustomerRef:
        """The device's name."""
        return CustomerRef(namespace="device", value=f"device-{self.number:05d}")

    @property
    def member_ref(self) -> CustomerRef:
        """The membership's name."""
        return CustomerRef(namespace="member", value=f"member-{self.number:05d}")


def make_people(seed: int, count: int) -> list[Person]:
    """The shop's customers; person n is the same however many others there are."""
    return [make_person(seed, number) for number in range(count)]


def make_past_people(seed: int, first_number: int, count: int) -> list[Person]:
    """Customers of the time before the season, every habit in turn."""
    return [
        make_person(seed, first_number + index, PAST_HABITS[index % len(PAST_HABITS)])
        for index in range(count)
    ]


def make_person(seed: int, number: int, habit: Habit | None = None) -> Person:
    """One customer, from a random stream of their own."""
    rng = random.Random(f"{seed}/{number}/person")
    drawn = rng.choices([name for name, _ in _SHARES], [share for _, share in _SHARES])[0]
    habit = habit or drawn
    birth_date = date(1955, 1, 1) + timedelta(days=rng.randrange(50 * 365))
    age = 2026 - birth_date.year
    fan = habit is Habit.FAN
    attributes = Customer(
        display_name=rng.choice(_FAMILY_NAMES) + rng.choice(_GIVEN_NAMES),
        gender=rng.choice((GENDER_FEMALE, GENDER_FEMALE, GENDER_MALE)),
        birth_date=birth_date.isoformat(),
        age_band=f"{age // 10 * 10}s",
        tier="gold" if fan else rng.choice(("bronze", "bronze", "silver")),
        region=rng.choice(_REGIONS),
        language="ko",
        tags=["fan"] if fan else [],
    )
    settled = (Habit.FAN, Habit.FRIEND, *PAST_HABITS)
    visitor = rng.random() < _VISITOR_SHARE and habit not in settled
    signup_day = rng.randint(3, 25) if visitor else None
    return Person(number, habit, attributes, signup_day, _plant(rng, habit))


def _plant(rng: random.Random, habit: Habit) -> Planted:
    base, added = _RESPONSES.get(habit, ((0.0, 0.0), (0.0, 0.0)))
    chance_without = rng.uniform(*base)
    return Planted(chance_without, chance_without + rng.uniform(*added), rng.random())
