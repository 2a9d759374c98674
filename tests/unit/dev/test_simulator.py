"""단골샵: the same season by the same seed, and a truth that is exact."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from dangol.events.v1.event_pb2 import Event
from dangol_dev.simulator.catalogue import make_products
from dangol_dev.simulator.diary import DAY_MS, HOUR_MS, Action, UseCoupon
from dangol_dev.simulator.gifts import (
    Gift,
    GiftFate,
    decide_gift,
    expected_outcomes,
    expected_states,
)
from dangol_dev.simulator.life import SEASON_DAYS, HeldCoupon, Life, Trigger
from dangol_dev.simulator.past import PAST_DAYS
from dangol_dev.simulator.people import (
    PAST_HABITS,
    Habit,
    Planted,
    make_past_people,
    make_people,
    make_person,
)
from dangol_dev.simulator.settings import CAMPAIGNS, History, at_ms

START_MS = 1_772_290_800_000
END_MS = START_MS + SEASON_DAYS * DAY_MS
CARTS, FADING, _BIRTHDAY = CAMPAIGNS


@dataclass
class Played:
    """A season as it went: what everyone did, and who was triggered when."""

    lives: list[Life]
    actions: dict[int, list[Action]] = field(default_factory=dict)
    triggers: dict[int, list[Trigger]] = field(default_factory=dict)

    def events(self, number: int) -> list[Event]:
        """What a person's events were."""
        return [one for one in self.actions[number] if isinstance(one, Event)]


def play(seed: int, count: int, step_ms: int = DAY_MS, *, campaigns: bool = True) -> Played:
    """A season without a platform: the triggers are found by looking at what was done."""
    products = make_products(seed)
    lives = [Life(seed, one, products, START_MS) for one in make_people(seed, count)]
    played = Played(lives, {n: [] for n in range(count)}, {n: [] for n in range(count)})
    arms = random.Random(seed)
    treated = [arms.random() < 0.7 for _ in lives]
    for now_ms in range(START_MS, END_MS, step_ms):
        for life in lives:
            number = life.person.number
            if campaigns:
                for trigger in _triggers(played, number, now_ms, treated[number]):
                    played.triggers[number].append(trigger)
                    life.hear(trigger, now_ms)
            played.actions[number] += life.live_until(now_ms + step_ms)
    return played


def _triggers(played: Played, number: int, now_ms: int, treated: bool) -> list[Trigger]:
    """Whoever entered a campaign's segment since the last step."""
    history = History("", played.events(number))
    carts, bought = history.times("cart_add"), history.times("purchase")
    found = []
    if carts and not [one for one in bought if one < carts[0] + DAY_MS]:
        found.append((CARTS, carts[0] + DAY_MS))
    for position, time_ms in enumerate(bought):
        after = bought[position + 1 :]
        quiet_ms = time_ms + 14 * DAY_MS
        if position >= 2 and not (after and after[0] < quiet_ms):
            found.append((FADING, quiet_ms))
    triggers = []
    for campaign, triggered_ms in found:
        coupon = HeldCoupon(f"{campaign.campaign_id}-{number}", END_MS, campaign.minimum_order)
        trigger = Trigger(treated, coupon if treated else None, triggered_ms, campaign.window_ms)
        if triggered_ms <= now_ms and trigger not in played.triggers[number]:
            triggers.append(trigger)
    return triggers


@pytest.fixture(scope="module")
def season() -> Played:
    """One season of 200 customers."""
    return play(seed=3, count=200)


def test_the_same_seed_gives_the_same_season() -> None:
    """Two runs write the same events down to their ids."""
    first, second = play(5, 40), play(5, 40)
    assert first.actions == second.actions


def test_another_seed_gives_another_season() -> None:
    """Seeds are not ignored."""
    assert play(5, 10).actions != play(6, 10).actions


def test_a_person_is_the_same_in_a_shop_of_any_size() -> None:
    """Everyone has random streams of their own."""
    small, large = play(5, 10), play(5, 40)
    assert [small.actions[n] for n in range(10)] == [large.actions[n] for n in range(10)]


