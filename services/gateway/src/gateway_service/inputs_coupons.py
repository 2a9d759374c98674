"""What clients send about coupons, carts and gifts."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol.offers.v1 import gift_service_pb2 as gifts_pb

from gateway_service.inputs import REQUEST_ID, IdentifierInput
from gateway_service.types_common import Int64, MoneyInput

_COMBINED = (
    "Other coupons of the same customer that are held for the order after this one; hold them in "
    "the order in which evaluateCart names the best combination."
)


@strawberry.input(description="One line of a cart.")
class CartLineInput:
    """At list price, before any coupon."""

    line_id: str = strawberry.field(description="Names the line, also when goods come back.")
    unit_price_minor_units: Int64 = strawberry.field(
        description="The price of one, in the currency's smallest unit."
    )
    product_id: str | None = strawberry.field(default=None, description="The product.")
    category: str | None = strawberry.field(default=None, description="The product's category.")
    quantity: Int64 = strawberry.field(default=Int64(1), description="How many.")


@strawberry.input(description="What a customer is about to buy.")
class CartInput:
    """1 to 200 lines."""

    currency_code: str = strawberry.field(description="ISO 4217; the tenant's currency.")
    lines: list[CartLineInput] = strawberry.field(description="1 to 200.")
    shipping_minor_units: Int64 = strawberry.field(
        default=Int64(0), description="What shipping costs, in the currency's smallest unit."
    )

    def to_proto(self) -> pb.Cart:
        """The message."""
        return pb.Cart(
            currency_code=self.currency_code,
            lines=[
                pb.CartLine(
                    line_id=line.line_id,
                    product_id=line.product_id or "",
                    category=line.category or "",
                    quantity=line.quantity,
                    unit_price_minor_units=line.unit_price_minor_units,
                )
                for line in self.lines
            ],
            shipping_minor_units=self.shipping_minor_units,
        )


@strawberry.input(description="A coupon to issue.")
class IssueCouponInput:
    """To one customer."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    offer_id: strawberry.ID = strawberry.field(description="What it is good for.")
    customer_id: strawberry.ID = strawberry.field(description="Who gets it.")
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="The campaign it counts for."
    )


@strawberry.input(description="Coupons of every offer for every customer.")
class IssueCouponsInput:
    """At most 100,000 coupons."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    campaign_id: strawberry.ID = strawberry.field(description="The campaign they count for.")
    offer_ids: list[strawberry.ID] = strawberry.field(description="At most 1,000.")
    customer_ids: list[strawberry.ID] = strawberry.field(description="At most 100,000.")


@strawberry.input(description="A coupon to set aside for one order. Send the amount or the cart.")
class HoldCouponInput:
    """The same order holding again extends the hold."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    coupon_id: strawberry.ID = strawberry.field(description="Which.")
    customer_id: strawberry.ID = strawberry.field(description="Who uses it; its owner.")
    order_id: str = strawberry.field(description="For which order.")
    order_amount: MoneyInput | None = strawberry.field(
        default=None, description="What that comes to before discount, where there is no cart."
    )
    hold_seconds: int | None = strawberry.field(default=None, description="15 minutes if absent.")
    cart: CartInput | None = strawberry.field(
        default=None, description="The order line by line, from which the discount is computed."
    )
    combined_coupon_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description=_COMBINED
    )

    def to_proto(self) -> pb.HoldCouponRequest:
        """The message."""
        return pb.HoldCouponRequest(
            request_id=str(self.request_id),
            coupon_id=str(self.coupon_id),
            customer_id=str(self.customer_id),
            order_id=self.order_id,
            order_amount=self.order_amount.to_proto() if self.order_amount else None,
            hold_seconds=self.hold_seconds or 0,
            cart=self.cart.to_proto() if self.cart else None,
            combined_coupon_ids=[str(one) for one in self.combined_coupon_ids or ()],
        )


