"""The gifts of PointsService on the wire; reading never claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dangol.offers.v1 import points_service_pb2 as pb
from dangol.offers.v1 import points_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import Clock

from offers_service.codes import Secrets
from offers_service.journal import Request
from offers_service.points_gifts import CancelPoints, GivePoints
from offers_service.points_outcomes import PointsGiftOutcome
from offers_service.rpc_common import (
    READERS,
    USERS,
    actor,
    authorize,
    authorize_for,
    failures,
    page_after,
    page_size,
    timestamp,
)
from offers_service.service_points_gifts import GiftAnswer, PointsGift, PointsGiftDesk


class PointsGiftRpc(pb_grpc.PointsServiceServicer):
    """Giving, looking, claiming, cancelling."""

    def __init__(
        self, gifts: PointsGiftDesk, clock: Clock, secrets_of: Callable[[str], Secrets]
    ) -> None:
        self._gifts = gifts
        self._clock = clock
        self._secrets_of = secrets_of

    async def OfferPointsGift(  # noqa: N802
        self, request: pb.OfferPointsGiftRequest, _context: Any
    ) -> pb.OfferPointsGiftResponse:
        """Puts points into escrow; the answer holds the token for the link."""
        giver = request.giver_customer_id
        caller = authorize_for(giver, "giver_customer_id", *USERS)
        content = (giver, request.points, request.open_seconds)
        command = GivePoints(
            request=self._request(caller, request.request_id, "give-points", *content),
            points=request.points,
            open_seconds=request.open_seconds,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            answer = await self._gifts.offer(caller.tenant_id, giver, command)
        response = pb.OfferPointsGiftResponse(outcome=_outcome(answer), gift=_shown(answer))
        if answer.gift is not None:
            response.token = self._secrets_of(caller.tenant_id).token(answer.gift.gift_id)
        return response

    async def GetPointsGift(  # noqa: N802
        self, request: pb.GetPointsGiftRequest, _context: Any
    ) -> pb.GetPointsGiftResponse:
        """The gift of a token; NOT_FOUND does not tell why."""
        caller = authorize(*READERS)
        now_ms = await self._now_ms(caller)
        with failures():
            gift = await self._gifts.look(caller.tenant_id, request.token, now_ms)
        if gift is None:
            missing = GiftAnswer(PointsGiftOutcome.NOT_FOUND)
            return pb.GetPointsGiftResponse(outcome=_outcome(missing))
        message = _write(gift)
        parties = {gift.giver, gift.claimer}
        outsider = caller.role in {Role.VISITOR, Role.CUSTOMER} and caller.subject not in parties
        if outsider:
            message.claimer_customer_id = ""
        applied = GiftAnswer(PointsGiftOutcome.APPLIED)
        return pb.GetPointsGiftResponse(outcome=_outcome(applied), gift=message)

    async def ClaimPointsGift(  # noqa: N802
        self, request: pb.ClaimPointsGiftRequest, _context: Any
    ) -> pb.ClaimPointsGiftResponse:
        """Makes the points the claimer's."""
        claimer = request.claimer_customer_id
        caller = authorize_for(claimer, "claimer_customer_id", *USERS)
        now_ms = await self._now_ms(caller)
        asked = self._request(caller, request.request_id, "claim-points", request.token, claimer)
        with failures():
            answer = await self._gifts.claim(
                caller.tenant_id, request.token, asked, claimer, now_ms
            )
        gift = _shown(answer)
        own = caller.role is not Role.CUSTOMER or (
            answer.gift is not None and caller.subject == answer.gift.claimer
        )
        if gift is not None and not own:
            gift.claimer_customer_id = ""
        return pb.ClaimPointsGiftResponse(outcome=_outcome(answer), gift=gift)

    async def CancelPointsGift(  # noqa: N802
        self, request: pb.CancelPointsGiftRequest, _context: Any
    ) -> pb.CancelPointsGiftResponse:
        """Takes an open gift back."""
        giver = request.giver_customer_id
        caller = authorize_for(giver, "giver_customer_id", *USERS)
        content = (request.gift_id, giver)
        command = CancelPoints(
            request=self._request(caller, request.request_id, "cancel-points", *content),
            gift_id=request.gift_id,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            answer = await self._gifts.cancel(caller.tenant_id, giver, command)
        return pb.CancelPointsGiftResponse(outcome=_outcome(answer), gift=_shown(answer))

    async def ListPointsGifts(  # noqa: N802
        self, request: pb.ListPointsGiftsRequest, _context: Any
    ) -> pb.ListPointsGiftsResponse:
        """Gifts of one giver in order of id."""
        giver = request.giver_customer_id
        caller = authorize_for(giver, "giver_customer_id", *USERS)
        size = page_size(request.page_size)
        with failures():
            found = await self._gifts.given(
                caller.tenant_id,
                giver,
                after=page_after(request.page_token, "pg_"),
                limit=size + 1,
                now_ms=await self._now_ms(caller),
            )
        return pb.ListPointsGiftsResponse(
            gifts=[_write(gift) for gift in found[:size]],
            next_page_token=found[size - 1].gift_id if len(found) > size else "",
        )

    def _request(self, caller: Caller, request_id: str, *content: str | int) -> Request:
        secrets = self._secrets_of(caller.tenant_id)
        return Request(request_id, actor(caller), secrets.print(*content))

    async def _now_ms(self, caller: Caller) -> int:
        return (await self._clock.read(caller.tenant_id)).now_ms


def _write(gift: PointsGift) -> pb.PointsGift:
    return pb.PointsGift(
        gift_id=gift.gift_id,
        giver_customer_id=gift.giver,
        claimer_customer_id=gift.claimer,
        points=gift.points,
        state=f"POINTS_GIFT_STATE_{gift.state.name}",
        offer_time=timestamp(gift.offered_ms),
        expire_time=timestamp(gift.expire_ms),
        close_time=timestamp(gift.closed_ms),
    )


def _shown(answer: GiftAnswer) -> pb.PointsGift | None:
    return _write(answer.gift) if answer.gift else None


def _outcome(answer: GiftAnswer) -> str:
    return f"POINTS_GIFT_OUTCOME_{answer.outcome.name}"
