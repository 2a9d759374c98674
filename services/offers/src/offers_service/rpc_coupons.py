"""CouponService on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import Clock, Directory
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.codes import Secrets
from offers_service.coupon_account import CouponAccount, CouponState, shown_state
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Hold, Settle
from offers_service.evaluation import Asking
from offers_service.journal import Request
from offers_service.ledger import COUPONS_MAX, Origin
from offers_service.reversals import Reverse, Revoke, told
from offers_service.rpc_carts import cart_content, order_amount, read_cart, write_evaluation
from offers_service.rpc_common import (
    SHOPS,
    USERS,
    WRITERS,
    actor,
    authorize,
    authorize_for,
    failures,
    money,
    own_only,
    timestamp,
)
from offers_service.rpc_wallets import WalletRpc
from offers_service.service_carts import CartDesk
from offers_service.service_gifts import People
from offers_service.service_ledger import CouponLedger
from offers_service.service_owners import Owners
from offers_service.service_points_followers import PointsPayer
from offers_service.service_reversals import Reversals
from offers_service.turns import Order

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["CouponService"].full_name
_CODE_READERS = (Role.CUSTOMER, Role.STAFF, Role.PARTNER)
_ID_MAX = 128


class CouponWriter:
    """Coupons for the wire."""

    def __init__(self, directory: Directory, secrets_of: Callable[[str], Secrets]) -> None:
        self._directory = directory
        self._secrets_of = secrets_of

    async def write(self, account: CouponAccount, now_ms: int, caller: Caller) -> pb.Coupon:
        """A coupon as it is at now_ms; its code only for the owner, staff and partners."""
        state = shown_state(account, now_ms)
        message = pb.Coupon(
            coupon_id=account.key.a,
            offer_id=account.offer,
            campaign_id=account.campaign,
            customer_id=account.owner,
            state=f"COUPON_STATE_{state.name}",
            issue_time=timestamp(account.entries[0].at_ms),
            valid_until=timestamp(account.valid_until_ms),
            generation=account.generation,
            version=account.v,
        )
        own = caller.role is not Role.CUSTOMER or caller.subject == account.owner
        if caller.role in _CODE_READERS and own:
            secrets = self._secrets_of(caller.tenant_id)
            message.code = secrets.code(account.key.a, account.generation)
        if state in {CouponState.HELD, CouponState.REDEEMED}:
            message.order_id = account.order
        if state is CouponState.HELD:
            message.hold_expire_time.FromMilliseconds(account.due_ms)
        if state is CouponState.ESCROWED:
            message.gift_id = account.gift
        if state is CouponState.REDEEMED:
            currency = (await self._directory.get(caller.tenant_id)).currency_code
            message.redeemed_amount.CopyFrom(money(account.discount, currency))
            message.reversed = account.reversed
        if state in {CouponState.HELD, CouponState.REDEEMED}:
            message.points = account.points
        return message

    async def write_answer(
        self, account: CouponAccount | None, applied: bool, now_ms: int, caller: Caller
    ) -> pb.Coupon | None:
        """A step's coupon: as it was right after the step, so that repeats answer alike."""
        if account is None:
            return None
        at_ms = account.entries[-1].at_ms if applied else now_ms
        return await self.write(account, at_ms, caller)