def test_the_clock_s_steps_do_not_change_what_people_do_by_themselves() -> None:
    """Without offers to react to, steps of 6 hours and of 3 days give the same events."""
    short = play(5, 40, 6 * HOUR_MS, campaigns=False)
    long = play(5, 40, 3 * DAY_MS, campaigns=False)
    assert short.actions == long.actions


def test_events_come_in_order_of_time_and_within_the_step(season: Played) -> None:
    """What a person does is sent in the order in which it happens."""
    for number in season.actions:
        times = [at_ms(one) for one in season.events(number)]
        assert times == sorted(times)


def test_every_type_of_event_that_customers_cause_occurs(season: Played) -> None:
    """The shop is the source of every event type; a season of 200 customers has them all."""
    found = {event.type for number in season.actions for event in season.events(number)}
    assert found == {
        "visit", "product_view", "search", "wishlist", "cart_add", "cart_remove", "checkout",
        "purchase", "delivered", "cancel", "return", "out_of_stock", "review", "login", "signup",
        "store_visit", "ticket", "survey", "message_sent", "message_opened", "message_clicked",
        "price_dropped", "restocked", "launched",
    }  # fmt: skip


def test_event_ids_are_unique(season: Played) -> None:
    """No two events share an id."""
    ids = Counter(event.event_id for number in season.actions for event in season.events(number))
    assert [name for name, count in ids.items() if count > 1] == []


def test_exactly_the_planned_habits_are_triggered_and_only_once(season: Played) -> None:
    """Cart leavers and fading regulars are triggered once each, nobody else ever."""
    expected = {
        life.person.number: int(life.person.habit in {Habit.CART_LEAVER, Habit.FADING_REGULAR})
        for life in season.lives
    }
    found = {number: len(triggers) for number, triggers in season.triggers.items()}
    assert expected == found


def test_purchases_in_the_window_are_the_planted_answers_and_nothing_else(season: Played) -> None:
    """A triggered person buys within the window exactly if the planted draw says so."""
    compared = 0
    for life in season.lives:
        for trigger in season.triggers[life.person.number]:
            events = season.events(life.person.number)
            bought = any(
                one.type == "purchase"
                and trigger.triggered_ms <= at_ms(one) < trigger.window_end_ms
                for one in events
            )
            assert life.person.planted.buys(treated=trigger.treated) == bought
            compared += 1
    assert compared > 100


def test_every_window_ends_before_the_season_does(season: Played) -> None:
    """The report counts only customers whose window is over: that has to be all of them."""
    ends = [one.window_end_ms for found in season.triggers.values() for one in found]
    assert max(ends) < END_MS


def test_nobody_of_the_time_before_is_triggered_in_the_season() -> None:
    """Whoever enters a campaign's segment among them does so before the campaigns begin."""
    people = make_past_people(3, 0, 200)
    lives = [Life(3, one, make_products(3), START_MS) for one in people]
    played = Played(
        lives,
        {life.person.number: life.live_until(END_MS) for life in lives},
        {life.person.number: [] for life in lives},
    )
    assert set(PAST_HABITS) == {one.habit for one in people}
    for person in people:
        found = _triggers(played, person.number, END_MS, treated=False)
        assert [] == [one for one in found if one.triggered_ms >= START_MS]


def test_the_time_before_the_season_is_lived_within_its_days() -> None:
    """Nothing happens before the shop's clock starts."""
    life = Life(1, make_past_people(1, 7, 1)[0], make_products(1), START_MS)
    events = [one for one in life.live_until(END_MS) if isinstance(one, Event)]
    assert START_MS - PAST_DAYS * DAY_MS < at_ms(events[0]) < START_MS


