"""Two customers' points become one's: against a model, and against replaying both as one."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from offers_service import points_account, points_merging, points_spending
from offers_service.coupon_account import AccountKey
from offers_service.points import NeedsPast, Past
from offers_service.points_account import Kind, PointsAccount, points_account_id

from tests.unit.offers.points.conftest import DAY_MS, START_MS
from tests.unit.offers.points.test_histories import STEP, Model, _apply, _check, _decide

CALM = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
STEPS = st.lists(st.tuples(st.booleans(), STEP), max_size=24)
MERGED = {Kind.JOINED, Kind.IN, Kind.HELD_IN, Kind.GIFT_IN, Kind.OWED_IN}
ANN, BEA = (AccountKey("shop", points_account_id(name)) for name in ("ann", "bea"))


def _merge(
    shop: Any, source: PointsAccount | None, target: PointsAccount | None, now_ms: int = START_MS
) -> tuple[PointsAccount, PointsAccount]:
    """bea turns out to be ann; afterwards the shop's steps know of bea's history."""
    left = points_merging.leave(source, BEA, "ann", shop.program, now_ms)
    joined = points_merging.join(target, ANN, left, shop.program)
    shop.past = Past(0, left.entries, len(joined.absorbed))
    return left, joined


class _Customers:
    """ann and bea, each with an account, a model and an open gift; a step that was taken before
    under one of them is told apart by its request."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.keys = {"ann": ANN, "bea": BEA}
        self.accounts: dict[str, Any] = {"ann": None, "bea": None}
        self.models = {"ann": Model(), "bea": Model()}
        self.gifts = {"ann": "pg_none", "bea": "pg_none"}
        self.answers: dict[str, Any] = {}

    def take(self, who: str, step: Any, now_ms: int) -> None:
        """One step of one of them; orders and requests of bea are others than ann's."""
        name, order, size, passed, number = step
        mine = (name, order if who == "ann" else f"bea-{order}", size, passed, number)
        if name == "sweep" or f"{who}/{name}-{number}" in self.answers:
            return
        self.shop.key = self.keys[who]
        decided = _decide(self.shop, self.accounts[who], mine, self.gifts[who], now_ms)
        if decided.outcome.value != "applied":
            return
        self.models[who].tick(now_ms)
        _apply(self.models[who], mine, decided, self.gifts[who], now_ms)
        self.accounts[who] = decided.account
        if name == "give":
            self.gifts[who] = decided.entry.gift
        self.answers[f"{who}/{name}-{number}"] = decided


def _union(one: Model, other: Model, now_ms: int) -> Model:
    for model in (one, other):
        model.tick(now_ms)
    one.lots.update(other.lots)
    one.aside |= other.aside
    one.orders |= other.orders
    one.spent |= other.spent
    one.owed += other.owed
    one.settle_debt()
    return one


def _check_books(account: PointsAccount, model: Model) -> None:
    """As the histories' check, for an account with pages of another one's past."""
    _check(account, model)
    assert account.absorbed == ("p_bea",)


@CALM
@given(before=STEPS, after=st.lists(STEP, max_size=10))
def test_what_both_had_is_one_customers_and_goes_on(
    shop: Any, before: list[Any], after: list[Any]
) -> None:
    """Lots with their ends, holds, open gifts, debts and orders: the merged account behaves as the
    union of two models, also in what comes after, whoever's order it is."""
    shop.past = Past()
    customers, now_ms = _Customers(shop), START_MS
    for is_ann, step in before:
        now_ms += step[3]
        customers.take("ann" if is_ann else "bea", step, now_ms)
    shop.key = ANN
    left, joined = _merge(shop, customers.accounts["bea"], customers.accounts["ann"], now_ms)
    model = _union(customers.models["ann"], customers.models["bea"], now_ms)
    assert None is points_account.fault(left)
    assert (0, 0, 0, 0, 0) == (left.available, left.held, left.escrow, left.owed, left.due_ms)
    _check_books(joined, model)
    for number, (name, order, size, passed, _) in enumerate(after):
        now_ms += passed
        step = (name, order if number % 2 else f"bea-{order}", size, passed, 100 + number)
        gift = customers.gifts["bea" if number % 3 else "ann"]
        if name == "sweep":
            continue
        decided = _decide(shop, joined, step, gift, now_ms)
        if decided.outcome.value == "applied":
            model.tick(now_ms)
            _apply(model, step, decided, gift, now_ms)
            joined = decided.account
            _check_books(joined, model)


@CALM
@given(
    steps=st.lists(
        st.tuples(
            st.booleans(),
            st.sampled_from(["earn", "back"]),
            st.integers(0, 5),
            st.sampled_from([30_000, 120_000, 400_000]),
            st.integers(0, 90 * DAY_MS),
        ),
        max_size=20,
    )
)
def test_it_is_what_replaying_both_histories_as_one_gives(shop: Any, steps: list[Any]) -> None:
    """Orders and returns of two customers, merged at the end, or told to one account from the
    start: the same balance, the same spend by day, the same tier and the same deadline of it. The
    tier before the order decides what it earns, so orders earn the base alone here."""
    shop.with_tiers().past = Past()
    tiers = tuple(replace(tier, bonus_basis_points=0) for tier in shop.program.tiers)
    shop.program = replace(shop.program, tiers=tiers)
    ann: Any = None
    bea: Any = None
    one: Any = None
    now_ms = START_MS
    for number, (is_ann, name, order, net, passed) in enumerate(steps):
        now_ms += passed
        mine = f"{'ann' if is_ann else 'bea'}-{order}"
        at = {"now_ms": now_ms, "request_id": f"r-{number}"}
        shop.key = ANN if is_ann else BEA
        step = shop.earn if name == "earn" else shop.take_back
        wanted = (mine, net) if name == "earn" else (mine, 0)
        if is_ann:
            ann = step(ann, *wanted, **at).account
        else:
            bea = step(bea, *wanted, **at).account
        shop.key = ANN
        one = step(one, *wanted, **at).account
    shop.key = ANN
    _, joined = _merge(shop, bea, ann, now_ms)
    expected = points_merging.join(one, ANN, _nothing(shop, now_ms), shop.program)
    assert (expected.spends, expected.tier, expected.tier_floor) == (
        joined.spends,
        joined.tier,
        joined.tier_floor,
    )
    assert expected.available - expected.owed == joined.available - joined.owed
    assert points_account.tier_end_ms(expected) == points_account.tier_end_ms(joined)


