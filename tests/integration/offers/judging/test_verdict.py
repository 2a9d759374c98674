"""The judge of histories finds what it is there for: each planted fault, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.offers.judging.history import Call, History
from tests.integration.offers.judging.verdict import doubled, judge

Lines = list[dict[str, Any]]
STEPS = ("hold", "redeem", "reverse", "gift", "claim")


def _line(kind: str, owner: str = "ann", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "owner": owner, "request": f"r-{kind}", **more}


def _lines() -> Lines:
    """ann uses her coupon, returns the goods, and gives the coupon to bob."""
    return [
        _line("issue"),
        _line("hold", order="o1", until_ms=10_000),
        _line("redeem", order="o1"),
        _line("reverse", order="o1"),
        _line("gift", gift="g1", until_ms=10_000),
        _line("claim", "bob", gift="g1"),
    ]


def _history() -> History:
    """Each step a second long, one after the other, then a refusal that is right."""
    history = History()
    for number, step in enumerate(STEPS, start=1):
        call = Call(step, "c", f"r-{step}", who="ann", order_id="o1", gift_id="g1")
        call.began_at, call.ended_at, call.outcome = 2 * number, 2 * number + 1, "APPLIED"
        call.ended_ms = 1_000
        history.calls.append(call)
    late = Call("hold", "c", "r-late", who="ann", order_id="o2")
    late.began_at, late.ended_at, late.outcome = 20, 21, "NOT_OWNER"
    late.ended_ms = 1_000
    history.calls.append(late)
    return history


def test_a_right_history_has_no_fault() -> None:
    """Everything is counted, nothing is found."""
    verdict = judge(_history(), {"c": _lines()})
    assert [] == verdict.faults
    assert (6, 5, 1) == (verdict.lines, verdict.acknowledged, verdict.refused)


def _drop_last(lines: Lines, _history: History) -> None:
    del lines[-1]


def _repeat_redeem(lines: Lines, _history: History) -> None:
    lines.insert(3, copy.deepcopy(lines[2]))


def _swap(lines: Lines, _history: History) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def _foreign_order(lines: Lines, _history: History) -> None:
    lines[2]["order"] = "o9"


def _other_owner(lines: Lines, _history: History) -> None:
    lines[2]["owner"] = "bob"


def _self_gift(lines: Lines, _history: History) -> None:
    lines[5]["owner"] = "ann"


def _foreign_gift(lines: Lines, _history: History) -> None:
    lines[5]["gift"] = "g9"


def _unsent(lines: Lines, _history: History) -> None:
    lines[1]["request"] = "r-nobody"


def _wrong_refusal(_lines: Lines, history: History) -> None:
    history.calls[-1].outcome = "ALREADY_REDEEMED"


def _stale_refusal(_lines: Lines, history: History) -> None:
    """It was right, but only before the call began."""
    history.calls[-1].who, history.calls[-1].outcome = "bob", "ALREADY_REDEEMED"


def _refused_yet_written(_lines: Lines, history: History) -> None:
    history.calls[1].outcome = "NOT_HELD"


def _answered_out_of_order(_lines: Lines, history: History) -> None:
    """The gift was acknowledged before the reversal was sent, but stands behind it."""
    history.calls[3].began_at, history.calls[3].ended_at = 1, 1.5


def _issued_twice(lines: Lines, _history: History) -> None:
    lines.insert(1, copy.deepcopy(lines[0]))


FAULTS: list[Callable[[Lines, History], None]] = [
    _drop_last,
    _repeat_redeem,
    _swap,
    _foreign_order,
    _other_owner,
    _self_gift,
    _foreign_gift,
    _unsent,
    _wrong_refusal,
    _stale_refusal,
    _refused_yet_written,
    _answered_out_of_order,
    _issued_twice,
]


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__.strip("_"))
def test_a_planted_fault_is_found(plant: Callable[[Lines, History], None]) -> None:
    """Lost, doubled, misplaced, misordered or misreported: each is a fault."""
    lines, history = _lines(), _history()
    plant(lines, history)
    assert judge(history, {"c": lines}).faults


def test_a_lost_answer_may_take_place_after_a_refusal() -> None:
    """A try that was under way when another was refused is no fault, and only then."""
    history = _history()
    redeem = history.calls[1]
    redeem.outcome = "ALREADY_REDEEMED"
    expected = ["c: redeem r-redeem was refused and took effect"]
    assert expected == judge(history, {"c": _lines()}).faults
    redeem.lost_tries = 1
    assert [] == judge(history, {"c": _lines()}).faults


def test_a_coupon_used_twice_is_told() -> None:
    """Twice used with one reversal between is right, without it is not."""
    twice = _lines()[:3] + _lines()[1:3]
    assert ["d"] == doubled({"c": _lines(), "d": twice})
