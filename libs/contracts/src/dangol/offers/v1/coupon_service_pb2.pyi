import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from dangol.offers.v1 import offer_service_pb2 as _offer_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CouponOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COUPON_OUTCOME_UNSPECIFIED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_APPLIED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_NOT_FOUND: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_NOT_OWNER: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_ALREADY_REDEEMED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_HELD_BY_OTHER_ORDER: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_NOT_HELD: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_EXPIRED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_IN_ESCROW: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_BELOW_MINIMUM: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_WRONG_CURRENCY: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_REQUEST_CONFLICT: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_ALREADY_ISSUED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_OFFER_ENDED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_CUSTOMER_LIMIT_REACHED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_NOT_YET_VALID: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_OUT_OF_SCOPE: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_NOT_STACKABLE: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_NO_EFFECT: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_NEEDS_CART: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_ABOVE_HOLD: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_REVOKED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_NOT_REDEEMED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_OTHER_ORDER: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_ALREADY_REVERSED: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_RETURN_EXCEEDS_ORDER: _ClassVar[CouponOutcome]
    COUPON_OUTCOME_BUDGET_EXHAUSTED: _ClassVar[CouponOutcome]

class CouponState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COUPON_STATE_UNSPECIFIED: _ClassVar[CouponState]
    COUPON_STATE_AVAILABLE: _ClassVar[CouponState]
    COUPON_STATE_HELD: _ClassVar[CouponState]
    COUPON_STATE_REDEEMED: _ClassVar[CouponState]
    COUPON_STATE_ESCROWED: _ClassVar[CouponState]
    COUPON_STATE_EXPIRED: _ClassVar[CouponState]
    COUPON_STATE_REVOKED: _ClassVar[CouponState]

class CouponVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COUPON_VERDICT_UNSPECIFIED: _ClassVar[CouponVerdict]
    COUPON_VERDICT_APPLIES: _ClassVar[CouponVerdict]
    COUPON_VERDICT_BELOW_MINIMUM: _ClassVar[CouponVerdict]
    COUPON_VERDICT_OUT_OF_SCOPE: _ClassVar[CouponVerdict]
    COUPON_VERDICT_NOT_STACKABLE: _ClassVar[CouponVerdict]
    COUPON_VERDICT_EXPIRED: _ClassVar[CouponVerdict]
    COUPON_VERDICT_NOT_YET_VALID: _ClassVar[CouponVerdict]
    COUPON_VERDICT_HELD_BY_OTHER_ORDER: _ClassVar[CouponVerdict]
    COUPON_VERDICT_WRONG_CURRENCY: _ClassVar[CouponVerdict]
    COUPON_VERDICT_NOT_OWNER: _ClassVar[CouponVerdict]
    COUPON_VERDICT_ALREADY_REDEEMED: _ClassVar[CouponVerdict]
    COUPON_VERDICT_IN_ESCROW: _ClassVar[CouponVerdict]
    COUPON_VERDICT_REVOKED: _ClassVar[CouponVerdict]
    COUPON_VERDICT_NO_EFFECT: _ClassVar[CouponVerdict]
    COUPON_VERDICT_UNKNOWN_CODE: _ClassVar[CouponVerdict]
    COUPON_VERDICT_TOO_MANY_TRIES: _ClassVar[CouponVerdict]