def _nothing(shop: Any, now_ms: int) -> PointsAccount:
    """Somebody without points: merging with them only lets what has ended by now end."""
    key = AccountKey("shop", points_account_id("nobody"))
    return points_merging.leave(None, key, "ann", shop.program, now_ms)


def test_a_merge_moves_once_and_the_old_account_takes_nothing_more(shop: Any) -> None:
    """Repeats change nothing; an entry behind the last one is no legal entry."""
    ann = shop.earn(None, "o-1", 10_000).account
    shop.key = BEA
    bea = shop.earn(None, "o-2", 20_000).account
    shop.key = ANN
    left, joined = _merge(shop, bea, ann)
    assert left is points_merging.leave(left, BEA, "cid", shop.program, START_MS)
    assert joined is points_merging.join(joined, ANN, left, shop.program)
    assert (300, 0, "ann") == (joined.available, left.available, left.merged_into)
    with pytest.raises(ValueError, match="merged away"):
        points_account.add(left, Kind.GRANT, points_account.SYSTEM, START_MS, amount=1)


def test_a_repeat_from_before_the_merge_is_answered_as_then(shop: Any) -> None:
    """The other account's history has to be read first, then it answers; an order earns once."""
    shop.key = BEA
    bea = shop.earn(None, "o-2", 20_000, request_id="r-1")
    shop.key = ANN
    _, joined = _merge(shop, bea.account, None)
    known, shop.past = shop.past, Past()
    assert isinstance(shop.earn(joined, "o-2", 20_000, request_id="r-1"), NeedsPast)
    shop.past = known
    again = shop.earn(joined, "o-2", 20_000, request_id="r-1")
    assert (bea.outcome, bea.entries) == (again.outcome, again.entries)
    assert "already_earned" == shop.earn(joined, "o-2", 20_000, request_id="r-2").outcome
    refund = shop.take_back(joined, "o-2")
    assert ("applied", 0) == (refund.outcome, refund.account.available)


def test_an_order_that_both_held_for_holds_once(shop: Any) -> None:
    """What the account that is left holds stays; the other's points can be used."""
    ann = shop.hold(shop.earn(None, "o-1", 10_000).account, "o-9", 40).account
    shop.key = BEA
    bea = shop.hold(shop.earn(None, "o-2", 20_000).account, "o-9", 70).account
    shop.key = ANN
    _, joined = _merge(shop, bea, ann)
    assert (260, 40) == (joined.available, joined.held)
    settled = shop.end(points_spending.settle, joined, "o-9")
    assert ("applied", 260, 0) == (
        settled.outcome,
        settled.account.available,
        settled.account.held,
    )
    assert None is points_account.fault(settled.account)


@pytest.mark.parametrize(
    ("ann_net", "bea_net", "expected"),
    [
        (0, 0, []),
        (60_000, 60_000, ["promoted:>silver"]),
        (0, 400_000, ["same:>gold"]),
        (150_000, 400_000, ["same:silver>gold"]),
        (150_000, 160_000, ["promoted:silver>gold"]),
        (400_000, 150_000, []),
    ],
)
def test_the_tier_is_that_of_what_both_bought(
    shop: Any, ann_net: int, bea_net: int, expected: list[str]
) -> None:
    """Nobody is promoted again into the tier that one had under the other id."""
    shop.with_tiers()
    ann = shop.earn(None, "o-1", ann_net).account
    shop.key = BEA
    bea = shop.earn(None, "o-2", bea_net).account
    shop.key = ANN
    _, joined = _merge(shop, bea, ann)
    since = len(ann.entries)
    changes = [entry.origin for entry in joined.entries[since:] if entry.kind == Kind.TIER]
    assert expected == changes
    total = ann_net + bea_net
    assert joined.tier == ("gold" if total >= 300_000 else "silver" if total >= 100_000 else "")


def test_an_altered_merge_is_found(shop: Any) -> None:
    """Points, lots, ends, what counted and whom it came from are all in the chain."""
    shop.key = BEA
    bea = shop.hold(shop.earn(None, "o-2", 20_000).account, "o-9", 70).account
    shop.key = ANN
    _, joined = _merge(shop, bea, None)
    moved = [n for n, entry in enumerate(joined.entries) if Kind(entry.kind) in MERGED]
    assert 3 == len(moved)
    for number in moved:
        entry = joined.entries[number]
        for change in (
            {"amount": entry.amount + 1},
            {"cart": entry.cart + b"1"},
            {"until_ms": entry.until_ms + 1},
            {"origin": "eve"},
            {"facts": (("absorbed", "p_eve"),)},
        ):
            entries = list(joined.entries)
            entries[number] = replace(entry, **change)
            assert points_account.fault(replace(joined, entries=tuple(entries)))
    assert points_account.fault(replace(joined, absorbed=()))
    assert points_account.fault(replace(joined, lots=()))
