"""Judges a history: the journals' lines against what clients were told, coupon by coupon.

The journal of a coupon is one order of its steps. It is right if every line follows from the ones
before it (model.py), if every step of which a client was told stands in it exactly once and no
other does, if steps stand in the order in which they were answered and sent, and if every refusal
was right at some moment between its call's begin and its end.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.integration.offers.judging.history import Call, History
from tests.integration.offers.judging.model import ASKING, WRITES, CouponModel


@dataclass
class Verdict:
    """Counts of what was checked, and every fault in words."""

    coupons: int = 0
    lines: int = 0
    acknowledged: int = 0
    refused: int = 0
    unanswered: int = 0
    written_unanswered: int = 0
    faults: list[str] = field(default_factory=list)


def judge(history: History, journals: Mapping[str, Sequence[Mapping[str, Any]]]) -> Verdict:
    """journals: by coupon id the lines as MongoDB keeps them, oldest first."""
    verdict = Verdict()
    by_coupon = history.by_coupon()
    for coupon_id in sorted(journals.keys() | by_coupon.keys()):
        judged = _Coupon(journals.get(coupon_id, ()), by_coupon.get(coupon_id, []))
        judged.judge(verdict)
        verdict.faults += [f"{coupon_id}: {fault}" for fault in judged.faults]
        verdict.coupons += 1
    return verdict


class _Coupon:
    def __init__(self, lines: Sequence[Mapping[str, Any]], calls: Sequence[Call]) -> None:
        self.faults: list[str] = []
        self._lines = lines
        self._calls = calls
        self._number_of: dict[str, int] = {}
        self._states = self._follow()

    def judge(self, verdict: Verdict) -> None:
        """Adds the counts; the faults are in `faults`."""
        verdict.lines += len(self._lines)
        known = {call.request_id: call for call in self._calls}
        for request_id in self._number_of.keys() - known.keys():
            self.faults.append(f"request {request_id} was never sent")
        for call in self._calls:
            number = self._number_of.get(call.request_id)
            if call.applied:
                verdict.acknowledged += 1
                self._acknowledged(call, number)
            elif call.ended_at is None:
                verdict.unanswered += 1
                verdict.written_unanswered += number is not None
            else:
                verdict.refused += 1
                self._refused(call, number)
        self._in_order()

    def _follow(self) -> list[CouponModel]:
        """The coupon after each line; index 0 is before the first."""
        model = CouponModel()
        states = [copy.deepcopy(model)]
        for index, line in enumerate(self._lines, start=1):
            if wrong := model.follow(line):
                self.faults.append(f"line {index}: {wrong}")
            request_id = line.get("request", "")
            # A list's request issues many coupons, and nobody here asks for a single one.
            if request_id and line["kind"] not in {"issue", *ASKING}:
                if request_id in self._number_of:
                    self.faults.append(f"request {request_id} took effect twice")
                self._number_of[request_id] = index
            states.append(copy.deepcopy(model))
        return states

    def _acknowledged(self, call: Call, number: int | None) -> None:
        if number is None:
            self.faults.append(f"{call.step} {call.request_id} was acknowledged and is lost")
        elif self._lines[number - 1]["kind"] not in WRITES[call.step]:
            self.faults.append(f"{call.step} {call.request_id} wrote something else")

    def _refused(self, call: Call, number: int | None) -> None:
        """A try whose answer was lost may take place after a later try was refused."""
        if number is not None and not call.lost_tries:
            self.faults.append(f"{call.step} {call.request_id} was refused and took effect")
        low, high = self._window(call)
        right = set().union(*(state.answers(call) for state in self._states[low : high + 1]))
        if call.outcome not in right:
            expected = ", ".join(sorted(right))
            self.faults.append(f"{call.step} was told {call.outcome}, right was {expected}")

    def _window(self, call: Call) -> tuple[int, int]:
        """Between which lines the call was decided: behind all that was acknowledged before it
        began, before all that was sent after it ended."""
        ended_at = call.ended_at or 0.0
        low = max(
            (
                self._number_of.get(other.request_id, 0)
                for other in self._calls
                if other.applied and (other.ended_at or 0.0) < call.began_at
            ),
            default=0,
        )
        high = min(
            (
                self._number_of[other.request_id] - 1
                for other in self._calls
                if other.began_at > ended_at and other.request_id in self._number_of
            ),
            default=len(self._lines),
        )
        return max(low, 1), max(high, low, 1)

    def _in_order(self) -> None:
        """A step that was acknowledged before another was sent stands before it."""
        written = [call for call in self._calls if call.request_id in self._number_of]
        latest = 0
        ends = sorted(
            (call.ended_at, self._number_of[call.request_id])
            for call in written
            if call.applied and call.ended_at is not None
        )
        position = 0
        for call in sorted(written, key=lambda one: one.began_at):
            while position < len(ends) and ends[position][0] < call.began_at:
                latest = max(latest, ends[position][1])
                position += 1
            if self._number_of[call.request_id] < latest:
                self.faults.append(f"{call.step} {call.request_id} stands before an earlier one")


def doubled(journals: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Coupons used more often than they were given back: the one thing that must never be."""
    found = []
    for coupon_id, lines in journals.items():
        kinds = Counter(line["kind"] for line in lines)
        if kinds["redeem"] > kinds["reverse"] + 1:
            found.append(coupon_id)
    return found
