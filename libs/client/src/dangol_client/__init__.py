"""Dangol for partners: one object that calls profile, segmentation and offers (docs/partners.md).

    with Dangol(Addresses(offers="offers.example:443"), token) as dangol:
        held = dangol.hold(coupon_id, customer_id=customer_id, order_id="1001", cart=cart)

AsyncDangol is the same with await. Other messages are in `dangol.*.v1`, of dangol-contracts.
"""

from dangol.events.v1.event_pb2 import Channel, CustomerRef, Event, Item, Money
from dangol.offers.v1.coupon_service_pb2 import Cart, CartLine, CouponOutcome, ReturnedLine
from dangol.offers.v1.delivery_service_pb2 import Feedback
from dangol.offers.v1.gift_service_pb2 import GiftOutcome
from dangol_service_kit.errors import Code

from dangol_client.asynchronous import AsyncDangol
from dangol_client.blocking import Dangol
from dangol_client.calls import Call, call
from dangol_client.connections import Addresses, Timing, Tls
from dangol_client.errors import (
    ConflictError,
    DangolError,
    DeadlineError,
    FaultError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StateError,
    TooMuchError,
    UnauthenticatedError,
    UnavailableError,
)
from dangol_client.events import batches, event, ref
from dangol_client.flows import word

__all__ = [
    "Addresses",
    "AsyncDangol",
    "Call",
    "Cart",
    "CartLine",
    "Channel",
    "Code",
    "ConflictError",
    "CouponOutcome",
    "CustomerRef",
    "Dangol",
    "DangolError",
    "DeadlineError",
    "Event",
    "FaultError",
    "Feedback",
    "ForbiddenError",
    "GiftOutcome",
    "InvalidError",
    "Item",
    "Money",
    "NotFoundError",
    "ReturnedLine",
    "StateError",
    "Timing",
    "Tls",
    "TooMuchError",
    "UnauthenticatedError",
    "UnavailableError",
    "batches",
    "call",
    "event",
    "ref",
    "word",
]
