import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
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

class CouponState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COUPON_STATE_UNSPECIFIED: _ClassVar[CouponState]
    COUPON_STATE_AVAILABLE: _ClassVar[CouponState]
    COUPON_STATE_HELD: _ClassVar[CouponState]
    COUPON_STATE_REDEEMED: _ClassVar[CouponState]
    COUPON_STATE_ESCROWED: _ClassVar[CouponState]
    COUPON_STATE_EXPIRED: _ClassVar[CouponState]
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
COUPON_STATE_UNSPECIFIED: CouponState
COUPON_STATE_AVAILABLE: CouponState
COUPON_STATE_HELD: CouponState
COUPON_STATE_REDEEMED: CouponState
COUPON_STATE_ESCROWED: CouponState
COUPON_STATE_EXPIRED: CouponState

class Coupon(_message.Message):
    __slots__ = ("coupon_id", "offer_id", "campaign_id", "customer_id", "state", "code", "issue_time", "valid_until", "order_id", "hold_expire_time", "gift_id", "generation", "version", "redeemed_amount")
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
    def __init__(self, coupon_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., state: _Optional[_Union[CouponState, str]] = ..., code: _Optional[str] = ..., issue_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order_id: _Optional[str] = ..., hold_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., gift_id: _Optional[str] = ..., generation: _Optional[int] = ..., version: _Optional[int] = ..., redeemed_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("issued_count", "already_issued_count")
    ISSUED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ALREADY_ISSUED_COUNT_FIELD_NUMBER: _ClassVar[int]
    issued_count: int
    already_issued_count: int
    def __init__(self, issued_count: _Optional[int] = ..., already_issued_count: _Optional[int] = ...) -> None: ...

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
    __slots__ = ("request_id", "coupon_id", "customer_id", "order_id", "order_amount", "hold_seconds")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    HOLD_SECONDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    coupon_id: str
    customer_id: str
    order_id: str
    order_amount: _event_pb2.Money
    hold_seconds: int
    def __init__(self, request_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., order_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., hold_seconds: _Optional[int] = ...) -> None: ...

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
    __slots__ = ("request_id", "coupon_id", "order_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    coupon_id: str
    order_id: str
    def __init__(self, request_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., order_id: _Optional[str] = ...) -> None: ...

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
