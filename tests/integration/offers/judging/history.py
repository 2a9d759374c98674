"""What the clients of a run sent and what they were told: the history that is judged at the end."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Call:
    """One request under one id, however often it was sent.

    began_at and ended_at are seconds of one monotonic clock; ended_at and outcome stay empty for
    a request that was given up unanswered. lost_tries: how often no answer came. coupon_id is the
    account that the step is on, of whatever kind; answered: the account that the answer names.
    """

    step: str
    coupon_id: str
    request_id: str
    who: str = ""
    order_id: str = ""
    gift_id: str = ""
    token: str = ""
    began_at: float = 0.0
    ended_at: float | None = None
    began_ms: int = 0
    ended_ms: int = 0
    outcome: str = ""
    lost_tries: int = 0
    answered: str = ""

    @property
    def applied(self) -> bool:
        """Whether the client was told that it took place."""
        return self.outcome == "APPLIED"


@dataclass
class History:
    """Every call of a run, and the statuses of tries that got no answer."""

    calls: list[Call] = field(default_factory=list)
    lost_tries: dict[str, int] = field(default_factory=dict)

    def begin(self, call: Call) -> None:
        """The first try of a call goes out now."""
        call.began_at, call.began_ms = time.monotonic(), time.time_ns() // 1_000_000
        self.calls.append(call)

    def end(self, call: Call, outcome: str) -> None:
        """The call's answer is here."""
        call.ended_at, call.ended_ms = time.monotonic(), time.time_ns() // 1_000_000
        call.outcome = outcome

    def lose(self, call: Call, status: str) -> None:
        """A try of the call was not answered."""
        call.lost_tries += 1
        self.lost_tries[status] = self.lost_tries.get(status, 0) + 1

    @property
    def answered(self) -> int:
        """How many calls have an answer."""
        return sum(call.ended_at is not None for call in self.calls)

    @property
    def outcomes(self) -> Counter[tuple[str, str]]:
        """How often each step had each outcome."""
        return Counter((call.step, call.outcome) for call in self.calls if call.outcome)

    def by_coupon(self) -> dict[str, list[Call]]:
        """The calls on each coupon, in the order of sending."""
        found: dict[str, list[Call]] = {}
        for call in self.calls:
            found.setdefault(call.coupon_id, []).append(call)
        return found
