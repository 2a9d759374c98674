"""Any sequence of steps on points against a model that knows nothing of journals."""

import datetime as dt
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offers_service import points_account, points_spending
from offers_service.points import lapse

from tests.unit.offers.points.conftest import DAY_MS, START_MS, ms

STEP = st.tuples(
    st.sampled_from(
        ["earn", "back", "hold", "settle", "release", "refund", "give", "claim", "cancel", "sweep"]
    ),
    st.sampled_from(["o-1", "o-2", "o-3", "o-4"]),
    st.sampled_from([0, 10, 70, 400, 3_000]),  # points, or thousandths of an order
    st.sampled_from([0, 30_000, DAY_MS, 40 * DAY_MS, 200 * DAY_MS]),  # that pass before the step
    st.integers(0, 3),  # which request id, so that some repeat
)
ENDS = [ms(2027 + number // 12, number % 12 + 1, 1) for number in range(60)]


class Model:
    """Points by the month in which they end, and what was taken from where."""

    def __init__(self) -> None:
        self.lots: Counter[int] = Counter()
        self.aside: dict[str, tuple[int, list[tuple[int, int]]]] = {}
        self.owed = 0
        self.orders: dict[str, tuple[int, int, int]] = {}  # net left, points taken, end
        self.spent: dict[str, list[tuple[int, int]]] = {}

    def available(self) -> int:
        """All that can be used."""
        return sum(self.lots.values())

    def tick(self, now_ms: int) -> None:
        """What has run out by now; what comes back too late is gone with its lot."""
        for name, (due_ms, parts) in list(self.aside.items()):
            if due_ms <= now_ms:
                self.lots.update(dict(parts))
                del self.aside[name]
        self.lots = Counter({end: n for end, n in self.lots.items() if end > now_ms and n})

    def take(self, amount: int) -> list[tuple[int, int]]:
        """From the oldest."""
        parts = []
        for end in sorted(self.lots):
            part = min(self.lots[end], amount)
            amount -= part
            self.lots[end] -= part
            if part:
                parts.append((end, part))
        assert amount == 0
        return parts

    def settle_debt(self) -> None:
        """From what there is."""
        paid = min(self.owed, self.available())
        self.take(paid)
        self.owed -= paid


def _end_ms(now_ms: int) -> int:
    """The end of what is earned now: that of the same month of the next year, in Seoul."""
    day = dt.datetime.fromtimestamp(now_ms // 1000, dt.timezone(dt.timedelta(hours=9)))
    return ENDS[(day.year - 2026) * 12 + day.month]


def _decide(shop: Any, account: Any, step: Any, gift: str, now_ms: int) -> Any:
    name, order, size, _, number = step
    at = {"now_ms": now_ms, "request_id": f"{name}-{number}"}
    steps: dict[str, Any] = {
        "earn": lambda: shop.earn(account, order, size * 100, **at),
        "back": lambda: shop.take_back(account, order, size * 100, **at),
        "hold": lambda: shop.hold(account, order, size or 1, **at),
        "settle": lambda: shop.end(points_spending.settle, account, order, **at),
        "release": lambda: shop.end(points_spending.release, account, order, **at),
        "refund": lambda: shop.refund(account, order, size, **at),
        "give": lambda: shop.give(account, size or 1, **at),
        "claim": lambda: shop.claim(account, gift, **at),
        "cancel": lambda: shop.cancel(account, gift, **at),
    }
    return steps[name]()


def _apply(model: Model, step: Any, decided: Any, gift: str, now_ms: int) -> None:
    """What an applied step has to have done."""
    name, order, size, _, _ = step
    match name:
        case "earn":
            model.lots[_end_ms(now_ms)] += size * 100 // 1_000 * 10
            model.orders[order] = (size * 100, 0, _end_ms(now_ms))
            model.settle_debt()
        case "back":
            _take_back(model, order, size * 100)
        case "hold":
            _, parts = model.aside.pop(order, (0, []))
            model.lots.update(dict(parts))
            model.tick(now_ms)
            model.aside[order] = (now_ms + 60_000, model.take(size or 1))
        case "settle":
            model.spent[order] = model.aside.pop(order)[1]
        case "release" | "cancel":
            _, parts = model.aside.pop(order if name == "release" else gift)
            model.lots.update(dict(parts))
            model.tick(now_ms)
        case "refund":
            _refund(model, order, size, now_ms)
        case "give":
            model.aside[decided.entry.gift] = (now_ms + 3_600_000, model.take(size or 1))
        case "claim":
            model.aside.pop(gift)


def _take_back(model: Model, order: str, returned: int) -> None:
    net, taken, end = model.orders[order]
    left = net - (returned or net)
    wanted = _points(net) - _points(left)
    there = min(wanted, model.available())
    own = min(there, model.lots[end])
    model.lots[end] -= own
    model.take(there - own)
    model.owed += wanted - there
    model.orders[order] = (left, taken + wanted, end)


def _points(net: int) -> int:
    """Ten for each full thousand."""
    return net // 1_000 * 10


def _refund(model: Model, order: str, amount: int, now_ms: int) -> None:
    spent = model.spent[order]
    amount = amount or sum(n for _, n in spent)
    while amount:
        end, there = spent.pop()
        part = min(there, amount)
        amount -= part
        if there > part:
            spent.append((end, there - part))
        grace = now_ms + 7 * DAY_MS
        kept = end if end >= grace else next(one for one in ENDS if one > grace)
        model.lots[kept] += part
    model.settle_debt()


def _check(account: Any, model: Model) -> None:
    lots = [(lot.end_ms, lot.points) for lot in account.lots]
    assert sorted((end, n) for end, n in model.lots.items() if n) == lots
    assert account.available == sum(n for _, n in lots)
    assert min([account.available, account.held, account.escrow, account.owed]) >= 0
    assert model.owed == account.owed
    assert sum(n for _, parts in model.aside.values() for _, n in parts) == (
        account.held + account.escrow
    )
    assert points_account.fault(account) is None
    # Double entry: what the books of liabilities hold is what the lists say.
    books: Counter[str] = Counter()
    for entry in account.entries:
        books[entry.credit] += entry.amount
        books[entry.debit] -= entry.amount
    assert (account.available, account.held, account.escrow, -account.owed) == tuple(
        books[f"points.{name}"] for name in ("available", "held", "escrow", "owed")
    )
    assert 0 == sum(books.values())


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, max_size=25))
def test_every_history_agrees_with_the_model(shop: Any, steps: list[Any]) -> None:
    """The balance is the sum of the lots, oldest first, never negative; books agree, chains
    verify; repeats answer alike and refusals change nothing."""
    account, now_ms, gift = None, START_MS, "pg_none"
    model = Model()
    answers: dict[str, Any] = {}
    for step in steps:
        now_ms += step[3]
        if step[0] == "sweep":
            account = lapse(account, shop.program, now_ms) if account else None
            model.tick(now_ms)
            continue
        decided = _decide(shop, account, step, gift, now_ms)
        name, _, _, _, number = step
        key = f"{name}-{number}"
        if key in answers:
            told = decided.outcome.value, getattr(decided, "entries", getattr(decided, "entry", 0))
            assert told in (answers[key], ("request_conflict", ()), ("request_conflict", None))
            assert decided.account is account
        elif decided.outcome.value == "applied":
            model.tick(now_ms)
            _apply(model, step, decided, gift, now_ms)
            account = decided.account
            gift = decided.entry.gift if name == "give" else gift
            answers[key] = (
                decided.outcome.value,
                getattr(decided, "entries", getattr(decided, "entry", 0)),
            )
            _check(account, model)
        else:
            assert decided.account is account


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, max_size=20))
def test_looking_more_often_changes_nothing(shop: Any, steps: list[Any]) -> None:
    """A sweeper that comes after every step, or never, leaves the same balance in the end."""
    swept = lazy = None
    now_ms, gift = START_MS, "pg_none"
    for number, step in enumerate(steps):
        now_ms += step[3]
        wanted = (*step[:4], number)
        if step[0] == "sweep":
            continue
        swept = lapse(swept, shop.program, now_ms) if swept else None
        lazy = _decide(shop, lazy, wanted, gift, now_ms).account
        decided = _decide(shop, swept, wanted, gift, now_ms)
        swept = decided.account
        if step[0] == "give" and decided.outcome.value == "applied":
            gift = decided.entry.gift
    if swept is not None and lazy is not None:
        swept, lazy = (lapse(one, shop.program, now_ms) for one in (swept, lazy))
        assert (lazy.lots, lazy.asides, lazy.owed, lazy.tier) == (
            swept.lots,
            swept.asides,
            swept.owed,
            swept.tier,
        )
