"""Any sequence of steps against a model that knows nothing of journals."""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offers_service import audit, coupon_account, gift_account
from offers_service.coupon_account import AccountKey, CouponAccount, lapse
from offers_service.gift_account import follow, tell

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["hold", "redeem", "release", "gift", "claim", "cancel", "decline", "sweep"]
        ),
        st.sampled_from(["ann", "bob", "cid"]),
        st.sampled_from(["order-1", "order-2"]),
        st.integers(0, 40),  # seconds that pass before the step
        st.integers(0, 5),  # which request id, so that some repeat
    ),
    max_size=25,
)


CONFLICT = ("request_conflict", None)


class Model:
    """Owner, place and deadline of one coupon, written the obvious way."""

    def __init__(self, valid_until_ms: int) -> None:
        self.owner, self.place, self.order, self.gift = "ann", "available", "", ""
        self.due_ms = 0
        self.valid_until_ms = valid_until_ms
        self.requests: set[int] = set()

    def tick(self, now_ms: int) -> None:
        """Overdue holds and escrows end."""
        if self.place in {"held", "escrowed"} and self.due_ms <= now_ms:
            self.place, self.order = "available", ""

    def allows(self, step: str, who: str, order: str, now_ms: int) -> bool:
        """Whether a new request for this step should be applied."""
        live = now_ms < self.valid_until_ms
        mine = who == self.owner
        if step == "hold":
            free = self.place == "available" or (self.place == "held" and self.order == order)
            return mine and live and free
        if step in {"redeem", "release"}:
            return self.place == "held" and self.order == order
        if step == "gift":
            return mine and live and self.place == "available"
        return self.place == "escrowed" and (mine if step == "cancel" else who != self.owner)

    def apply(self, step: str, who: str, order: str, now_ms: int) -> None:
        """What an applied step does."""
        if step == "hold":
            self.place, self.order = "held", order
            self.due_ms = min(now_ms + 60_000, self.valid_until_ms)
        elif step == "gift":
            self.place, self.due_ms = "escrowed", min(now_ms + 90_000, self.valid_until_ms)
        else:
            self.place = "redeemed" if step == "redeem" else "available"
            self.owner = who if step == "claim" else self.owner


def _decide(shop: Any, account: CouponAccount, step: Any, gift: str, now_ms: int) -> Any:
    name, who, order, _, number = step
    request_id = f"{name}-{number}"
    at: dict[str, Any] = {"now_ms": now_ms}
    match name:
        case "hold":
            return shop.hold(account, request_id, customer=who, order=order, **at)
        case "redeem" | "release":
            return getattr(shop, name)(account, request_id, order=order, **at)
        case "gift":
            return shop.gift(account, request_id, giver=who, open_seconds=90, **at)
        case "claim":
            return shop.claim(account, gift, request_id, claimer=who, **at)
        case "decline":
            return shop.decline(account, gift, request_id, meant=who != account.owner, **at)
        case _:
            return shop.cancel(account, gift, request_id, giver=who, **at)


def _content(step: Any, gift: str) -> tuple[str, ...]:
    """What a request asks for: under the same id it has to be the same."""
    name, who, order, _, _ = step
    contents = {"hold": (who, order), "gift": (who,), "claim": (who, gift), "cancel": (who, gift)}
    contents["decline"] = (gift,)
    return contents.get(name, (order,))


def _check(shop: Any, account: CouponAccount, model: Model) -> None:
    assert coupon_account.fault(account, shop.secrets) is None
    assert (model.owner, model.place) == (account.owner, account.state.value)
    kinds = Counter(entry.kind for entry in account.entries)
    assert kinds["redeem"] <= 1
    assert kinds["redeem"] == 0 or account.entries[-1].kind == "redeem"
    closings = Counter(
        entry.gift
        for entry in account.entries
        if entry.kind in {"claim", "cancel", "decline", "return"}
    )
    assert all(count == 1 for count in closings.values())
    moved = [(entry.debit, entry.credit, entry.amount, 1) for entry in account.entries]
    stands = [("coupon", account.state.value, account.campaign, account.face, 1)]
    balance = audit.trial_balance(moved, stands)
    assert (0, 0) == (balance.difference, balance.disagreeing_count)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_every_history_agrees_with_the_model(shop: Any, steps: list[Any]) -> None:
    """One owner, at most one of redeem, claim and expiry wins, books agree, chains verify."""
    account, now_ms, gift = shop.issue(), shop.issued_ms, "g_none"
    model = Model(account.valid_until_ms)
    answers: dict[str, Any] = {}
    for step in steps:
        name, who, order, seconds, number = step
        now_ms += seconds * 1_000
        if name == "sweep":
            account = lapse(account, now_ms)
            model.tick(now_ms)
            continue
        request_id = f"{name}-{number}"
        decided = _decide(shop, account, step, gift, now_ms)
        content = _content(step, gift)
        if request_id in answers:
            first, asked = answers[request_id]
            expected = (first.outcome.value, first.coupon) if asked == content else CONFLICT
            assert expected == (decided.outcome.value, decided.coupon)
            assert decided.account is account
            continue
        # An applied step writes down first what was overdue; a refused one writes nothing.
        before = (model.place, model.order)
        model.tick(now_ms)
        if model.allows(name, who, order, now_ms):
            assert "applied" == decided.outcome.value
            model.apply(name, who, order, now_ms)
            account = decided.account
            if name == "gift":
                gift = decided.gift.gift_id
            answers[request_id] = (decided, content)
        else:
            assert "applied" != decided.outcome.value
            assert decided.account is account
            model.place, model.order = before
        _check(shop, account, model)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_gifts_follow_every_history(shop: Any, steps: list[Any]) -> None:
    """However late a gift's account follows, it ends where the coupon's journal says."""
    account, now_ms, gift = shop.issue(), shop.issued_ms, "g_none"
    gifts: set[str] = set()
    for number, step in enumerate(steps):
        now_ms += step[3] * 1_000
        if step[0] == "sweep":
            account = lapse(account, now_ms)
            continue
        decided = _decide(shop, account, (*step[:4], number), gift, now_ms)
        account = decided.account
        gifts |= {entry.gift for entry in account.entries if entry.gift}
        gift = account.gift or gift
    for gift_id in gifts:
        told = tell(account, gift_id)
        followed = follow(None, account, gift_id, shop.secrets)
        assert told is not None
        assert followed is not None
        assert AccountKey("shop", gift_id) == followed.key
        assert (told.state, told.claimer) == (followed.state, followed.claimer)
        assert gift_account.fault(followed, shop.secrets) is None
