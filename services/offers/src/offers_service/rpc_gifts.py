"""GiftService on the wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dangol.offers.v1 import gift_service_pb2 as pb
from dangol.offers.v1 import gift_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import Clock

from offers_service.codes import Secrets
from offers_service.gift_account import (
    GENERATION,
    GIVER_ARM,
    RECIPIENT_ARM,
    REFERRAL,
    Gift,
    GiftState,
    Opener,
)
from offers_service.gifts import CancelGift, GiftOutcome, OfferGift
from offers_service.journal import Request
from offers_service.rpc_common import (
    READERS,
    SHOPS,
    USERS,
    WRITERS,
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
from offers_service.service_claims import Claim, ClaimDesk
from offers_service.service_gifts import GiftDesk

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["GiftService"].full_name


class GiftServicer(pb_grpc.GiftServiceServicer):
    """Maps requests to the gift desk; reading never claims."""

    def __init__(
        self,
        desk: GiftDesk,
        claims: ClaimDesk,
        clock: Clock,
        writer: CouponWriter,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._desk = desk
        self._claims = claims
        self._clock = clock
        self._writer = writer
        self._secrets_of = secrets_of

    async def OfferGift(  # noqa: N802
        self, request: pb.OfferGiftRequest, _context: Any
    ) -> pb.OfferGiftResponse:
        """Puts a coupon into escrow; the answer holds the token for the link."""
        caller = authorize_for(request.giver_customer_id, "giver_customer_id", *USERS)
        content: list[str | int] = [
            request.coupon_id,
            request.giver_customer_id,
            request.open_seconds,
        ]
        if request.recipient_customer_id:
            content.append(request.recipient_customer_id)
        command = OfferGift(
            request=self._request(caller, request.request_id, "gift", *content),
            giver=request.giver_customer_id,
            open_seconds=request.open_seconds,
            now_ms=await self._now_ms(caller),
            only_owner=own_only(caller),
            recipient=request.recipient_customer_id,
        )
        with failures():
            decided = await self._desk.offer(caller.tenant_id, request.coupon_id, command)
        response = pb.OfferGiftResponse(outcome=_outcome(decided.outcome))
        if decided.gift is not None:
            response.gift.CopyFrom(write_gift(decided.gift, caller))
            secrets = self._secrets_of(caller.tenant_id)
            response.token = secrets.token(decided.gift.gift_id)
        return response

    async def GetGift(  # noqa: N802
        self, request: pb.GetGiftRequest, _context: Any
    ) -> pb.GetGiftResponse:
        """The gift of a token; NOT_FOUND does not tell why."""
        caller = authorize(*READERS)
        viewer, opener = _viewer(caller, request.viewer_customer_id)
        now_ms = await self._now_ms(caller)
        with failures():
            gift = await self._desk.look(caller.tenant_id, request.token, now_ms, viewer, opener)
        if gift is None:
            return pb.GetGiftResponse(outcome=_outcome(GiftOutcome.NOT_FOUND))
        message = write_gift(gift, caller)
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
        identifiers = tuple((one.namespace, one.value) for one in request.sign_up.identifiers)
        # Who signs up somebody vouches for their identifiers: that is the shop.
        if identifiers:
            caller = authorize(*SHOPS)
        else:
            caller = authorize_for(claimer, "claimer_customer_id", *USERS)
        now_ms = await self._now_ms(caller)
        content = [request.token, claimer, *[text for one in identifiers for text in one]]
        claim = Claim(
            token=request.token,
            request=self._request(caller, request.request_id, "claim", *content),
            now_ms=now_ms,
            claimer=claimer,
            identifiers=identifiers,
        )
        with failures():
            claimed = await self._claims.claim(caller.tenant_id, claim)
        decided = claimed.decision
        applied = decided.outcome is GiftOutcome.APPLIED
        return pb.ClaimGiftResponse(
            outcome=_outcome(decided.outcome),
            gift=write_gift(decided.gift, caller) if decided.gift else None,
            coupon=await self._writer.write_answer(decided.coupon, applied, now_ms, caller),
            customer_id=claimed.customer_id,
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
        gift = write_gift(decided.gift, caller) if decided.gift else None
        return pb.CancelGiftResponse(outcome=_outcome(decided.outcome), gift=gift)

    async def DeclineGift(  # noqa: N802
        self, request: pb.DeclineGiftRequest, _context: Any
    ) -> pb.DeclineGiftResponse:
        """Sends a gift back that was meant for the caller."""
        recipient = request.recipient_customer_id
        caller = authorize_for(recipient, "recipient_customer_id", *USERS)
        now_ms = await self._now_ms(caller)
        wanted = self._request(caller, request.request_id, "decline", request.token, recipient)
        with failures():
            decided = await self._desk.decline(
                caller.tenant_id, request.token, wanted, recipient, now_ms
            )
        gift = write_gift(decided.gift, caller) if decided.gift else None
        return pb.DeclineGiftResponse(outcome=_outcome(decided.outcome), gift=gift)

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
            gifts=[write_gift(gift, caller) for gift in found[:size]],
            next_page_token=_next(found, size),
        )

    async def ListReceivedGifts(  # noqa: N802
        self, request: pb.ListReceivedGiftsRequest, _context: Any
    ) -> pb.ListReceivedGiftsResponse:
        """Gifts meant for one customer in order of id, with the tokens of open ones."""
        recipient = request.recipient_customer_id
        caller = authorize_for(recipient, "recipient_customer_id", *USERS)
        size = page_size(request.page_size)
        with failures():
            found = await self._desk.received(
                caller.tenant_id,
                recipient,
                after=page_after(request.page_token, "g_"),
                limit=size + 1,
                now_ms=await self._now_ms(caller),
            )
        secrets = self._secrets_of(caller.tenant_id)
        return pb.ListReceivedGiftsResponse(
            gifts=[
                pb.ReceivedGift(
                    gift=write_gift(gift, caller),
                    token=secrets.token(gift.gift_id) if gift.state is GiftState.OFFERED else "",
                )
                for gift in found[:size]
            ],
            next_page_token=_next(found, size),
        )

    async def ListReferrals(  # noqa: N802
        self, request: pb.ListReferralsRequest, _context: Any
    ) -> pb.ListReferralsResponse:
        """Whom one customer brought, in order of the gift's id."""
        referrer = request.referrer_customer_id
        caller = authorize_for(referrer, "referrer_customer_id", *USERS)
        size = page_size(request.page_size)
        after = page_after(request.page_token, "g_")
        with failures():
            found = await self._desk.referrals(caller.tenant_id, referrer, after, size + 1)
        return pb.ListReferralsResponse(
            referrals=[
                pb.Referral(
                    newcomer_customer_id=gift.claimer,
                    gift_id=gift.gift_id,
                    time=timestamp(gift.closed_ms),
                    referral_generation=gift.number(REFERRAL),
                )
                for gift in found[:size]
            ],
            next_page_token=_next(found, size),
        )

    def _request(self, caller: Caller, request_id: str, *content: str | int) -> Request:
        secrets = self._secrets_of(caller.tenant_id)
        return Request(request_id, actor(caller), secrets.print(*content))

    async def _now_ms(self, caller: Caller) -> int:
        return (await self._clock.read(caller.tenant_id)).now_ms


