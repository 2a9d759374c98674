"""Carts on the wire: what comes in, and what an evaluation of one looks like."""

from __future__ import annotations

from collections.abc import Sequence

from dangol.events.v1 import event_pb2
from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol.offers.v1 import offer_service_pb2
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.discounts import Cart, CartLine, Effect
from offers_service.evaluation import Evaluation, Judged, Verdict
from offers_service.offers import Benefit, Offer
from offers_service.rpc_common import AMOUNT_MAX, money


def order_amount(request: pb.HoldCouponRequest) -> event_pb2.Money:
    """What the order comes to where there is no cart; its currency is the ledger's to judge.
    Raises RpcFailure FIELD_INVALID."""
    if request.HasField("cart") == request.HasField("order_amount"):
        raise RpcFailure(Code.FIELD_INVALID, "send either it or cart", field="order_amount")
    if not 0 <= request.order_amount.minor_units <= AMOUNT_MAX:
        field = "order_amount.minor_units"
        raise RpcFailure(Code.FIELD_INVALID, "use 0 to 1,000,000,000,000", field=field)
    return request.order_amount


def read_cart(message: pb.Cart) -> Cart:
    """A cart with lines that can be told apart. Raises RpcFailure FIELD_INVALID."""
    cart = Cart(
        currency=message.currency_code,
        lines=tuple(
            CartLine(
                line.line_id,
                line.product_id,
                line.category,
                line.quantity,
                line.unit_price_minor_units,
            )
            for line in message.lines
        ),
        shipping_minor_units=message.shipping_minor_units,
    )
    seen: set[str] = set()
    for number, line in enumerate(cart.lines):
        if line.line_id in seen:
            field = f"cart.lines[{number}].line_id"
            raise RpcFailure(Code.FIELD_INVALID, "name each line differently", field=field)
        seen.add(line.line_id)
    if cart.goods > AMOUNT_MAX:
        text = "keep the lines together at 1,000,000,000,000 or less"
        raise RpcFailure(Code.FIELD_INVALID, text, field="cart.lines")
    return cart


def cart_content(message: pb.Cart, combined_ids: Sequence[str]) -> tuple[str | int, ...]:
    """What goes into a request's fingerprint."""
    lines = [
        part
        for line in message.lines
        for part in (
            line.line_id,
            line.product_id,
            line.category,
            line.quantity,
            line.unit_price_minor_units,
        )
    ]
    head = ("cart", message.currency_code, message.shipping_minor_units, len(message.lines))
    return (*head, *lines, *combined_ids)


def write_gift_item(offer: Offer) -> offer_service_pb2.GiftItem | None:
    """The product that an offer adds to an order; None for other offers."""
    if offer.benefit is not Benefit.GIFT_ITEM:
        return None
    return offer_service_pb2.GiftItem(product_id=offer.gift_product, quantity=offer.gift_quantity)


def write_evaluation(
    cart: Cart, evaluation: Evaluation, wallet_truncated: bool
) -> pb.EvaluateCartResponse:
    """An evaluation in the cart's currency."""

    def amount(minor_units: int) -> event_pb2.Money:
        return money(minor_units, cart.currency)

    offers = {
        one.presented.account.key.a: one.presented.offer
        for one in evaluation.judged
        if one.presented.account is not None and one.presented.offer is not None
    }
    found = evaluation.combination
    whole = cart.goods + cart.shipping_minor_units
    return pb.EvaluateCartResponse(
        coupons=[_write_judged(one, cart.currency) for one in evaluation.judged],
        best=[
            _write_effect(effect, offers[effect.coupon_id], cart.currency)
            for effect in found.effects
        ],
        goods_amount=amount(cart.goods),
        shipping_amount=amount(cart.shipping_minor_units),
        discount=amount(found.discount),
        total_amount=amount(whole - found.discount),
        exact=found.exact,
        wallet_truncated=wallet_truncated,
    )


def _write_judged(judged: Judged, currency: str) -> pb.CouponEvaluation:
    account = judged.presented.account
    message = pb.CouponEvaluation(
        coupon_id=account.key.a if account else "",
        offer_id=account.offer if account else "",
        code=judged.presented.code,
        verdict=f"COUPON_VERDICT_{judged.verdict.name}",
        conflicting_coupon_ids=judged.conflicts,
    )
    if judged.verdict in {Verdict.APPLIES, Verdict.NOT_STACKABLE, Verdict.NO_EFFECT}:
        message.discount_alone.CopyFrom(money(judged.alone, currency))
    if judged.verdict is Verdict.BELOW_MINIMUM:
        message.missing_amount.CopyFrom(money(judged.missing, currency))
    return message


def _write_effect(effect: Effect, offer: Offer, currency: str) -> pb.AppliedCoupon:
    return pb.AppliedCoupon(
        coupon_id=effect.coupon_id,
        offer_id=effect.offer_id,
        discount=money(effect.discount, currency),
        line_discounts=[
            pb.LineDiscount(line_id=share.line_id, discount_minor_units=share.discount)
            for share in effect.shares
            if share.discount
        ],
        gift_item=write_gift_item(offer),
        points=effect.points,
    )