@strawberry.input(description="A held coupon to use up or to give back.")
class CouponStepInput:
    """By the order that holds it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    coupon_id: strawberry.ID = strawberry.field(description="Which.")
    order_id: str = strawberry.field(description="The order that holds it.")
    cart: CartInput | None = strawberry.field(
        default=None,
        description="To use it up: the final order, from which the discount is computed again.",
    )
    combined_coupon_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="To use it up, with a cart: the order's other coupons."
    )


@strawberry.input(description="Goods of one line that came back.")
class ReturnedLineInput:
    """By the line's name in its cart."""

    line_id: str = strawberry.field(description="Which line.")
    quantity: Int64 = strawberry.field(description="How many.")


@strawberry.input(description="An order that was cancelled, or goods of it that came back.")
class ReverseCouponInput:
    """Takes the discount back, whole or in part."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    coupon_id: strawberry.ID = strawberry.field(description="The coupon that the order used.")
    order_id: str = strawberry.field(description="Which order.")
    returned_lines: list[ReturnedLineInput] | None = strawberry.field(
        default=None, description="What came back this time; all that is left if absent."
    )


@strawberry.input(description="A coupon to end that has not been used.")
class RevokeCouponInput:
    """Also one that an order holds or a gift has in escrow."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    coupon_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="Codes to make, for flyers and boxes.")
class IssueCodesInput:
    """Sent again, it goes on where it stopped."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    offer_id: strawberry.ID = strawberry.field(description="What they are good for.")
    count: int = strawberry.field(description="1 to 100,000.")
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="The campaign they count for."
    )
    claim_until: dt.datetime | None = strawberry.field(
        default=None, description="Codes can be claimed before it; the offer's end if absent."
    )


@strawberry.input(description="A code from a flyer or a box.")
class ClaimCodeInput:
    """Its coupon goes to the customer, once."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    code: str = strawberry.field(description="As it was typed in.")
    customer_id: strawberry.ID = strawberry.field(description="Who gets the coupon.")


@strawberry.input(description="A coupon to give away.")
class OfferGiftInput:
    """Into escrow until someone claims it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    coupon_id: strawberry.ID = strawberry.field(description="What is given.")
    giver_customer_id: strawberry.ID = strawberry.field(description="Who gives; its owner.")
    open_seconds: Int64 | None = strawberry.field(default=None, description="A week if absent.")
    recipient_customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The only one who may claim it; whoever has the link if absent."
    )


@strawberry.input(description="A gift to take. Send who claims it, or the sign-up.")
class ClaimGiftInput:
    """By the token of its link."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    token: str = strawberry.field(description="From the link.")
    claimer_customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who takes it; a member."
    )
    sign_up: list[IdentifierInput] | None = strawberry.field(
        default=None,
        description="Who becomes a member by taking it: the new identifier of namespace member, "
        "and what else is known. Only shops may vouch for them.",
    )

    def to_proto(self) -> gifts_pb.ClaimGiftRequest:
        """The message."""
        return gifts_pb.ClaimGiftRequest(
            request_id=str(self.request_id),
            token=self.token,
            claimer_customer_id=str(self.claimer_customer_id or ""),
            sign_up=sign_up_of(self.sign_up),
        )


@strawberry.input(description="A gift to send back.")
class DeclineGiftInput:
    """By the person for whom it is meant."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    token: str = strawberry.field(description="From the link, or from receivedGifts.")
    recipient_customer_id: strawberry.ID = strawberry.field(description="Who does not want it.")


@strawberry.input(description="A gift to take back.")
class CancelGiftInput:
    """While nobody has claimed it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    gift_id: strawberry.ID = strawberry.field(description="Which.")
    giver_customer_id: strawberry.ID = strawberry.field(description="Who gave it.")


def sign_up_of(identifiers: list[IdentifierInput] | None) -> gifts_pb.SignUp | None:
    """The message of a sign-up; None without one."""
    if identifiers is None:
        return None
    return gifts_pb.SignUp(identifiers=[one.to_proto() for one in identifiers])
