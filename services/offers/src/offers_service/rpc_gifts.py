"""GiftService on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dangol.offers.v1 import gift_service_pb2 as pb
from dangol.offers.v1 import gift_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import Clock

from offers_service.codes import Secrets
from offers_service.gift_account import Gift
from offers_service.gifts import CancelGift, GiftOutcome, OfferGift
from offers_service.journal import Request
from offers_service.rpc_common import (
    READERS,
    USERS,
    actor,
    authorize,
    authorize_for,
    failures,
    own_only,
    page_after,
    page_size,
    timestamp,
)
from offers_service.rpc_coupons import CouponWriter
from offers_service.service_gifts import GiftDesk

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["GiftService"].full_name


class GiftServicer(pb_grpc.GiftServiceServicer):
    """Maps requests to the gift desk; reading never claims."""

    def __init__(
        self,
        desk: GiftDesk,
        clock: Clock,
        writer: CouponWriter,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._writer = writer
        self._secrets_of = secrets_of

    async def OfferGift(  # noqa: N802
        self, request: pb.OfferGiftRequest, _context: Any
    ) -> pb.OfferGiftResponse:
        """Puts a coupon into escrow; the answer holds the token for the link."""
        caller = authorize_for(request.giver_customer_id, "giver_customer_id", *USERS)
        content = (request.coupon_id, request.giver_customer_id, request.open_seconds)
        command = OfferGift(
            request=self._request(caller, request.request_id, "gift", *content),
            giver=request.giver_customer_id,
            open_seconds=request.open_seconds,
            now_ms=await self._now_ms(caller),
            only_owner=own_only(caller),
        )
        with failures():
            decided = await self._desk.offer(caller.tenant_id, request.coupon_id, command)
        response = pb.OfferGiftResponse(outcome=_outcome(decided.outcome))
        if decided.gift is not None:
            response.gift.CopyFrom(write_gift(decided.gift))
            secrets = self._secrets_of(caller.tenant_id)
            response.token = secrets.token(decided.gift.gift_id)
        return response

    async def GetGift(  # noqa: N802
        self, request: pb.GetGiftRequest, _context: Any
    ) -> pb.GetGiftResponse:
        """The gift of a token; NOT_FOUND does not tell why."""
        caller = authorize(*READERS)
        now_ms = await self._now_ms(caller)
        with failures():
            gift = await self._desk.look(caller.tenant_id, request.token, now_ms)
        if gift is None:
            return pb.GetGiftResponse(outcome=_outcome(GiftOutcome.NOT_FOUND))
        message = write_gift(gift)
        if caller.role in {Role.VISITOR, Role.CUSTOMER} and caller.subject not in {
            gift.giver,
            gift.claimer,
        }:
            message.claimer_customer_id = ""
        return pb.GetGiftResponse(outcome=_outcome(GiftOutcome.APPLIED), gift=message)

    async def ClaimGift(  # noqa: N802
        self, request: pb.ClaimGiftRequest, _context: Any
    ) -> pb.ClaimGiftResponse:
        """Makes the coupon the claimer's, with a new code."""
        claimer = request.claimer_customer_id
        caller = authorize_for(claimer, "claimer_customer_id", *USERS)
        now_ms = await self._now_ms(caller)
        wanted = self._request(caller, request.request_id, "claim", request.token, claimer)
        with failures():
            decided = await self._desk.claim(
                caller.tenant_id, request.token, wanted, claimer, now_ms
            )
        applied = decided.outcome is GiftOutcome.APPLIED
        return pb.ClaimGiftResponse(
            outcome=_outcome(decided.outcome),
            gift=write_gift(decided.gift) if decided.gift else None,
            coupon=await self._writer.write_answer(decided.coupon, applied, now_ms, caller),
        )

    async def CancelGift(  # noqa: N802
        self, request: pb.CancelGiftRequest, _context: Any
    ) -> pb.CancelGiftResponse:
        """Takes an open gift back."""
        giver = request.giver_customer_id
        caller = authorize_for(giver, "giver_customer_id", *USERS)
        command = CancelGift(
            request=self._request(caller, request.request_id, "cancel", request.gift_id, giver),
            gift_id=request.gift_id,
            giver=giver,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            decided = await self._desk.cancel(caller.tenant_id, command)
        gift = write_gift(decided.gift) if decided.gift else None
        return pb.CancelGiftResponse(outcome=_outcome(decided.outcome), gift=gift)

    async def ListGifts(  # noqa: N802
        self, request: pb.ListGiftsRequest, _context: Any
    ) -> pb.ListGiftsResponse:
        """Gifts of one giver in order of id."""
        giver = request.giver_customer_id
        caller = authorize_for(giver, "giver_customer_id", *USERS)
        size = page_size(request.page_size)
        with failures():
            found = await self._desk.given(
                caller.tenant_id,
                giver,
                after=page_after(request.page_token, "g_"),
                limit=size + 1,
                now_ms=await self._now_ms(caller),
            )
        return pb.ListGiftsResponse(
            gifts=[write_gift(gift) for gift in found[:size]],
            next_page_token=found[size - 1].gift_id if len(found) > size else "",
        )

    def _request(self, caller: Caller, request_id: str, *content: str | int) -> Request:
        secrets = self._secrets_of(caller.tenant_id)
        return Request(request_id, actor(caller), secrets.print(*content))

    async def _now_ms(self, caller: Caller) -> int:
        return (await self._clock.read(caller.tenant_id)).now_ms


def write_gift(gift: Gift) -> pb.Gift:
    """A gift for the wire."""
    return pb.Gift(
        gift_id=gift.gift_id,
        coupon_id=gift.coupon_id,
        offer_id=gift.offer_id,
        giver_customer_id=gift.giver,
        claimer_customer_id=gift.claimer,
        state=f"GIFT_STATE_{gift.state.name}",
        offer_time=timestamp(gift.offered_ms),
        expire_time=timestamp(gift.expire_ms),
        close_time=timestamp(gift.closed_ms),
    )


def _outcome(outcome: GiftOutcome) -> str:
    return f"GIFT_OUTCOME_{outcome.name}"
