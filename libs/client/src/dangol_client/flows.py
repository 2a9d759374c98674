"""What partners do, as calls: each function answers a Call, which Dangol and AsyncDangol send.

The clients have a method of the same name for each. Here a call can be made before it is sent: kept
with its request id, it may be sent by another process after a crash, and still has one effect.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from dangol.events.v1 import event_pb2 as events
from dangol.offers.v1 import code_service_pb2 as codes
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import delivery_service_pb2 as deliveries
from dangol.offers.v1 import gift_service_pb2 as gifts
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import event_service_pb2 as recording
from dangol.segmentation.v1 import segment_service_pb2 as segments

from dangol_client.calls import Call, call
from dangol_client.events import timestamp

_CUSTOMERS = "dangol.profile.v1.CustomerService"
_COUPONS = "dangol.offers.v1.CouponService"
_GIFTS = "dangol.offers.v1.GiftService"


def track(*happened: events.Event) -> Call[recording.RecordEventsResponse]:
    """Records at most 1,000 events (see `batches`); each is judged by itself.

    An event that was recorded before with the same content is a DUPLICATE, which is harmless. The
    answer holds the segments that changed; `changes_pending` where they follow later.
    """
    # Each event has an id of its own.
    return call(
        "dangol.profile.v1.EventService/RecordEvents",
        recording.RecordEventsRequest(events=happened),
        recording.RecordEventsResponse,
        repeatable=True,
    )


def identify(
    *identifiers: events.CustomerRef,
    attributes: customers.Customer | None = None,
    request_id: str = "",
) -> Call[customers.IdentifyCustomerResponse]:
    """Finds or makes the customer of these identifiers, or merges a visitor into a member.

    attributes: of a customer who is made by this call.
    """
    return call(
        f"{_CUSTOMERS}/IdentifyCustomer",
        customers.IdentifyCustomerRequest(identifiers=identifiers, attributes=attributes),
        customers.IdentifyCustomerResponse,
        request_id=request_id,
    )


def customer(known_as: events.CustomerRef | str) -> Call[customers.GetCustomerResponse]:
    """The customer of an identifier, or of Dangol's own id. Errors: CUSTOMER_NOT_FOUND."""
    request = (
        customers.GetCustomerRequest(customer_id=known_as)
        if isinstance(known_as, str)
        else customers.GetCustomerRequest(identifier=known_as)
    )
    return call(f"{_CUSTOMERS}/GetCustomer", request, customers.GetCustomerResponse)


def memberships(*customer_ids: str) -> Call[segments.ListMembershipsResponse]:
    """The segments that customers are in now."""
    return call(
        "dangol.segmentation.v1.SegmentService/ListMemberships",
        segments.ListMembershipsRequest(customer_ids=customer_ids),
        segments.ListMembershipsResponse,
    )


def wallet(
    customer_id: str, *, page_size: int = 0, page_token: str = ""
) -> Call[coupons.ListWalletResponse]:
    """A page of a customer's coupons; go on with `next_page_token` until it is empty."""
    request = coupons.ListWalletRequest(
        customer_id=customer_id, page_size=page_size, page_token=page_token
    )
    return call(f"{_COUPONS}/ListWallet", request, coupons.ListWalletResponse)


def coupon(*, coupon_id: str = "", code: str = "") -> Call[coupons.GetCouponResponse]:
    """The coupon of an id, or of the code that the till scanned. Errors: COUPON_NOT_FOUND."""
    request = (
        coupons.GetCouponRequest(coupon_id=coupon_id)
        if coupon_id
        else coupons.GetCouponRequest(code=code)
    )
    return call(f"{_COUPONS}/GetCoupon", request, coupons.GetCouponResponse)


def evaluate_cart(
    cart: coupons.Cart, *, customer_id: str = "", order_id: str = "", codes: Iterable[str] = ()
) -> Call[coupons.EvaluateCartResponse]:
    """Which coupons apply to a cart, which do not and why, and which are best together.

    customer_id: whose wallet; a guest has none and brings codes. Coupons that order_id holds count
    as free. Nothing is held.
    """
    request = coupons.EvaluateCartRequest(
        cart=cart, customer_id=customer_id, order_id=order_id, codes=codes
    )
    return call(f"{_COUPONS}/EvaluateCart", request, coupons.EvaluateCartResponse, repeatable=True)


def hold(
    coupon_id: str,
    *,
    customer_id: str,
    order_id: str,
    cart: coupons.Cart | None = None,
    order_amount: events.Money | None = None,
    hold_seconds: int = 0,
    combined_coupon_ids: Iterable[str] = (),
    request_id: str = "",
) -> Call[coupons.HoldCouponResponse]:
    """Sets a coupon aside for one order, for 15 minutes or hold_seconds.

    cart, or order_amount where the offer depends on nothing else. combined_coupon_ids: those that
    are to be held for the same order after this one, in the order of EvaluateCart's best.
    """
    request = coupons.HoldCouponRequest(
        coupon_id=coupon_id,
        customer_id=customer_id,
        order_id=order_id,
        cart=cart,
        order_amount=order_amount,
        hold_seconds=hold_seconds,
        combined_coupon_ids=combined_coupon_ids,
    )
    return call(
        f"{_COUPONS}/HoldCoupon", request, coupons.HoldCouponResponse, request_id=request_id
    )


