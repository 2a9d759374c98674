"""A coupon written the obvious way, from its journal's lines alone; it shares no code with ours.

`follow` takes one line and says what is wrong with it; `answer` says what a request has to be told
while the coupon is as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.integration.offers.judging.history import Call

_GIFT_ENDS = {"claim": "ALREADY_CLAIMED", "cancel": "CANCELLED", "return": "EXPIRED"}
# Which line each step writes.
WRITES = {
    "issue": {"issue"},
    "hold": {"hold", "extend"},
    "redeem": {"redeem"},
    "release": {"release"},
    "reverse": {"reverse"},
    "gift": {"gift"},
    "claim": {"claim"},
    "cancel": {"cancel"},
    "revoke": {"revoke"},
}
_BEFORE = {
    "hold": "available",
    "extend": "held",
    "redeem": "held",
    "release": "held",
    "reverse": "redeemed",
    "gift": "available",
    "claim": "escrowed",
    "cancel": "escrowed",
    "return": "escrowed",
}
_AFTER = {
    "hold": "held",
    "extend": "held",
    "redeem": "redeemed",
    "release": "available",
    "reverse": "available",
    "gift": "escrowed",
    "claim": "available",
    "cancel": "available",
    "return": "available",
    "revoke": "revoked",
}
_BY_ORDER = {"extend", "redeem", "release", "reverse"}
# While the budget of its campaign is asked, and when that has refused.
ASKING = {"ask", "deny", "deny_extend"}
_HELD = ("held", "holding", "redeemed")


@dataclass
class CouponModel:
    """Where the coupon is, whose it is, who gave it away, and how its gifts ended."""

    place: str = "none"
    owner: str = ""
    order_id: str = ""
    gift_id: str = ""
    due_ms: int = 0
    gifts: dict[str, str] = field(default_factory=dict)
    givers: dict[str, str] = field(default_factory=dict)
    # Under a budget: where it was before it was asked, by whose order, until when.
    budgeted: bool = False
    before: tuple[str, str, int] = ("", "", 0)
    discount: int = 0

    def follow(self, line: Mapping[str, Any]) -> str | None:
        """Takes a line of the journal; what is wrong with it, or None."""
        kind, order_id, gift_id = line["kind"], line.get("order", ""), line.get("gift", "")
        if kind == "issue":
            return self._issue(line)
        if kind in ASKING:
            return self._asked(line)
        if self.place == "holding" and kind in {"hold", "extend"} and order_id == self.order_id:
            # Paid for: it goes on from where it was.
            self.place = self.before[0]
        if wrong := self._misplaced(kind, order_id, gift_id):
            return wrong
        if kind == "claim":
            if line["owner"] == self.owner:
                return "a gift to oneself"
            self.owner = line["owner"]
        elif line["owner"] != self.owner:
            return f"{kind} names another owner"
        if kind == "gift":
            self.gifts[gift_id], self.givers[gift_id] = "OPEN", self.owner
        elif kind in _GIFT_ENDS:
            self.gifts[gift_id] = _GIFT_ENDS[kind]
        self.place = _AFTER[kind]
        self.order_id = order_id if self.place in _HELD else ""
        self.discount = line.get("discount", 0) if self.place in _HELD else 0
        self.gift_id = gift_id if self.place == "escrowed" else ""
        self.due_ms = line.get("until_ms", 0) if self.place in {"held", "escrowed"} else 0
        return None

    def _asked(self, line: Mapping[str, Any]) -> str | None:
        """The budget is asked, or has refused."""
        kind = line["kind"]
        if line["owner"] != self.owner or not self.budgeted:
            return f"{kind} by another owner or without a budget"
        if kind == "ask":
            free = self.place == "available"
            if not free and (self.place, self.order_id) != ("held", line["order"]):
                return f"ask while {self.place}"
            self.before = (self.place, self.order_id, self.due_ms)
            self.place, self.order_id = "holding", line["order"]
            self.due_ms, self.discount = line["until_ms"], line["discount"]
            return None
        if self.place != "holding":
            return f"{kind} while {self.place}"
        self.place, self.order_id, self.due_ms = self.before
        self.discount = line.get("discount", 0)
        return None if (kind == "deny") == (self.place == "available") else f"{kind} of the other"

    def _issue(self, line: Mapping[str, Any]) -> str | None:
        if self.place != "none":
            return "issued twice"
        self.place, self.owner = "available", line["owner"]
        self.budgeted = line.get("stripe", 0) > 0
        return None

    def _misplaced(self, kind: str, order_id: str, gift_id: str) -> str | None:
        if kind == "revoke":
            return None if self.place in {"available", "held"} else f"revoked while {self.place}"
        if kind not in _BEFORE:
            return f"a line of unknown kind {kind}"
        if self.place != _BEFORE[kind]:
            return f"{kind} while {self.place}"
        if kind in _BY_ORDER and order_id != self.order_id:
            return f"{kind} by another order"
        if kind in _GIFT_ENDS and gift_id != self.gift_id:
            return f"{kind} of another gift"
        return None

    def answers(self, call: Call) -> set[str]:
        """Every answer that is right for the call now. A hold or escrow whose time is over counts
        as ended; one whose time ends during the call may be taken for either."""
        if self.place == "holding":
            # Whoever comes meanwhile waits for the budget's answer.
            return set()
        answers = self._answers(call)
        if self.budgeted and call.step == "hold" and "APPLIED" in answers:
            answers.add("BUDGET_EXHAUSTED")
        return answers

    def _answers(self, call: Call) -> set[str]:
        if self.place not in {"held", "escrowed"} or call.ended_ms < self.due_ms:
            return {self._answer(call, self.place)}
        ended = {self._answer(call, "available")}
        return ended if self.due_ms <= call.began_ms else ended | {self._answer(call, self.place)}

    def _answer(self, call: Call, place: str) -> str:
        decide = {
            "hold": self._hold,
            "redeem": self._settle,
            "release": self._settle,
            "reverse": self._reverse,
            "gift": self._gift,
            "claim": self._claim,
            "cancel": self._cancel,
            "revoke": self._revoke,
        }
        return decide[call.step](call, place)

    def _reverse(self, call: Call, place: str) -> str:
        if place != "redeemed":
            return "NOT_REDEEMED"
        return "APPLIED" if call.order_id == self.order_id else "OTHER_ORDER"

    def _gift(self, call: Call, place: str) -> str:
        if call.who != self.owner:
            return "NOT_OWNER"
        return "APPLIED" if place == "available" else "COUPON_NOT_AVAILABLE"

    def _cancel(self, call: Call, place: str) -> str:
        if self.givers.get(call.gift_id) != call.who:
            return "NOT_OWNER"
        return "APPLIED" if self._open(call, place) else self._ended(call)

    def _revoke(self, _call: Call, place: str) -> str:
        return {"redeemed": "ALREADY_REDEEMED", "revoked": "REVOKED"}.get(place, "APPLIED")

    def _hold(self, call: Call, place: str) -> str:
        if call.who != self.owner:
            return "NOT_OWNER"
        if place == "held":
            return "APPLIED" if call.order_id == self.order_id else "HELD_BY_OTHER_ORDER"
        return _REFUSALS.get(place, "APPLIED")

    def _settle(self, call: Call, place: str) -> str:
        if place == "held":
            return "APPLIED" if call.order_id == self.order_id else "HELD_BY_OTHER_ORDER"
        return _REFUSALS.get(place, "NOT_HELD")

    def _claim(self, call: Call, place: str) -> str:
        if not self._open(call, place):
            return self._ended(call)
        return "SELF_GIFT" if call.who == self.owner else "APPLIED"

    def _ended(self, call: Call) -> str:
        """An open gift that is overdue counts as ended."""
        state = self.gifts.get(call.gift_id, "NOT_FOUND")
        return "EXPIRED" if state == "OPEN" else state

    def _open(self, call: Call, place: str) -> bool:
        return place == "escrowed" and call.gift_id == self.gift_id


_REFUSALS = {"redeemed": "ALREADY_REDEEMED", "escrowed": "IN_ESCROW", "revoked": "REVOKED"}