COUPON_OUTCOME_UNSPECIFIED: CouponOutcome
COUPON_OUTCOME_APPLIED: CouponOutcome
COUPON_OUTCOME_NOT_FOUND: CouponOutcome
COUPON_OUTCOME_NOT_OWNER: CouponOutcome
COUPON_OUTCOME_ALREADY_REDEEMED: CouponOutcome
COUPON_OUTCOME_HELD_BY_OTHER_ORDER: CouponOutcome
COUPON_OUTCOME_NOT_HELD: CouponOutcome
COUPON_OUTCOME_EXPIRED: CouponOutcome
COUPON_OUTCOME_IN_ESCROW: CouponOutcome
COUPON_OUTCOME_BELOW_MINIMUM: CouponOutcome
COUPON_OUTCOME_WRONG_CURRENCY: CouponOutcome
COUPON_OUTCOME_REQUEST_CONFLICT: CouponOutcome
COUPON_OUTCOME_ALREADY_ISSUED: CouponOutcome
COUPON_OUTCOME_OFFER_ENDED: CouponOutcome
COUPON_OUTCOME_CUSTOMER_LIMIT_REACHED: CouponOutcome
COUPON_OUTCOME_NOT_YET_VALID: CouponOutcome
COUPON_OUTCOME_OUT_OF_SCOPE: CouponOutcome
COUPON_OUTCOME_NOT_STACKABLE: CouponOutcome
COUPON_OUTCOME_NO_EFFECT: CouponOutcome
COUPON_OUTCOME_NEEDS_CART: CouponOutcome
COUPON_OUTCOME_ABOVE_HOLD: CouponOutcome
COUPON_OUTCOME_REVOKED: CouponOutcome
COUPON_OUTCOME_NOT_REDEEMED: CouponOutcome
COUPON_OUTCOME_OTHER_ORDER: CouponOutcome
COUPON_OUTCOME_ALREADY_REVERSED: CouponOutcome
COUPON_OUTCOME_RETURN_EXCEEDS_ORDER: CouponOutcome
COUPON_OUTCOME_BUDGET_EXHAUSTED: CouponOutcome
COUPON_STATE_UNSPECIFIED: CouponState
COUPON_STATE_AVAILABLE: CouponState
COUPON_STATE_HELD: CouponState
COUPON_STATE_REDEEMED: CouponState
COUPON_STATE_ESCROWED: CouponState
COUPON_STATE_EXPIRED: CouponState
COUPON_STATE_REVOKED: CouponState
COUPON_VERDICT_UNSPECIFIED: CouponVerdict
COUPON_VERDICT_APPLIES: CouponVerdict
COUPON_VERDICT_BELOW_MINIMUM: CouponVerdict
COUPON_VERDICT_OUT_OF_SCOPE: CouponVerdict
COUPON_VERDICT_NOT_STACKABLE: CouponVerdict
COUPON_VERDICT_EXPIRED: CouponVerdict
COUPON_VERDICT_NOT_YET_VALID: CouponVerdict
COUPON_VERDICT_HELD_BY_OTHER_ORDER: CouponVerdict
COUPON_VERDICT_WRONG_CURRENCY: CouponVerdict
COUPON_VERDICT_NOT_OWNER: CouponVerdict
COUPON_VERDICT_ALREADY_REDEEMED: CouponVerdict
COUPON_VERDICT_IN_ESCROW: CouponVerdict
COUPON_VERDICT_REVOKED: CouponVerdict
COUPON_VERDICT_NO_EFFECT: CouponVerdict
COUPON_VERDICT_UNKNOWN_CODE: CouponVerdict
COUPON_VERDICT_TOO_MANY_TRIES: CouponVerdict

class Coupon(_message.Message):
    __slots__ = ("coupon_id", "offer_id", "campaign_id", "customer_id", "state", "code", "issue_time", "valid_until", "order_id", "hold_expire_time", "gift_id", "generation", "version", "redeemed_amount", "reversed", "points")
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ISSUE_TIME_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    HOLD_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    GIFT_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REDEEMED_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REVERSED_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    offer_id: str
    campaign_id: str
    customer_id: str
    state: CouponState
    code: str
    issue_time: _timestamp_pb2.Timestamp
    valid_until: _timestamp_pb2.Timestamp
    order_id: str
    hold_expire_time: _timestamp_pb2.Timestamp
    gift_id: str
    generation: int
    version: int
    redeemed_amount: _event_pb2.Money
    reversed: bool
    points: int
    def __init__(self, coupon_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., state: _Optional[_Union[CouponState, str]] = ..., code: _Optional[str] = ..., issue_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order_id: _Optional[str] = ..., hold_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., gift_id: _Optional[str] = ..., generation: _Optional[int] = ..., version: _Optional[int] = ..., redeemed_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., reversed: _Optional[bool] = ..., points: _Optional[int] = ...) -> None: ...

