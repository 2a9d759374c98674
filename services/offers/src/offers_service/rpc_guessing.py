"""Methods that take a code or a token, behind a limit of wrong tries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from dangol.offers.v1 import code_service_pb2 as codes
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import gift_service_pb2 as gifts
from dangol.offers.v1 import invitation_service_pb2 as invitations
from dangol.offers.v1 import points_service_pb2 as points
from dangol.offers.v1 import staff_discount_service_pb2 as staff
from dangol_service_kit.auth import Caller, current_caller
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.guessing import WINDOW_MS, Guesser
from offers_service.rpc_common import failures
from offers_service.service_guesses import GuessGuard

Method = Callable[[Any, Any], Awaitable[Any]]


class Rule(NamedTuple):
    """customer: whom a request names; missed: whether a response means that nothing was found;
    limited: what is answered instead."""

    customer: Callable[[Any], str]
    missed: Callable[[Any], bool]
    limited: Callable[[], Any]


def _of(response: Callable[..., Any], missed: int, limited: int, customer: str) -> Rule:
    return Rule(
        customer=lambda request: str(getattr(request, customer, "")),
        missed=lambda answer: answer.outcome == missed,
        limited=lambda: response(outcome=limited),
    )


_GIFT = gifts.GIFT_OUTCOME_NOT_FOUND, gifts.GIFT_OUTCOME_TOO_MANY_TRIES
_POINTS = points.POINTS_GIFT_OUTCOME_NOT_FOUND, points.POINTS_GIFT_OUTCOME_TOO_MANY_TRIES
_CUSTOMER, _VIEWER = "claimer_customer_id", "viewer_customer_id"
_RULES: Mapping[str, Rule] = {
    "GetGift": _of(gifts.GetGiftResponse, *_GIFT, _VIEWER),
    "ClaimGift": _of(gifts.ClaimGiftResponse, *_GIFT, _CUSTOMER),
    "DeclineGift": _of(gifts.DeclineGiftResponse, *_GIFT, "recipient_customer_id"),
    "GetPointsGift": _of(points.GetPointsGiftResponse, *_POINTS, _VIEWER),
    "ClaimCode": _of(
        codes.ClaimCodeResponse,
        codes.CODE_OUTCOME_NOT_FOUND,
        codes.CODE_OUTCOME_TOO_MANY_TRIES,
        "customer_id",
    ),
    "AcceptInvitation": _of(
        invitations.AcceptInvitationResponse,
        invitations.INVITATION_OUTCOME_NOT_FOUND,
        invitations.INVITATION_OUTCOME_TOO_MANY_TRIES,
        "",
    ),
    "ClaimStaffDiscount": _of(
        staff.ClaimStaffDiscountResponse,
        staff.STAFF_DISCOUNT_OUTCOME_NOT_FOUND,
        staff.STAFF_DISCOUNT_OUTCOME_TOO_MANY_TRIES,
        "customer_id",
    ),
    "ClaimPointsGift": _of(points.ClaimPointsGiftResponse, *_POINTS, _CUSTOMER),
}


class Guarded:
    """A servicer, with some of its methods behind the guard; all others are as they are."""

    def __init__(self, servicer: Any, guard: GuessGuard) -> None:
        self._servicer = servicer
        self._guard = guard

    def __getattr__(self, name: str) -> Any:
        method: Method = getattr(self._servicer, name)
        if name == "GetCoupon":
            return self._coupon(method)
        if name == "EvaluateCart":
            return self._cart(method)
        rule = _RULES.get(name)
        return method if rule is None else self._ruled(method, rule)

    def _ruled(self, method: Method, rule: Rule) -> Method:
        async def guarded(request: Any, context: Any) -> Any:
            caller = current_caller()
            guesser = self._guard.guesser(caller, rule.customer(request))
            if not await self._take(caller, guesser, 1):
                return rule.limited()
            answer = await self._watched(method(request, context), caller, guesser)
            await self._settle(caller, guesser, 1, wrong=int(rule.missed(answer)))
            return answer

        return guarded

    def _coupon(self, method: Method) -> Method:
        """By code; a coupon's id gives no right, so it need not be counted."""

        async def guarded(request: coupons.GetCouponRequest, context: Any) -> Any:
            if request.WhichOneof("key") != "code":
                return await method(request, context)
            caller = current_caller()
            guesser = self._guard.guesser(caller, "")
            if not await self._take(caller, guesser, 1):
                message = "too many unknown codes were sent: try again later"
                raise RpcFailure(Code.TOO_MANY_REQUESTS, message, retry_after_ms=WINDOW_MS)
            answer = await self._watched(method(request, context), caller, guesser)
            await self._settle(caller, guesser, 1)
            return answer

        return guarded

    def _cart(self, method: Method) -> Method:
        """The wallet is judged whatever becomes of the codes."""

        async def guarded(request: coupons.EvaluateCartRequest, context: Any) -> Any:
            codes = list(request.codes)
            if not codes:
                return await method(request, context)
            caller = current_caller()
            guesser = self._guard.guesser(caller, request.customer_id)
            looked_up = await self._take(caller, guesser, len(codes))
            del request.codes[looked_up:]
            answer = await self._watched(method(request, context), caller, guesser, looked_up)
            unknown = [
                one for one in answer.coupons if one.verdict == coupons.COUPON_VERDICT_UNKNOWN_CODE
            ]
            await self._settle(caller, guesser, looked_up, wrong=len(unknown))
            for code in codes[looked_up:]:
                answer.coupons.add(code=code, verdict=coupons.COUPON_VERDICT_TOO_MANY_TRIES)
            return answer

        return guarded

    async def _watched(
        self, answer: Awaitable[Any], caller: Caller, guesser: Guesser, tries: int = 1
    ) -> Any:
        """A refusal for another reason is no wrong try; a call that the caller breaks off is."""
        try:
            return await answer
        except RpcFailure as failure:
            missed = failure.code is Code.COUPON_NOT_FOUND
            await self._settle(caller, guesser, tries, wrong=tries if missed else 0)
            raise

    async def _take(self, caller: Caller, guesser: Guesser, tries: int) -> int:
        with failures():
            return await self._guard.take(caller, guesser, tries)

    async def _settle(
        self, caller: Caller, guesser: Guesser, tries: int, *, wrong: int = 0
    ) -> None:
        with failures():
            await self._guard.settle(caller, guesser, tries, wrong=wrong)
