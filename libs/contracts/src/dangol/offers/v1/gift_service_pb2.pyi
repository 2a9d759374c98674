import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.offers.v1 import coupon_service_pb2 as _coupon_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GiftOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GIFT_OUTCOME_UNSPECIFIED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_APPLIED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_NOT_FOUND: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_NOT_OWNER: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_COUPON_NOT_AVAILABLE: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_COUPON_EXPIRED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_NOT_GIFTABLE: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_ALREADY_CLAIMED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_CANCELLED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_EXPIRED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_SELF_GIFT: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_NOT_A_MEMBER: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_REQUEST_CONFLICT: _ClassVar[GiftOutcome]

class GiftState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GIFT_STATE_UNSPECIFIED: _ClassVar[GiftState]
    GIFT_STATE_OFFERED: _ClassVar[GiftState]
    GIFT_STATE_CLAIMED: _ClassVar[GiftState]
    GIFT_STATE_CANCELLED: _ClassVar[GiftState]
    GIFT_STATE_EXPIRED: _ClassVar[GiftState]
GIFT_OUTCOME_UNSPECIFIED: GiftOutcome
GIFT_OUTCOME_APPLIED: GiftOutcome
GIFT_OUTCOME_NOT_FOUND: GiftOutcome
GIFT_OUTCOME_NOT_OWNER: GiftOutcome
GIFT_OUTCOME_COUPON_NOT_AVAILABLE: GiftOutcome
GIFT_OUTCOME_COUPON_EXPIRED: GiftOutcome
GIFT_OUTCOME_NOT_GIFTABLE: GiftOutcome
GIFT_OUTCOME_ALREADY_CLAIMED: GiftOutcome
GIFT_OUTCOME_CANCELLED: GiftOutcome
GIFT_OUTCOME_EXPIRED: GiftOutcome
GIFT_OUTCOME_SELF_GIFT: GiftOutcome
GIFT_OUTCOME_NOT_A_MEMBER: GiftOutcome
GIFT_OUTCOME_REQUEST_CONFLICT: GiftOutcome
GIFT_STATE_UNSPECIFIED: GiftState
GIFT_STATE_OFFERED: GiftState
GIFT_STATE_CLAIMED: GiftState
GIFT_STATE_CANCELLED: GiftState
GIFT_STATE_EXPIRED: GiftState

class Gift(_message.Message):
    __slots__ = ("gift_id", "coupon_id", "offer_id", "giver_customer_id", "claimer_customer_id", "state", "offer_time", "expire_time", "close_time")
    GIFT_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIMER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OFFER_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    gift_id: str
    coupon_id: str
    offer_id: str
    giver_customer_id: str
    claimer_customer_id: str
    state: GiftState
    offer_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    close_time: _timestamp_pb2.Timestamp
    def __init__(self, gift_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., giver_customer_id: _Optional[str] = ..., claimer_customer_id: _Optional[str] = ..., state: _Optional[_Union[GiftState, str]] = ..., offer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OfferGiftRequest(_message.Message):
    __slots__ = ("request_id", "coupon_id", "giver_customer_id", "open_seconds")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    OPEN_SECONDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    coupon_id: str
    giver_customer_id: str
    open_seconds: int
    def __init__(self, request_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., giver_customer_id: _Optional[str] = ..., open_seconds: _Optional[int] = ...) -> None: ...

class OfferGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift", "token")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    outcome: GiftOutcome
    gift: Gift
    token: str
    def __init__(self, outcome: _Optional[_Union[GiftOutcome, str]] = ..., gift: _Optional[_Union[Gift, _Mapping]] = ..., token: _Optional[str] = ...) -> None: ...

class GetGiftRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class GetGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    outcome: GiftOutcome
    gift: Gift
    def __init__(self, outcome: _Optional[_Union[GiftOutcome, str]] = ..., gift: _Optional[_Union[Gift, _Mapping]] = ...) -> None: ...

class ClaimGiftRequest(_message.Message):
    __slots__ = ("request_id", "token", "claimer_customer_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CLAIMER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    token: str
    claimer_customer_id: str
    def __init__(self, request_id: _Optional[str] = ..., token: _Optional[str] = ..., claimer_customer_id: _Optional[str] = ...) -> None: ...

class ClaimGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift", "coupon")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    outcome: GiftOutcome
    gift: Gift
    coupon: _coupon_service_pb2.Coupon
    def __init__(self, outcome: _Optional[_Union[GiftOutcome, str]] = ..., gift: _Optional[_Union[Gift, _Mapping]] = ..., coupon: _Optional[_Union[_coupon_service_pb2.Coupon, _Mapping]] = ...) -> None: ...

class CancelGiftRequest(_message.Message):
    __slots__ = ("request_id", "gift_id", "giver_customer_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GIFT_ID_FIELD_NUMBER: _ClassVar[int]
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    gift_id: str
    giver_customer_id: str
    def __init__(self, request_id: _Optional[str] = ..., gift_id: _Optional[str] = ..., giver_customer_id: _Optional[str] = ...) -> None: ...

class CancelGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    outcome: GiftOutcome
    gift: Gift
    def __init__(self, outcome: _Optional[_Union[GiftOutcome, str]] = ..., gift: _Optional[_Union[Gift, _Mapping]] = ...) -> None: ...

class ListGiftsRequest(_message.Message):
    __slots__ = ("giver_customer_id", "page_size", "page_token")
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    giver_customer_id: str
    page_size: int
    page_token: str
    def __init__(self, giver_customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListGiftsResponse(_message.Message):
    __slots__ = ("gifts", "next_page_token")
    GIFTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    gifts: _containers.RepeatedCompositeFieldContainer[Gift]
    next_page_token: str
    def __init__(self, gifts: _Optional[_Iterable[_Union[Gift, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