class CartLine(_message.Message):
    __slots__ = ("line_id", "product_id", "category", "quantity", "unit_price_minor_units")
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    line_id: str
    product_id: str
    category: str
    quantity: int
    unit_price_minor_units: int
    def __init__(self, line_id: _Optional[str] = ..., product_id: _Optional[str] = ..., category: _Optional[str] = ..., quantity: _Optional[int] = ..., unit_price_minor_units: _Optional[int] = ...) -> None: ...

class Cart(_message.Message):
    __slots__ = ("currency_code", "lines", "shipping_minor_units")
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    currency_code: str
    lines: _containers.RepeatedCompositeFieldContainer[CartLine]
    shipping_minor_units: int
    def __init__(self, currency_code: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[CartLine, _Mapping]]] = ..., shipping_minor_units: _Optional[int] = ...) -> None: ...

class IssueCouponRequest(_message.Message):
    __slots__ = ("request_id", "offer_id", "customer_id", "campaign_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    offer_id: str
    customer_id: str
    campaign_id: str
    def __init__(self, request_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., campaign_id: _Optional[str] = ...) -> None: ...

class IssueCouponResponse(_message.Message):
    __slots__ = ("outcome", "coupon")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    outcome: CouponOutcome
    coupon: Coupon
    def __init__(self, outcome: _Optional[_Union[CouponOutcome, str]] = ..., coupon: _Optional[_Union[Coupon, _Mapping]] = ...) -> None: ...

class BatchIssueCouponsRequest(_message.Message):
    __slots__ = ("request_id", "campaign_id", "offer_ids", "customer_ids")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    campaign_id: str
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., offer_ids: _Optional[_Iterable[str]] = ..., customer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchIssueCouponsResponse(_message.Message):
    __slots__ = ("issued_count", "already_issued_count", "limit_reached_count", "budget_exhausted_count")
    ISSUED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ALREADY_ISSUED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_REACHED_COUNT_FIELD_NUMBER: _ClassVar[int]
    BUDGET_EXHAUSTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    issued_count: int
    already_issued_count: int
    limit_reached_count: int
    budget_exhausted_count: int
    def __init__(self, issued_count: _Optional[int] = ..., already_issued_count: _Optional[int] = ..., limit_reached_count: _Optional[int] = ..., budget_exhausted_count: _Optional[int] = ...) -> None: ...

class GetCouponRequest(_message.Message):
    __slots__ = ("coupon_id", "code")
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    code: str
    def __init__(self, coupon_id: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class GetCouponResponse(_message.Message):
    __slots__ = ("coupon",)
    COUPON_FIELD_NUMBER: _ClassVar[int]
    coupon: Coupon
    def __init__(self, coupon: _Optional[_Union[Coupon, _Mapping]] = ...) -> None: ...

class ListWalletRequest(_message.Message):
    __slots__ = ("customer_id", "campaign_id", "offer_id", "page_size", "page_token")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    campaign_id: str
    offer_id: str
    page_size: int
    page_token: str
    def __init__(self, customer_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWalletResponse(_message.Message):
    __slots__ = ("coupons", "next_page_token")
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    coupons: _containers.RepeatedCompositeFieldContainer[Coupon]
    next_page_token: str
    def __init__(self, coupons: _Optional[_Iterable[_Union[Coupon, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class HoldCouponRequest(_message.Message):
    __slots__ = ("request_id", "coupon_id", "customer_id", "order_id", "order_amount", "hold_seconds", "cart", "combined_coupon_ids")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    HOLD_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CART_FIELD_NUMBER: _ClassVar[int]
    COMBINED_COUPON_IDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    coupon_id: str
    customer_id: str
    order_id: str
    order_amount: _event_pb2.Money
    hold_seconds: int
    cart: Cart
    combined_coupon_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., order_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., hold_seconds: _Optional[int] = ..., cart: _Optional[_Union[Cart, _Mapping]] = ..., combined_coupon_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class HoldCouponResponse(_message.Message):
    __slots__ = ("outcome", "coupon", "discount")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    outcome: CouponOutcome
    coupon: Coupon
    discount: _event_pb2.Money
    def __init__(self, outcome: _Optional[_Union[CouponOutcome, str]] = ..., coupon: _Optional[_Union[Coupon, _Mapping]] = ..., discount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class RedeemCouponRequest(_message.Message):
    __slots__ = ("request_id", "coupon_id", "order_id", "cart", "combined_coupon_ids")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CART_FIELD_NUMBER: _ClassVar[int]
    COMBINED_COUPON_IDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    coupon_id: str
    order_id: str
    cart: Cart
    combined_coupon_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., order_id: _Optional[str] = ..., cart: _Optional[_Union[Cart, _Mapping]] = ..., combined_coupon_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class RedeemCouponResponse(_message.Message):
    __slots__ = ("outcome", "coupon")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    outcome: CouponOutcome
    coupon: Coupon
    def __init__(self, outcome: _Optional[_Union[CouponOutcome, str]] = ..., coupon: _Optional[_Union[Coupon, _Mapping]] = ...) -> None: ...

class ReleaseCouponRequest(_message.Message):
    __slots__ = ("request_id", "coupon_id", "order_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    coupon_id: str
    order_id: str
    def __init__(self, request_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., order_id: _Optional[str] = ...) -> None: ...

class ReleaseCouponResponse(_message.Message):
    __slots__ = ("outcome", "coupon")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    outcome: CouponOutcome
    coupon: Coupon
    def __init__(self, outcome: _Optional[_Union[CouponOutcome, str]] = ..., coupon: _Optional[_Union[Coupon, _Mapping]] = ...) -> None: ...

class EvaluateCartRequest(_message.Message):
    __slots__ = ("customer_id", "cart", "order_id", "codes")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CART_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    cart: Cart
    order_id: str
    codes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, customer_id: _Optional[str] = ..., cart: _Optional[_Union[Cart, _Mapping]] = ..., order_id: _Optional[str] = ..., codes: _Optional[_Iterable[str]] = ...) -> None: ...

class LineDiscount(_message.Message):
    __slots__ = ("line_id", "discount_minor_units")
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    line_id: str
    discount_minor_units: int
    def __init__(self, line_id: _Optional[str] = ..., discount_minor_units: _Optional[int] = ...) -> None: ...

class CouponEvaluation(_message.Message):
    __slots__ = ("coupon_id", "offer_id", "code", "verdict", "discount_alone", "missing_amount", "conflicting_coupon_ids")
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_ALONE_FIELD_NUMBER: _ClassVar[int]
    MISSING_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CONFLICTING_COUPON_IDS_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    offer_id: str
    code: str
    verdict: CouponVerdict
    discount_alone: _event_pb2.Money
    missing_amount: _event_pb2.Money
    conflicting_coupon_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, coupon_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., code: _Optional[str] = ..., verdict: _Optional[_Union[CouponVerdict, str]] = ..., discount_alone: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., missing_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., conflicting_coupon_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class AppliedCoupon(_message.Message):
    __slots__ = ("coupon_id", "offer_id", "discount", "line_discounts", "gift_item", "points")
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    LINE_DISCOUNTS_FIELD_NUMBER: _ClassVar[int]
    GIFT_ITEM_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    offer_id: str
    discount: _event_pb2.Money
    line_discounts: _containers.RepeatedCompositeFieldContainer[LineDiscount]
    gift_item: _offer_service_pb2.GiftItem
    points: int
    def __init__(self, coupon_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., discount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., line_discounts: _Optional[_Iterable[_Union[LineDiscount, _Mapping]]] = ..., gift_item: _Optional[_Union[_offer_service_pb2.GiftItem, _Mapping]] = ..., points: _Optional[int] = ...) -> None: ...

class EvaluateCartResponse(_message.Message):
    __slots__ = ("coupons", "best", "goods_amount", "shipping_amount", "discount", "total_amount", "exact", "wallet_truncated")
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    BEST_FIELD_NUMBER: _ClassVar[int]
    GOODS_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    TOTAL_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    WALLET_TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    coupons: _containers.RepeatedCompositeFieldContainer[CouponEvaluation]
    best: _containers.RepeatedCompositeFieldContainer[AppliedCoupon]
    goods_amount: _event_pb2.Money
    shipping_amount: _event_pb2.Money
    discount: _event_pb2.Money
    total_amount: _event_pb2.Money
    exact: bool
    wallet_truncated: bool
    def __init__(self, coupons: _Optional[_Iterable[_Union[CouponEvaluation, _Mapping]]] = ..., best: _Optional[_Iterable[_Union[AppliedCoupon, _Mapping]]] = ..., goods_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., shipping_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., discount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., total_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., exact: _Optional[bool] = ..., wallet_truncated: _Optional[bool] = ...) -> None: ...

class ReturnedLine(_message.Message):
    __slots__ = ("line_id", "quantity")
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    line_id: str
    quantity: int
    def __init__(self, line_id: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class ReverseRedemptionRequest(_message.Message):
    __slots__ = ("request_id", "coupon_id", "order_id", "returned_lines")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    RETURNED_LINES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    coupon_id: str
    order_id: str
    returned_lines: _containers.RepeatedCompositeFieldContainer[ReturnedLine]
    def __init__(self, request_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., order_id: _Optional[str] = ..., returned_lines: _Optional[_Iterable[_Union[ReturnedLine, _Mapping]]] = ...) -> None: ...

class ReverseRedemptionResponse(_message.Message):
    __slots__ = ("outcome", "coupon", "discount_reversed", "discount_kept", "refund", "points_reversed")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_REVERSED_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_KEPT_FIELD_NUMBER: _ClassVar[int]
    REFUND_FIELD_NUMBER: _ClassVar[int]
    POINTS_REVERSED_FIELD_NUMBER: _ClassVar[int]
    outcome: CouponOutcome
    coupon: Coupon
    discount_reversed: _event_pb2.Money
    discount_kept: _event_pb2.Money
    refund: _event_pb2.Money
    points_reversed: int
    def __init__(self, outcome: _Optional[_Union[CouponOutcome, str]] = ..., coupon: _Optional[_Union[Coupon, _Mapping]] = ..., discount_reversed: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., discount_kept: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., refund: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., points_reversed: _Optional[int] = ...) -> None: ...

class RevokeCouponRequest(_message.Message):
    __slots__ = ("request_id", "coupon_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    coupon_id: str
    def __init__(self, request_id: _Optional[str] = ..., coupon_id: _Optional[str] = ...) -> None: ...

class RevokeCouponResponse(_message.Message):
    __slots__ = ("outcome", "coupon")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    outcome: CouponOutcome
    coupon: Coupon
    def __init__(self, outcome: _Optional[_Union[CouponOutcome, str]] = ..., coupon: _Optional[_Union[Coupon, _Mapping]] = ...) -> None: ...

class BatchListWalletsRequest(_message.Message):
    __slots__ = ("customer_ids", "page_size")
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    page_size: int
    def __init__(self, customer_ids: _Optional[_Iterable[str]] = ..., page_size: _Optional[int] = ...) -> None: ...

class Wallet(_message.Message):
    __slots__ = ("customer_id", "coupons", "next_page_token")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    coupons: _containers.RepeatedCompositeFieldContainer[Coupon]
    next_page_token: str
    def __init__(self, customer_id: _Optional[str] = ..., coupons: _Optional[_Iterable[_Union[Coupon, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class BatchListWalletsResponse(_message.Message):
    __slots__ = ("wallets",)
    WALLETS_FIELD_NUMBER: _ClassVar[int]
    wallets: _containers.RepeatedCompositeFieldContainer[Wallet]
    def __init__(self, wallets: _Optional[_Iterable[_Union[Wallet, _Mapping]]] = ...) -> None: ...
