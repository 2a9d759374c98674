"""Any sequence of holds, redemptions, returns and revocations against a model of an order."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from offers_service import audit, coupon_account
from offers_service.offers import Restore

from tests.unit.offers.carts.shapes import offer
from tests.unit.offers.carts.test_reversals import DAY_MS, GOODS, NOW_MS, SECRETS, Desk

LINES = {line.line_id: line.quantity for line in GOODS.lines}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "use", "use", "part", "part", "part", "whole", "revoke"]),
        st.sampled_from([("a", 1), ("a", 2), ("b", 1), ("b", 2)]),
        st.sampled_from([0, 0, 0, 1, 4]),  # days that pass before the step
    ),
    max_size=20,
)
OFFERS = st.builds(
    lambda benefit, minimum, restore: offer(
        minimum_minor_units=minimum,
        valid_for_seconds=10 * 86_400,
        restore=restore,
        restore_grace_seconds=3 * 86_400,
        **benefit,
    ),
    st.sampled_from([{"fixed_minor_units": 3_000}, {"percent_basis_points": 1_000}]),
    st.sampled_from([0, 10_000]),
    st.sampled_from(list(Restore)),
)


class Model:
    """Where the coupon is, what is kept of its order and what was refunded, the obvious way."""

    def __init__(self, terms: Any) -> None:
        self.terms = terms
        self.place = "available"
        self.kept: dict[str, int] = {}
        self.paid = self.refunded = 0

    def discount(self) -> int:
        """Of the goods kept, by hand: below the minimum, what is missing comes off."""
        prices = {line.line_id: line.unit_minor_units for line in GOODS.lines}
        goods = sum(prices[line] * count for line, count in self.kept.items())
        if not goods:
            return 0
        missing = max(0, self.terms.minimum_minor_units - goods)
        whole = goods + missing
        off = min(self.terms.fixed_minor_units, whole)
        off += whole * self.terms.percent_basis_points // 10_000
        return int(max(0, off - missing))

    def returns(self, returned: Any) -> bool:
        """Takes pieces back if the order has them."""
        if any(count > self.kept.get(line, 0) for line, count in returned):
            return False
        for line, count in returned:
            self.kept[line] -= count
        return True


@settings(max_examples=300, deadline=None)
@given(OFFERS, STEPS)
def test_every_history_of_an_order_agrees_with_the_model(terms: Any, steps: list[Any]) -> None:
    """Never restored twice, no discount but that of the goods kept, refunds that never exceed
    what was paid, books that agree, chains that verify."""
    desk, model, now_ms = Desk(terms), Model(terms), NOW_MS
    for name, line, days in steps:
        now_ms += days * DAY_MS
        applied = "applied" == _step(desk, name, line, now_ms).outcome.value
        if applied:
            _apply(model, desk, name, line)
        _check(desk, model)


def _step(desk: Desk, name: str, line: Any, now_ms: int) -> Any:
    match name:
        case "hold":
            return desk.hold(now_ms=now_ms)
        case "use":
            desk.hold(now_ms=now_ms)
            return desk.redeem(now_ms=now_ms)
        case "revoke":
            return desk.revoke(f"revoke-{desk.account.v}", now_ms)
    return desk.reverse(*([line] if name == "part" else []), now_ms=now_ms)


def _apply(model: Model, desk: Desk, name: str, line: Any) -> None:
    """What an applied step must have done; asserts that it was allowed to."""
    match name:
        case "hold":
            assert model.place in {"available", "held"}
            model.place = "held"
        case "use":
            assert model.place in {"available", "held"}
            model.place, model.kept, model.refunded = "redeemed", dict(LINES), 0
            model.paid = GOODS.goods - model.discount()
        case "revoke":
            assert model.place in {"available", "held"}
            model.place = "revoked"
        case _:
            assert "redeemed" == model.place
            returned = [line] if name == "part" else list(model.kept.items())
            assert model.returns(returned)
            model.refunded += desk.account.entries[-1].refund
            if not model.discount():
                back = "reverse" == desk.account.entries[-1].kind
                model.place = "available" if back else "kept"


def _check(desk: Desk, model: Model) -> None:
    account = desk.account
    assert None is coupon_account.fault(account, SECRETS)
    shown = "kept" if account.reversed else account.state.value
    assert model.place == shown
    if shown == "redeemed":
        assert model.discount() == account.discount
        prices = {line.line_id: line.unit_minor_units for line in GOODS.lines}
        kept = sum(prices[line] * count for line, count in model.kept.items())
        assert model.paid - model.refunded == kept - account.discount
    assert 0 <= model.refunded <= model.paid
    kinds = Counter(entry.kind for entry in account.entries)
    assert 0 <= kinds["redeem"] - kinds["reverse"] - kinds["keep"] <= 1
    assert kinds["keep"] <= 1
    moved = [(entry.debit, entry.credit, entry.amount, 1) for entry in account.entries]
    stands = [("coupon", account.state.value, account.campaign, account.face, 1)]
    balance = audit.trial_balance(moved, stands)
    assert (0, 0) == (balance.difference, balance.disagreeing_count)