def test_a_birthday_coupon_is_used_by_fans_and_given_away_by_others() -> None:
    """It makes nobody buy."""
    coupon = HeldCoupon("c", END_MS, 0)
    fan = Life(1, make_person(1, 0, Habit.FAN), make_products(1), START_MS)
    fan.receive_birthday_coupon(coupon, START_MS)
    used = [one for one in fan.live_until(END_MS) if isinstance(one, UseCoupon)]
    assert [("c", "APPLIED")] == [(one.coupon_id, one.expected) for one in used]
    others = [
        Life(1, make_person(1, number, Habit.BROWSER), make_products(1), START_MS)
        for number in range(50)
    ]
    for one in others:
        one.receive_birthday_coupon(coupon, START_MS)
    givers = [one for one in others if one.coupon_to_give]
    assert 0 < len(givers) < len(others)
    late = Life(1, givers[0].person, make_products(1), START_MS)
    late.receive_birthday_coupon(coupon, END_MS - DAY_MS)
    assert late.coupon_to_give is None


def test_the_planted_effect_is_the_difference_of_the_chances() -> None:
    """Who buys without a coupon buys with one too; the persuaded are those in between."""
    planted = Planted(chance_without=0.2, chance_with=0.5, draw=0.3)
    assert planted.effect == pytest.approx(0.3)
    assert [planted.buys(treated=False), planted.buys(treated=True)] == [False, True]
    assert planted.persuaded


def test_the_draws_come_to_the_planted_chances() -> None:
    """Over many people the share who buy is the mean chance, with and without a coupon."""
    people = [make_person(9, number, Habit.CART_LEAVER).planted for number in range(20_000)]
    for treated in (False, True):
        share = sum(one.buys(treated=treated) for one in people) / len(people)
        chances = [one.chance_with if treated else one.chance_without for one in people]
        assert share == pytest.approx(sum(chances) / len(people), abs=0.012)


def test_only_the_treated_show_coupons(season: Played) -> None:
    """The control group has nothing to show at the till."""
    for life in season.lives:
        number = life.person.number
        shown = [one for one in season.actions[number] if isinstance(one, UseCoupon)]
        treated = any(trigger.treated for trigger in season.triggers[number])
        assert treated or shown == []


def test_being_triggered_twice_is_an_error() -> None:
    """The truth would not be exact any more, so the simulator refuses to go on."""
    life = Life(1, make_person(1, 0, Habit.CART_LEAVER), make_products(1), START_MS)
    trigger = Trigger(False, None, START_MS, 7 * DAY_MS)
    life.hear(trigger, START_MS)
    with pytest.raises(ValueError, match="triggered twice"):
        life.hear(trigger, START_MS)


def test_gifts_bring_about_the_answers_that_they_promise() -> None:
    """A visitor does not try the own link: they would be refused for not being a member."""
    products = make_products(1)
    fans = [Life(1, make_person(1, 900, Habit.FAN), products, START_MS)]
    fates: dict[bool, set[GiftFate]] = {False: set(), True: set()}
    for number in range(600):
        life = Life(1, make_person(1, number, Habit.CART_LEAVER), products, START_MS)
        life.coupon_to_give = HeldCoupon(f"c{number}", END_MS, 0)
        gift = decide_gift(1, life, fans, START_MS)
        if gift is not None:
            fates[life.member].add(gift.fate)
    assert fates[True] == set(GiftFate)
    assert fates[False] == set(GiftFate) - {GiftFate.SELF_CLAIMED}


def test_expected_answers_follow_from_the_fates() -> None:
    """Each gift is offered; a friend is refused once and then claims."""
    life = Life(1, make_person(1, 0, Habit.FAN), make_products(1), START_MS)
    coupon = HeldCoupon("c", END_MS, 0)
    fates = (GiftFate.TO_FRIEND, GiftFate.LAPSED)
    gifts = [Gift(life, coupon, fate, None, START_MS) for fate in fates]
    assert expected_outcomes(gifts) == {
        "offer APPLIED": 2,
        "claim NOT_A_MEMBER": 1,
        "claim APPLIED": 1,
    }
    assert expected_states(gifts) == {"claimed": 1, "expired": 1}
