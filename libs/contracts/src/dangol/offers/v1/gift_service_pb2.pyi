import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
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
    GIFT_OUTCOME_DECLINED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_NOT_RECIPIENT: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_RECIPIENT_NOT_FOUND: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_REGIFT_LIMIT_REACHED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_GIVER_DAY_LIMIT_REACHED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_RECIPIENT_DAY_LIMIT_REACHED: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_SIGN_UP_CONFLICT: _ClassVar[GiftOutcome]
    GIFT_OUTCOME_TOO_MANY_TRIES: _ClassVar[GiftOutcome]

class GiftState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GIFT_STATE_UNSPECIFIED: _ClassVar[GiftState]
    GIFT_STATE_OFFERED: _ClassVar[GiftState]
    GIFT_STATE_CLAIMED: _ClassVar[GiftState]
    GIFT_STATE_CANCELLED: _ClassVar[GiftState]
    GIFT_STATE_EXPIRED: _ClassVar[GiftState]
    GIFT_STATE_DECLINED: _ClassVar[GiftState]

class GiftSide(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GIFT_SIDE_UNSPECIFIED: _ClassVar[GiftSide]
    GIFT_SIDE_GIVER: _ClassVar[GiftSide]
    GIFT_SIDE_RECIPIENT: _ClassVar[GiftSide]
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
GIFT_OUTCOME_DECLINED: GiftOutcome
GIFT_OUTCOME_NOT_RECIPIENT: GiftOutcome
GIFT_OUTCOME_RECIPIENT_NOT_FOUND: GiftOutcome
GIFT_OUTCOME_REGIFT_LIMIT_REACHED: GiftOutcome
GIFT_OUTCOME_GIVER_DAY_LIMIT_REACHED: GiftOutcome
GIFT_OUTCOME_RECIPIENT_DAY_LIMIT_REACHED: GiftOutcome
GIFT_OUTCOME_SIGN_UP_CONFLICT: GiftOutcome
GIFT_OUTCOME_TOO_MANY_TRIES: GiftOutcome
GIFT_STATE_UNSPECIFIED: GiftState
GIFT_STATE_OFFERED: GiftState
GIFT_STATE_CLAIMED: GiftState
GIFT_STATE_CANCELLED: GiftState
GIFT_STATE_EXPIRED: GiftState
GIFT_STATE_DECLINED: GiftState
GIFT_SIDE_UNSPECIFIED: GiftSide
GIFT_SIDE_GIVER: GiftSide
GIFT_SIDE_RECIPIENT: GiftSide

class GiftArm(_message.Message):
    __slots__ = ("side", "campaign_id", "arm")
    SIDE_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    ARM_FIELD_NUMBER: _ClassVar[int]
    side: GiftSide
    campaign_id: str
    arm: str
    def __init__(self, side: _Optional[_Union[GiftSide, str]] = ..., campaign_id: _Optional[str] = ..., arm: _Optional[str] = ...) -> None: ...

class Gift(_message.Message):
    __slots__ = ("gift_id", "coupon_id", "offer_id", "giver_customer_id", "claimer_customer_id", "state", "offer_time", "expire_time", "close_time", "recipient_customer_id", "campaign_id", "generation", "referral_generation", "arms")
    GIFT_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIMER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OFFER_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_GENERATION_FIELD_NUMBER: _ClassVar[int]
    ARMS_FIELD_NUMBER: _ClassVar[int]
    gift_id: str
    coupon_id: str
    offer_id: str
    giver_customer_id: str
    claimer_customer_id: str
    state: GiftState
    offer_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    close_time: _timestamp_pb2.Timestamp
    recipient_customer_id: str
    campaign_id: str
    generation: int
    referral_generation: int
    arms: _containers.RepeatedCompositeFieldContainer[GiftArm]
    def __init__(self, gift_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., giver_customer_id: _Optional[str] = ..., claimer_customer_id: _Optional[str] = ..., state: _Optional[_Union[GiftState, str]] = ..., offer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recipient_customer_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., generation: _Optional[int] = ..., referral_generation: _Optional[int] = ..., arms: _Optional[_Iterable[_Union[GiftArm, _Mapping]]] = ...) -> None: ...

class OfferGiftRequest(_message.Message):
    __slots__ = ("request_id", "coupon_id", "giver_customer_id", "open_seconds", "recipient_customer_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    OPEN_SECONDS_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    coupon_id: str
    giver_customer_id: str
    open_seconds: int
    recipient_customer_id: str
    def __init__(self, request_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., giver_customer_id: _Optional[str] = ..., open_seconds: _Optional[int] = ..., recipient_customer_id: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("token", "viewer_customer_id")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    VIEWER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    token: str
    viewer_customer_id: str
    def __init__(self, token: _Optional[str] = ..., viewer_customer_id: _Optional[str] = ...) -> None: ...

class GetGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    outcome: GiftOutcome
    gift: Gift
    def __init__(self, outcome: _Optional[_Union[GiftOutcome, str]] = ..., gift: _Optional[_Union[Gift, _Mapping]] = ...) -> None: ...

class ClaimGiftRequest(_message.Message):
    __slots__ = ("request_id", "token", "claimer_customer_id", "sign_up")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CLAIMER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    SIGN_UP_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    token: str
    claimer_customer_id: str
    sign_up: SignUp
    def __init__(self, request_id: _Optional[str] = ..., token: _Optional[str] = ..., claimer_customer_id: _Optional[str] = ..., sign_up: _Optional[_Union[SignUp, _Mapping]] = ...) -> None: ...

class SignUp(_message.Message):
    __slots__ = ("identifiers",)
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    identifiers: _containers.RepeatedCompositeFieldContainer[_event_pb2.CustomerRef]
    def __init__(self, identifiers: _Optional[_Iterable[_Union[_event_pb2.CustomerRef, _Mapping]]] = ...) -> None: ...

class ClaimGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift", "coupon", "customer_id")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    outcome: GiftOutcome
    gift: Gift
    coupon: _coupon_service_pb2.Coupon
    customer_id: str
    def __init__(self, outcome: _Optional[_Union[GiftOutcome, str]] = ..., gift: _Optional[_Union[Gift, _Mapping]] = ..., coupon: _Optional[_Union[_coupon_service_pb2.Coupon, _Mapping]] = ..., customer_id: _Optional[str] = ...) -> None: ...

class DeclineGiftRequest(_message.Message):
    __slots__ = ("request_id", "token", "recipient_customer_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    token: str
    recipient_customer_id: str
    def __init__(self, request_id: _Optional[str] = ..., token: _Optional[str] = ..., recipient_customer_id: _Optional[str] = ...) -> None: ...

class DeclineGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    outcome: GiftOutcome
    gift: Gift
    def __init__(self, outcome: _Optional[_Union[GiftOutcome, str]] = ..., gift: _Optional[_Union[Gift, _Mapping]] = ...) -> None: ...

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

class ListReceivedGiftsRequest(_message.Message):
    __slots__ = ("recipient_customer_id", "page_size", "page_token")
    RECIPIENT_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    recipient_customer_id: str
    page_size: int
    page_token: str
    def __init__(self, recipient_customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ReceivedGift(_message.Message):
    __slots__ = ("gift", "token")
    GIFT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    gift: Gift
    token: str
    def __init__(self, gift: _Optional[_Union[Gift, _Mapping]] = ..., token: _Optional[str] = ...) -> None: ...

class ListReceivedGiftsResponse(_message.Message):
    __slots__ = ("gifts", "next_page_token")
    GIFTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    gifts: _containers.RepeatedCompositeFieldContainer[ReceivedGift]
    next_page_token: str
    def __init__(self, gifts: _Optional[_Iterable[_Union[ReceivedGift, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListReferralsRequest(_message.Message):
    __slots__ = ("referrer_customer_id", "page_size", "page_token")
    REFERRER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    referrer_customer_id: str
    page_size: int
    page_token: str
    def __init__(self, referrer_customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class Referral(_message.Message):
    __slots__ = ("newcomer_customer_id", "gift_id", "time", "referral_generation")
    NEWCOMER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    GIFT_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_GENERATION_FIELD_NUMBER: _ClassVar[int]
    newcomer_customer_id: str
    gift_id: str
    time: _timestamp_pb2.Timestamp
    referral_generation: int
    def __init__(self, newcomer_customer_id: _Optional[str] = ..., gift_id: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., referral_generation: _Optional[int] = ...) -> None: ...

class ListReferralsResponse(_message.Message):
    __slots__ = ("referrals", "next_page_token")
    REFERRALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    referrals: _containers.RepeatedCompositeFieldContainer[Referral]
    next_page_token: str
    def __init__(self, referrals: _Optional[_Iterable[_Union[Referral, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
