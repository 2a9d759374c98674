"""Customers of the time before the season, whom only a long memory finds.

No campaign of the season ever triggers one of them: those who fell silent did so more than two
weeks before it begins, collectors filled their first cart before it, and walk-ins never pause.
"""

from collections.abc import Callable

from dangol.events.v1.event_pb2 import CHANNEL_STORE

from dangol_dev.simulator.catalogue import Product
from dangol_dev.simulator.diary import DAY_MS, HOUR_MS, Diary, Plan, Sessions, item
from dangol_dev.simulator.people import Habit

PAST_DAYS = 480
BRANCHES = ("gangnam", "hongdae", "haeundae")
_FADE_DAYS = 14


def plan_past(habit: Habit, diary: Diary, sessions: Sessions, start_ms: int, end_ms: int) -> None:
    """Plan a life before the season, which begins at start_ms; nothing for other habits."""
    plans: dict[Habit, Callable[[Diary, Sessions, int, int], None]] = {
        Habit.SLEEPER: _plan_sleeper,
        Habit.COLLECTOR: _plan_collector,
        Habit.LOST_VIP: _plan_lost_vip,
        Habit.WALK_IN: _plan_walk_in,
        Habit.PASSER_BY: _plan_passer_by,
    }
    if habit in plans:
        plans[habit](diary, sessions, start_ms, end_ms)


def _plan_sleeper(diary: Diary, sessions: Sessions, start_ms: int, _: int) -> None:
    """Bought month after month, then no more; one in three came by once again later."""
    first_ms = start_ms - PAST_DAYS * DAY_MS + diary.days(1, 60)
    last_ms = first_ms + diary.days(65, 170)
    _repeat(diary, _buy(sessions), first_ms, last_ms, (20, 28))
    if diary.rng.random() < 0.3:
        diary.plan(last_ms + diary.days(20, 60), lambda at_ms: _look(sessions, at_ms))


def _plan_collector(diary: Diary, sessions: Sessions, start_ms: int, end_ms: int) -> None:
    """Adds to one and the same cart every few weeks and never pays."""
    cart = diary.name("c")

    def add(at_ms: int) -> None:
        visit = sessions.visit(at_ms, views=(1, 3))
        diary.write(
            visit.end_ms + diary.minutes(0.3, 1),
            "cart_add",
            channel=visit.channel,
            session_id=visit.session_id,
            cart_id=cart,
            items=[item(visit.viewed[-1])],
        )

    _repeat(diary, add, start_ms - diary.days(60, 240), end_ms, (9, 22))


def _plan_lost_vip(diary: Diary, sessions: Sessions, start_ms: int, _: int) -> None:
    """Bought much and often, until well before the season."""
    last_ms = start_ms - diary.days(_FADE_DAYS + 4, 150)
    _repeat(diary, _buy(sessions), last_ms - diary.days(120, 220), last_ms, (5, 11))


def _plan_walk_in(diary: Diary, sessions: Sessions, start_ms: int, end_ms: int) -> None:
    """Known by the loyalty card alone; most keep to one branch, some only look around."""
    home = diary.rng.choice(BRANCHES)
    roams = diary.rng.random() < 0.25
    buys = diary.rng.random() < 0.7

    def come(at_ms: int) -> None:
        branch = diary.rng.choice(BRANCHES) if roams else home
        diary.write(at_ms, "store_visit", channel=CHANNEL_STORE, store_id=branch)
        if buys:
            _buy_in_store(diary, sessions.like(), branch, at_ms + diary.minutes(5, 60))

    _repeat(diary, come, start_ms - diary.days(40, 300), end_ms, (6, 13))


def _plan_passer_by(diary: Diary, sessions: Sessions, start_ms: int, end_ms: int) -> None:
    """One visit at some time or other."""
    span_days = (end_ms - start_ms) / DAY_MS
    at_ms = start_ms + diary.days(-200, span_days - 15)
    diary.plan(at_ms, lambda now_ms: _look(sessions, now_ms))


def _repeat(
    diary: Diary, what: Plan, first_ms: int, end_ms: int, gap_days: tuple[float, float]
) -> None:
    at_ms = first_ms
    while at_ms < end_ms - HOUR_MS:
        diary.plan(at_ms, what)
        at_ms += diary.days(*gap_days)


def _buy(sessions: Sessions) -> Plan:
    def buy(at_ms: int) -> None:
        sessions.deliver(sessions.buy(at_ms))

    return buy


def _look(sessions: Sessions, at_ms: int) -> None:
    sessions.visit(at_ms)


def _buy_in_store(diary: Diary, product: Product, branch: str, at_ms: int) -> None:
    diary.write(
        at_ms,
        "purchase",
        channel=CHANNEL_STORE,
        store_id=branch,
        order_id=diary.name("o"),
        items=[item(product)],
        amount=product.price,
    )