def redeem(
    coupon_id: str,
    *,
    order_id: str,
    cart: coupons.Cart | None = None,
    combined_coupon_ids: Iterable[str] = (),
    request_id: str = "",
) -> Call[coupons.RedeemCouponResponse]:
    """Uses a coupon up for the order that holds it; with the final cart it is computed again."""
    request = coupons.RedeemCouponRequest(
        coupon_id=coupon_id,
        order_id=order_id,
        cart=cart,
        combined_coupon_ids=combined_coupon_ids,
    )
    return call(
        f"{_COUPONS}/RedeemCoupon", request, coupons.RedeemCouponResponse, request_id=request_id
    )


def release(
    coupon_id: str, *, order_id: str, request_id: str = ""
) -> Call[coupons.ReleaseCouponResponse]:
    """Gives a held coupon back: the order did not come about."""
    request = coupons.ReleaseCouponRequest(coupon_id=coupon_id, order_id=order_id)
    return call(
        f"{_COUPONS}/ReleaseCoupon", request, coupons.ReleaseCouponResponse, request_id=request_id
    )


def reverse(
    coupon_id: str,
    *,
    order_id: str,
    returned_lines: Iterable[coupons.ReturnedLine] = (),
    request_id: str = "",
) -> Call[coupons.ReverseRedemptionResponse]:
    """The order was cancelled, or these lines of it came back: what is to be paid back."""
    request = coupons.ReverseRedemptionRequest(
        coupon_id=coupon_id, order_id=order_id, returned_lines=returned_lines
    )
    return call(
        f"{_COUPONS}/ReverseRedemption",
        request,
        coupons.ReverseRedemptionResponse,
        request_id=request_id,
    )


def claim_code(
    code: str, *, customer_id: str, request_id: str = ""
) -> Call[codes.ClaimCodeResponse]:
    """Issues the coupon of a printed code to a customer."""
    return call(
        "dangol.offers.v1.CodeService/ClaimCode",
        codes.ClaimCodeRequest(code=code, customer_id=customer_id),
        codes.ClaimCodeResponse,
        request_id=request_id,
    )


def offer_gift(
    coupon_id: str,
    *,
    giver_customer_id: str,
    recipient_customer_id: str = "",
    open_seconds: int = 0,
    request_id: str = "",
) -> Call[gifts.OfferGiftResponse]:
    """Gives a coupon to whoever has the link made of the answer's token, or to one recipient.

    Open for seven days, or open_seconds.
    """
    request = gifts.OfferGiftRequest(
        coupon_id=coupon_id,
        giver_customer_id=giver_customer_id,
        recipient_customer_id=recipient_customer_id,
        open_seconds=open_seconds,
    )
    return call(f"{_GIFTS}/OfferGift", request, gifts.OfferGiftResponse, request_id=request_id)


def gift(token: str, *, viewer_customer_id: str = "") -> Call[gifts.GetGiftResponse]:
    """Looks at a gift, which claims nothing."""
    request = gifts.GetGiftRequest(token=token, viewer_customer_id=viewer_customer_id)
    return call(f"{_GIFTS}/GetGift", request, gifts.GetGiftResponse)


def claim_gift(
    token: str,
    *,
    claimer_customer_id: str = "",
    sign_up: Iterable[events.CustomerRef] = (),
    request_id: str = "",
) -> Call[gifts.ClaimGiftResponse]:
    """Claims a gift for a member, or for somebody whom these identifiers make one first."""
    request = gifts.ClaimGiftRequest(token=token, claimer_customer_id=claimer_customer_id)
    request.sign_up.identifiers.extend(sign_up)
    if not request.sign_up.identifiers:
        request.ClearField("sign_up")
    return call(f"{_GIFTS}/ClaimGift", request, gifts.ClaimGiftResponse, request_id=request_id)


def cancel_gift(
    gift_id: str, *, giver_customer_id: str, request_id: str = ""
) -> Call[gifts.CancelGiftResponse]:
    """Takes a gift back that nobody has claimed."""
    request = gifts.CancelGiftRequest(gift_id=gift_id, giver_customer_id=giver_customer_id)
    return call(f"{_GIFTS}/CancelGift", request, gifts.CancelGiftResponse, request_id=request_id)


def word(
    message_id: str,
    feedback: deliveries.Feedback,
    *,
    occurred_at: datetime | None = None,
    request_id: str = "",
) -> deliveries.Acknowledgement:
    """What became of one message: for `acknowledge`."""
    return deliveries.Acknowledgement(
        request_id=request_id or str(uuid.uuid4()),
        message_id=message_id,
        feedback=feedback,
        occur_time=timestamp(occurred_at) if occurred_at else None,
    )


def acknowledge(*words: deliveries.Acknowledgement) -> Call[deliveries.AcknowledgeResponse]:
    """What became of at most 500 messages, each judged by itself, in order."""
    # Each word has an id of its own.
    return call(
        "dangol.offers.v1.DeliveryService/Acknowledge",
        deliveries.AcknowledgeRequest(acknowledgements=words),
        deliveries.AcknowledgeResponse,
        repeatable=True,
    )
