"""Outcomes of the contract as refusals: their names are the codes, docs/outcomes.md lists them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol, TypeVar

from dangol_service_kit.errors import RpcFailure

from gateway_service.results import Refused, refusal_of

_APPLIED = "APPLIED"
MESSAGES = {
    "NOT_FOUND": "there is no such coupon, gift or code",
    "NOT_OWNER": "it belongs to another customer",
    "ALREADY_REDEEMED": "it has been used already",
    "HELD_BY_OTHER_ORDER": "another order holds it",
    "NOT_HELD": "this order does not hold it",
    "EXPIRED": "its time has run out",
    "IN_ESCROW": "it is being given away",
    "BELOW_MINIMUM": "it is below the minimum",
    "WRONG_CURRENCY": "the amount is not in the tenant's currency",
    "REQUEST_CONFLICT": "the request id was used before with other content",
    "ALREADY_ISSUED": "this customer has it already",
    "OFFER_ENDED": "the offer has ended",
    "CUSTOMER_LIMIT_REACHED": "this customer has as many of it as the offer allows",
    "NOT_YET_VALID": "the offer has not begun",
    "OUT_OF_SCOPE": "nothing in the cart is what the offer is about",
    "NOT_STACKABLE": "it cannot be used together with the order's other coupons",
    "NO_EFFECT": "it would take nothing off this cart",
    "NEEDS_CART": "what it is worth depends on the cart's lines or shipping",
    "ABOVE_HOLD": "the final order is worth a larger discount than was held: hold it again",
    "BUDGET_EXHAUSTED": "the campaign's budget has not enough left",
    "REVOKED": "the shop has ended it",
    "NOT_REDEEMED": "there is nothing to take back",
    "OTHER_ORDER": "another order used it",
    "ALREADY_REVERSED": "it was taken back before",
    "RETURN_EXCEEDS_ORDER": "more is to come back than the order still has",
    "COUPON_NOT_AVAILABLE": "the coupon is held, used or being given away",
    "COUPON_EXPIRED": "the coupon's time has run out",
    "NOT_GIFTABLE": "this offer's coupons cannot be given away",
    "ALREADY_CLAIMED": "someone has claimed it",
    "CANCELLED": "whoever gave it has taken it back",
    "SELF_GIFT": "giver and claimer are the same customer",
    "NOT_A_MEMBER": "only members can",
    "DECLINED": "the person for whom it was meant does not want it",
    "NOT_RECIPIENT": "it is meant for somebody else",
    "RECIPIENT_NOT_FOUND": "there is no such recipient",
    "REGIFT_LIMIT_REACHED": "the coupon has changed hands as often as its offer allows",
    "GIVER_DAY_LIMIT_REACHED": "the giver has given as many gifts today as anybody may",
    "RECIPIENT_DAY_LIMIT_REACHED": "the claimer has claimed as many gifts today as anybody may",
    "SIGN_UP_CONFLICT": "the identifiers of the sign-up belong to different members",
    "TOO_MANY_TRIES": "too many wrong codes were sent: wait a while",
    "NO_PROGRAM": "the shop has no such programme",
    "CUSTOMER_NOT_FOUND": "there is no such customer",
    "ALREADY_EARNED": "the order earned its points before",
    "ALREADY_SPENT": "the order spent its points before",
    "UNKNOWN_ORDER": "this customer has no such order",
    "NOTHING_LEFT": "all of it came back before",
    "TOO_MANY_OPEN": "too many are open at once",
    "DAILY_LIMIT_REACHED": "as much was given today as anybody may",
    "ALREADY_MEMBER": "whoever signs up with a code must not have been a member before",
    "ALREADY_INVITED": "somebody invited this customer before",
    "SELF_INVITATION": "nobody invites themselves",
    "RING": "the newcomer brought the inviter",
    "NOT_INVITED": "nobody invited this customer",
    "TOO_LATE": "the time for it is over",
    "ALREADY_QUALIFIED": "another order gave the rewards",
    "KEPT": "the rewards stay",
    "NO_ALLOWANCE": "this member of staff has no allowance",
    "ABOVE_ONCE": "it is more than may be given at once",
    "DAY_SPENT": "the allowance of today is used up",
    "MONTH_SPENT": "the allowance of this month is used up",
    "OTHER_CUSTOMER": "the customer in the store is another member",
    "ALREADY_CLOSED": "it was closed before",
    "TOO_MANY_NOTES": "it has as many notes as fit",
    "EXISTS": "the id belongs to another one",
    "VERSION_CONFLICT": "it changed since it was read: read it again",
    "TOO_MANY": "there are as many as the shop may have",
    "NOT_DEAD": "it is no dead letter",
    "EXPIRES_TOO_SOON": "its moment has passed: send a later one",
}

R = TypeVar("R", bound=Refused)


class _Decided(Protocol):
    @property
    def outcome(self) -> int: ...


D = TypeVar("D", bound=_Decided)


async def decided(answer: Awaitable[D], outcomes: Any, refused: type[R]) -> D | R:
    """The answer where it was applied, else why not. Raises RpcFailure for what is not expected.

    outcomes: the enum of the contract that answer.outcome is one of.
    """
    try:
        got = await answer
    except RpcFailure as failure:
        return refusal_of(failure, refused)
    name = name_of(outcomes, got.outcome)
    return got if name == _APPLIED else refused(code=name, message=message_of(name), field=None)


def name_of(outcomes: Any, number: int) -> str:
    """An enum value's name without the enum's own, such as NOT_FOUND."""
    prefix = outcomes.Name(0).removesuffix("UNSPECIFIED")
    name: str = outcomes.Name(number)
    return name.removeprefix(prefix)


def message_of(name: str) -> str:
    """What a code says to developers, in English."""
    return MESSAGES.get(name, name.replace("_", " ").lower())