def write_gift(gift: Gift, caller: Caller) -> pb.Gift:
    """A gift for the wire; who runs experiments sees the arms."""
    message = pb.Gift(
        gift_id=gift.gift_id,
        coupon_id=gift.coupon_id,
        offer_id=gift.offer_id,
        giver_customer_id=gift.giver,
        claimer_customer_id=gift.claimer,
        state=f"GIFT_STATE_{gift.state.name}",
        offer_time=timestamp(gift.offered_ms),
        expire_time=timestamp(gift.expire_ms),
        close_time=timestamp(gift.closed_ms),
        recipient_customer_id=gift.recipient,
        campaign_id=gift.campaign,
        generation=gift.number(GENERATION),
        referral_generation=gift.number(REFERRAL),
    )
    if caller.role in WRITERS:
        for prefix, side in _SIDES.items():
            for name, arm in gift.facts:
                if name.startswith(prefix):
                    message.arms.add(side=side, campaign_id=name.removeprefix(prefix), arm=arm)
    return message


_SIDES = {GIVER_ARM: pb.GIFT_SIDE_GIVER, RECIPIENT_ARM: pb.GIFT_SIDE_RECIPIENT}


def _viewer(caller: Caller, named: str) -> tuple[str, Opener | None]:
    """Which customer looks, as far as it is known, and as what it counts; None for the shop.

    What opens links by itself, a mail scanner or a chat's preview, has no token: a page that asks
    for one only when a person acts keeps them out of the count of visitors, too.
    """
    if caller.role is Role.CUSTOMER:
        return caller.subject, Opener.CUSTOMER
    if caller.role is Role.VISITOR:
        return "", Opener.VISITOR
    return named, Opener.CUSTOMER if named else None


def _next(found: Sequence[Gift], size: int) -> str:
    return found[size - 1].gift_id if len(found) > size else ""


def _outcome(outcome: GiftOutcome) -> str:
    return f"GIFT_OUTCOME_{outcome.name}"