class CouponServicer(WalletRpc):
    """Maps requests to the ledger's commands and outcomes to the wire."""

    def __init__(
        self,
        *,
        ledger: CouponLedger,
        carts: CartDesk,
        reversals: Reversals,
        clock: Clock,
        people: People,
        writer: CouponWriter,
        owners: Owners,
        directory: Directory,
        secrets_of: Callable[[str], Secrets],
        payer: PointsPayer,
    ) -> None:
        self._ledger = ledger
        self._carts = carts
        self._reversals = reversals
        self._clock = clock
        self._people = people
        self._writer = writer
        self._owners = owners
        self._directory = directory
        self._secrets_of = secrets_of
        self._payer = payer

    async def IssueCoupon(  # noqa: N802
        self, request: pb.IssueCouponRequest, _context: Any
    ) -> pb.IssueCouponResponse:
        """One coupon for one customer, who has to exist."""
        caller = authorize(*WRITERS)
        if await self._people.find(caller.tenant_id, request.customer_id) is None:
            raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
        now_ms = await self._now_ms(caller)
        with failures():
            issued = await self._ledger.issue(
                caller.tenant_id,
                offer_id=request.offer_id,
                customer_id=request.customer_id,
                campaign_id=request.campaign_id,
                cause=request.request_id,
                actor=actor(caller),
                now_ms=now_ms,
                origin=Origin.DIRECT,
            )
        applied = issued.outcome is CouponOutcome.APPLIED
        return pb.IssueCouponResponse(
            outcome=_outcome(issued.outcome),
            coupon=await self._writer.write_answer(issued.coupon, applied, now_ms, caller),
        )

    async def BatchIssueCoupons(  # noqa: N802
        self, request: pb.BatchIssueCouponsRequest, _context: Any
    ) -> pb.BatchIssueCouponsResponse:
        """Every offer to every customer, at most 100,000 coupons; harmless to repeat."""
        caller = authorize(*WRITERS)
        wanted = len(request.offer_ids) * len(request.customer_ids)
        if wanted > COUPONS_MAX:
            message = f"{wanted} coupons asked for, at most {COUPONS_MAX} a call"
            raise RpcFailure(Code.BATCH_TOO_LARGE, message)
        customer_ids = list(request.customer_ids)
        for number, customer_id in enumerate(customer_ids):
            if not 0 < len(customer_id) <= _ID_MAX:
                field = f"customer_ids[{number}]"
                raise RpcFailure(Code.FIELD_INVALID, f"use 1 to {_ID_MAX} characters", field=field)
        now_ms = await self._now_ms(caller)
        with failures():
            issued = await self._ledger.issue_many(
                caller.tenant_id,
                offer_ids=list(request.offer_ids),
                customer_ids=customer_ids,
                campaign_id=request.campaign_id,
                actor=actor(caller),
                now_ms=now_ms,
                request_id=request.request_id,
            )
        match issued.outcome:
            case CouponOutcome.NOT_FOUND:
                raise RpcFailure(Code.OFFER_NOT_FOUND, f"there is no offer {issued.offer_id}")
            case CouponOutcome.OFFER_ENDED:
                raise RpcFailure(Code.OFFER_ENDED, f"offer {issued.offer_id} has ended")
            case CouponOutcome.REQUEST_CONFLICT:
                message = "the request id was used before with other content"
                raise RpcFailure(Code.REQUEST_CONFLICT, message, field="request_id")
        return pb.BatchIssueCouponsResponse(
            issued_count=issued.issued_count,
            already_issued_count=issued.already_issued_count,
            limit_reached_count=issued.limit_reached_count,
            budget_exhausted_count=issued.budget_exhausted_count,
        )

    async def GetCoupon(  # noqa: N802
        self, request: pb.GetCouponRequest, _context: Any
    ) -> pb.GetCouponResponse:
        """By id or code; COUPON_NOT_FOUND also for another customer's."""
        caller = authorize(*USERS)
        with failures():
            if request.WhichOneof("key") == "code":
                account = await self._ledger.find(caller.tenant_id, request.code)
            else:
                account = await self._ledger.get(caller.tenant_id, request.coupon_id)
        if account is None or own_only(caller) not in {"", account.owner}:
            raise RpcFailure(Code.COUPON_NOT_FOUND, "there is no such coupon")
        now_ms = await self._now_ms(caller)
        return pb.GetCouponResponse(coupon=await self._writer.write(account, now_ms, caller))

    async def HoldCoupon(  # noqa: N802
        self, request: pb.HoldCouponRequest, _context: Any
    ) -> pb.HoldCouponResponse:
        """Sets a coupon aside for an order and says what it takes off."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)
        money_ = order_amount(request)
        now_ms = await self._now_ms(caller)
        content: tuple[str | int, ...] = (
            request.coupon_id,
            request.customer_id,
            request.order_id,
            money_.minor_units,
            money_.currency_code,
            request.hold_seconds,
        )
        if request.HasField("cart"):
            content += cart_content(request.cart, request.combined_coupon_ids)
        with failures():
            command = Hold(
                request=self._request(caller, request.request_id, "hold", *content),
                customer=request.customer_id,
                order=request.order_id,
                order_minor_units=money_.minor_units,
                currency=money_.currency_code,
                hold_seconds=request.hold_seconds,
                now_ms=now_ms,
                only_owner=own_only(caller),
                content=await self._content(caller, request, request.customer_id, now_ms),
            )
            decided = await self._owners.hold(caller.tenant_id, request.coupon_id, command)
        response = pb.HoldCouponResponse(**await self._answer(decided, now_ms, caller))
        if decided.outcome is CouponOutcome.APPLIED and decided.coupon:
            currency = (await self._directory.get(caller.tenant_id)).currency_code
            response.discount.CopyFrom(money(decided.coupon.discount, currency))
        return response

    async def RedeemCoupon(  # noqa: N802
        self, request: pb.RedeemCouponRequest, _context: Any
    ) -> pb.RedeemCouponResponse:
        """Uses a coupon up for the order that holds it."""
        caller = authorize(*USERS)
        now_ms = await self._now_ms(caller)
        content: tuple[str | int, ...] = (request.coupon_id, request.order_id)
        order = None
        with failures():
            if request.HasField("cart"):
                content += cart_content(request.cart, request.combined_coupon_ids)
                coupon = await self._ledger.get(caller.tenant_id, request.coupon_id)
                owner = coupon.owner if coupon else ""
                order = await self._content(caller, request, owner, now_ms)
            command = Settle(
                request=self._request(caller, request.request_id, "redeem", *content),
                order=request.order_id,
                now_ms=now_ms,
                only_owner=own_only(caller),
                content=order,
            )
            decided = await self._ledger.redeem(caller.tenant_id, request.coupon_id, command)
            await self._pay(decided)
        return pb.RedeemCouponResponse(**await self._answer(decided, now_ms, caller))

    async def ReleaseCoupon(  # noqa: N802
        self, request: pb.ReleaseCouponRequest, _context: Any
    ) -> pb.ReleaseCouponResponse:
        """Gives a coupon back from the order that holds it."""
        caller = authorize(*USERS)
        content = (request.coupon_id, request.order_id)
        command = Settle(
            request=self._request(caller, request.request_id, "release", *content),
            order=request.order_id,
            now_ms=await self._now_ms(caller),
            only_owner=own_only(caller),
        )
        with failures():
            decided = await self._ledger.release(caller.tenant_id, request.coupon_id, command)
        return pb.ReleaseCouponResponse(**await self._answer(decided, command.now_ms, caller))

    async def EvaluateCart(  # noqa: N802
        self, request: pb.EvaluateCartRequest, _context: Any
    ) -> pb.EvaluateCartResponse:
        """Judges a wallet and codes for a cart; changes nothing."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)
        cart = read_cart(request.cart)
        asking = Asking(request.customer_id, request.order_id, await self._now_ms(caller))
        with failures():
            evaluation, truncated = await self._carts.evaluate(
                caller.tenant_id, cart, asking, request.codes, own_only(caller)
            )
        return write_evaluation(cart, evaluation, truncated)

    async def ReverseRedemption(  # noqa: N802
        self, request: pb.ReverseRedemptionRequest, _context: Any
    ) -> pb.ReverseRedemptionResponse:
        """Takes a discount back, whole or in part; the shop's to say, not the customer's."""
        caller = authorize(*SHOPS)
        now_ms = await self._now_ms(caller)
        returned = tuple([(line.line_id, line.quantity) for line in request.returned_lines])
        flat = [part for line in returned for part in line]
        command = Reverse(
            request=self._request(
                caller, request.request_id, "reverse", request.coupon_id, request.order_id, *flat
            ),
            order=request.order_id,
            returned=returned,
            now_ms=now_ms,
        )
        with failures():
            decided = await self._reversals.reverse(caller.tenant_id, request.coupon_id, command)
            await self._pay(decided)
        response = pb.ReverseRedemptionResponse(**await self._answer(decided, now_ms, caller))
        if decided.outcome is CouponOutcome.APPLIED and decided.coupon:
            taken = told(decided.coupon, self._secrets_of(caller.tenant_id))
            currency = (await self._directory.get(caller.tenant_id)).currency_code
            response.discount_reversed.CopyFrom(money(taken.discount, currency))
            response.discount_kept.CopyFrom(money(taken.discount_kept, currency))
            response.points_reversed = taken.points
            if taken.refund is not None:
                response.refund.CopyFrom(money(taken.refund, currency))
        return response

    async def RevokeCoupon(  # noqa: N802
        self, request: pb.RevokeCouponRequest, _context: Any
    ) -> pb.RevokeCouponResponse:
        """Ends a coupon that was not used."""
        caller = authorize(*WRITERS)
        now_ms = await self._now_ms(caller)
        asked = self._request(caller, request.request_id, "revoke", request.coupon_id)
        with failures():
            decided = await self._reversals.revoke(
                caller.tenant_id, request.coupon_id, Revoke(asked, now_ms)
            )
        return pb.RevokeCouponResponse(**await self._answer(decided, now_ms, caller))

    async def _content(
        self,
        caller: Caller,
        request: pb.HoldCouponRequest | pb.RedeemCouponRequest,
        owner: str,
        now_ms: int,
    ) -> Order | None:
        """The order line by line, if it was sent, with the other coupons in it."""
        if not request.HasField("cart"):
            return None
        return await self._carts.order(
            caller.tenant_id,
            read_cart(request.cart),
            Asking(owner, request.order_id, now_ms),
            request.coupon_id,
            request.combined_coupon_ids,
        )

    async def _pay(self, decided: Decision) -> None:
        """Points follow before the answer goes out; a repeat pays as well, harmlessly."""
        if decided.outcome is CouponOutcome.APPLIED and decided.account is not None:
            await self._payer.pay(decided.account)

    async def _answer(self, decided: Decision, now_ms: int, caller: Caller) -> dict[str, Any]:
        applied = decided.outcome is CouponOutcome.APPLIED
        coupon = await self._writer.write_answer(decided.coupon, applied, now_ms, caller)
        return {"outcome": _outcome(decided.outcome), "coupon": coupon}

    def _request(self, caller: Caller, request_id: str, *content: str | int) -> Request:
        secrets = self._secrets_of(caller.tenant_id)
        return Request(request_id, actor(caller), secrets.print(*content))


def _outcome(outcome: CouponOutcome) -> str:
    return f"COUPON_OUTCOME_{outcome.name}"
