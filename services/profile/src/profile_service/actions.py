"""What a shop does next about customers it misses. Pure.

Every kind of missed customer calls for one action (the ready segments say why: docs/segments.md).
First comes what went wrong and can still be put right today, then who is here and hesitates, then
who has fallen silent; within each whoever bought most in the last year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple


class ActionKind(StrEnum):
    """What to do."""

    DO_TASKS = "DO_TASKS"
    TALK = "TALK"
    REMIND = "REMIND"
    OFFER = "OFFER"
    ASK = "ASK"
    TELL_OF_PRODUCT = "TELL_OF_PRODUCT"


class Urgency(IntEnum):
    """In which order."""

    WENT_WRONG = 0
    HESITATES = 1
    SILENT = 2


class Missed(NamedTuple):
    """Customers of one kind; revenue of the last year in minor units."""

    kind: str
    customer_count: int
    revenue: int


@dataclass(frozen=True, slots=True)
class Action:
    """kind is empty for tasks. reasons by language: ko and en."""

    action: ActionKind
    kind: str
    customer_count: int
    revenue: int
    reasons: Mapping[str, str]


_TASKS: Final = {"ko": "오늘까지인 할 일이 있습니다.", "en": "Tasks are due today."}
_REASONS: Final[Mapping[ActionKind, Mapping[str, str]]] = {
    ActionKind.DO_TASKS: _TASKS,
    ActionKind.TALK: {
        "ko": "무언가 잘못되었습니다. 쿠폰보다 먼저 사람이 답해 주세요.",
        "en": "Something went wrong: let a person answer before a coupon does.",
    },
    ActionKind.REMIND: {
        "ko": "살 마음이 남아 있습니다. 한 번만 알려 주면 충분합니다.",
        "en": "The wish to buy is still there: one reminder is enough.",
    },
    ActionKind.OFFER: {
        "ko": "예전에는 샀던 고객입니다. 돌아올 이유를 하나 주세요.",
        "en": "They used to buy: give them one reason to come back.",
    },
    ActionKind.ASK: {
        "ko": "관심은 있지만 사지 않습니다. 무엇이 망설이게 하는지 물어보세요.",
        "en": "They are interested and do not buy: ask what makes them hesitate.",
    },
    ActionKind.TELL_OF_PRODUCT: {
        "ko": "기다리는 상품이 있습니다. 그 상품의 소식을 가장 먼저 알려 주세요.",
        "en": "They wait for a product: let them be the first to hear of it.",
    },
}
_KINDS: Final[Mapping[str, tuple[Urgency, ActionKind]]] = {
    "cancelled-at-once": (Urgency.WENT_WRONG, ActionKind.TALK),
    "returned-after-delivery": (Urgency.WENT_WRONG, ActionKind.TALK),
    "two-stars-or-less": (Urgency.WENT_WRONG, ActionKind.TALK),
    "paid-but-out-of-stock": (Urgency.WENT_WRONG, ActionKind.TELL_OF_PRODUCT),
    "left-in-the-cart": (Urgency.HESITATES, ActionKind.REMIND),
    "cart-that-grows": (Urgency.HESITATES, ActionKind.REMIND),
    "wished-for": (Urgency.HESITATES, ActionKind.TELL_OF_PRODUCT),
    "five-visits-no-order": (Urgency.HESITATES, ActionKind.ASK),
    "looked-at-everything": (Urgency.HESITATES, ActionKind.ASK),
    "vip-slipping-away": (Urgency.HESITATES, ActionKind.TALK),
    "about-to-be-dormant": (Urgency.SILENT, ActionKind.OFFER),
    "monthly-a-year-ago": (Urgency.SILENT, ActionKind.OFFER),
    "came-once-and-left": (Urgency.SILENT, ActionKind.OFFER),
    "dormant-for-a-year": (Urgency.SILENT, ActionKind.OFFER),
}
# A kind of the tenant's own.
_OTHER: Final = (Urgency.SILENT, ActionKind.OFFER)


def suggest(missed: Iterable[Missed], due_task_count: int) -> list[Action]:
    """What to do, first things first; nothing about kinds that nobody is of."""
    actions = []
    if due_task_count:
        actions.append(Action(ActionKind.DO_TASKS, "", due_task_count, 0, _TASKS))
    for one in sorted(missed, key=_rank):
        if one.customer_count:
            action = _KINDS.get(one.kind, _OTHER)[1]
            reasons = _REASONS[action]
            actions.append(Action(action, one.kind, one.customer_count, one.revenue, reasons))
    return actions


def _rank(one: Missed) -> tuple[int, int, int, str]:
    urgency = _KINDS.get(one.kind, _OTHER)[0]
    return urgency, -one.revenue, -one.customer_count, one.kind
