"""The judge of points, codes and budgets finds what it is there for, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.offers.judging.history import Call, History
from tests.integration.offers.judging.purses import judge_budget, judge_codes, judge_points

Lines = list[dict[str, Any]]


class Case:
    """ann earns, spends and gives; bob claims; cid has a code; a budget pays for one coupon."""

    def __init__(self) -> None:
        self.history = History()
        self.ann = [
            _line("order", "earn", 0),
            _line("earn", "earn", 100, points=100),
            _line("hold_points", "hold", 60, points=40, order="o1"),
            _line("spend_points", "spend", 60, points=40, order="o1"),
            _line("give_points", "give", 40, gift="g1"),
            _line("points_given", "claim", 40, gift="g1", origin="bob"),
        ]
        self.bob = [_line("receive_points", "gift:g1", 40, points=40, gift="g1", origin="ann")]
        self.code: Lines = [_line("make_code", "", 0), _line("claim_code", "code", 0, owner="cid")]
        self.owners = {"c_1": "cid"}
        self.stripe = [
            _line("open", "", 100),
            _line("take", "c_1/2", 60),
            _line("spend", "c_1/3", 60),
        ]
        self.coupon = {"state": "redeemed", "discount": 60, "entries": []}
        for step, who in (("earn", "ann"), ("hold_points", "ann"), ("spend_points", "ann")):
            self.tell(step, who, step.removesuffix("_points"))
        self.tell("give_points", "ann", "give")
        self.tell("claim_points", "bob", "claim").gift_id = "g1"
        self.tell("claim_code", "cid", "code").answered = "c_1"

    def tell(self, step: str, who: str, request_id: str) -> Call:
        """The customer was told that it took place."""
        call = Call(step, "p_ann", request_id, who=who, ended_at=1.0, outcome="APPLIED")
        self.history.calls.append(call)
        return call

    def faults(self) -> list[str]:
        """What the judge says."""
        return [
            *judge_points(self.history, {"p_ann": self.ann, "p_bob": self.bob}),
            *judge_codes(self.history, {"k_1": self.code}, self.owners, 1),
            *judge_budget("spring", {"b_1": self.stripe}, 100, [self.coupon]),
        ]


def _line(kind: str, request: str, amount: int, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "request": request, "amount": amount, **more}


def test_right_books_have_no_fault() -> None:
    """Nothing is found."""
    assert [] == Case().faults()


def _spend_too_much(case: Case) -> None:
    case.ann[3]["amount"] = 61


def _hold_too_much(case: Case) -> None:
    case.ann[2].update(amount=101, points=-1)


def _tell_another_balance(case: Case) -> None:
    case.ann[2]["points"] = 41


def _lose_an_earning(case: Case) -> None:
    case.tell("earn", "ann", "lost")


def _write_a_refused(case: Case) -> None:
    case.history.calls[3].outcome = "NOT_ENOUGH_POINTS"


def _earn_twice(case: Case) -> None:
    case.ann.append(_line("earn", "earn", 100, points=100))


def _receive_twice(case: Case) -> None:
    case.bob.append(_line("receive_points", "", 40, points=80, gift="g1"))


def _receive_more(case: Case) -> None:
    case.bob[0].update(amount=50, points=50)


def _never_receive(case: Case) -> None:
    case.bob.clear()


def _write_something_unknown(case: Case) -> None:
    case.ann.append(_line("mint", "", 5))


def _claim_a_claimed_code(case: Case) -> None:
    case.code.append(_line("claim_code", "other", 0, owner="dan"))


def _tell_two_of_one_code(case: Case) -> None:
    case.tell("claim_code", "dan", "other").answered = "c_1"


def _issue_beyond_the_budget(case: Case) -> None:
    case.owners["c_2"] = "cid"


def _lose_the_coupon_of_a_code(case: Case) -> None:
    case.owners["c_1"] = "dan"


def _overspend(case: Case) -> None:
    case.stripe.append(_line("take", "c_2/2", 41))


def _take_twice(case: Case) -> None:
    case.stripe.append(_line("take", "c_1/2", 20))


def _grow_the_budget(case: Case) -> None:
    case.stripe[0]["amount"] = 200


def _forget_to_take(case: Case) -> None:
    del case.stripe[1:]


def _borrow_from_nobody(case: Case) -> None:
    case.stripe.append(_line("borrow", "c_2/2", 50))


def _give_back_what_is_used(case: Case) -> None:
    case.stripe.append(_line("refund", "c_1/3", 60))


FAULTS: list[Callable[[Case], None]] = [
    _spend_too_much,
    _hold_too_much,
    _tell_another_balance,
    _lose_an_earning,
    _write_a_refused,
    _earn_twice,
    _receive_twice,
    _receive_more,
    _never_receive,
    _write_something_unknown,
    _claim_a_claimed_code,
    _tell_two_of_one_code,
    _issue_beyond_the_budget,
    _lose_the_coupon_of_a_code,
    _overspend,
    _take_twice,
    _grow_the_budget,
    _forget_to_take,
    _borrow_from_nobody,
    _give_back_what_is_used,
]


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__.strip("_"))
def test_a_planted_fault_is_found(plant: Callable[[Case], None]) -> None:
    """Overdrawn, doubled, lost, misreported: each is a fault."""
    case = Case()
    plant(case)
    assert case.faults()


def test_a_coupon_under_way_may_be_paid_or_not() -> None:
    """Its budget follows later, and only then."""
    case = Case()
    del case.stripe[1:]
    case.coupon.update(owes=2, entries=[{"discount": 60}])
    assert [] == judge_budget("spring", {"b_1": case.stripe}, 100, [case.coupon])
    case.coupon.update(owes=0)
    assert judge_budget("spring", {"b_1": case.stripe}, 100, [case.coupon])
