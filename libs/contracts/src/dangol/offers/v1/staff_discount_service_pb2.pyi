import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from dangol.offers.v1 import gift_service_pb2 as _gift_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StaffDiscountOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAFF_DISCOUNT_OUTCOME_UNSPECIFIED: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_APPLIED: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_NO_ALLOWANCE: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_ABOVE_ONCE: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_DAY_SPENT: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_MONTH_SPENT: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_NOT_FOUND: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_NOT_A_MEMBER: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_OTHER_CUSTOMER: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_SIGN_UP_CONFLICT: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_ALREADY_CLAIMED: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_CANCELLED: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_EXPIRED: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_REQUEST_CONFLICT: _ClassVar[StaffDiscountOutcome]
    STAFF_DISCOUNT_OUTCOME_TOO_MANY_TRIES: _ClassVar[StaffDiscountOutcome]

class StaffDiscountState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAFF_DISCOUNT_STATE_UNSPECIFIED: _ClassVar[StaffDiscountState]
    STAFF_DISCOUNT_STATE_OPEN: _ClassVar[StaffDiscountState]
    STAFF_DISCOUNT_STATE_CLAIMED: _ClassVar[StaffDiscountState]
    STAFF_DISCOUNT_STATE_CANCELLED: _ClassVar[StaffDiscountState]
    STAFF_DISCOUNT_STATE_EXPIRED: _ClassVar[StaffDiscountState]
STAFF_DISCOUNT_OUTCOME_UNSPECIFIED: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_APPLIED: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_NO_ALLOWANCE: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_ABOVE_ONCE: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_DAY_SPENT: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_MONTH_SPENT: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_NOT_FOUND: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_NOT_A_MEMBER: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_OTHER_CUSTOMER: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_SIGN_UP_CONFLICT: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_ALREADY_CLAIMED: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_CANCELLED: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_EXPIRED: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_REQUEST_CONFLICT: StaffDiscountOutcome
STAFF_DISCOUNT_OUTCOME_TOO_MANY_TRIES: StaffDiscountOutcome
STAFF_DISCOUNT_STATE_UNSPECIFIED: StaffDiscountState
STAFF_DISCOUNT_STATE_OPEN: StaffDiscountState
STAFF_DISCOUNT_STATE_CLAIMED: StaffDiscountState
STAFF_DISCOUNT_STATE_CANCELLED: StaffDiscountState
STAFF_DISCOUNT_STATE_EXPIRED: StaffDiscountState

class StaffAllowance(_message.Message):
    __slots__ = ("version", "offer_id", "once_max", "day_max", "month_max")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    ONCE_MAX_FIELD_NUMBER: _ClassVar[int]
    DAY_MAX_FIELD_NUMBER: _ClassVar[int]
    MONTH_MAX_FIELD_NUMBER: _ClassVar[int]
    version: int
    offer_id: str
    once_max: _event_pb2.Money
    day_max: _event_pb2.Money
    month_max: _event_pb2.Money
    def __init__(self, version: _Optional[int] = ..., offer_id: _Optional[str] = ..., once_max: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., day_max: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., month_max: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class SetStaffAllowanceRequest(_message.Message):
    __slots__ = ("request_id", "staff_id", "allowance", "expected_version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOWANCE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    staff_id: str
    allowance: StaffAllowance
    expected_version: int
    def __init__(self, request_id: _Optional[str] = ..., staff_id: _Optional[str] = ..., allowance: _Optional[_Union[StaffAllowance, _Mapping]] = ..., expected_version: _Optional[int] = ...) -> None: ...

class SetStaffAllowanceResponse(_message.Message):
    __slots__ = ("allowance",)
    ALLOWANCE_FIELD_NUMBER: _ClassVar[int]
    allowance: StaffAllowance
    def __init__(self, allowance: _Optional[_Union[StaffAllowance, _Mapping]] = ...) -> None: ...

class GetStaffAllowanceRequest(_message.Message):
    __slots__ = ("staff_id",)
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    staff_id: str
    def __init__(self, staff_id: _Optional[str] = ...) -> None: ...

class GetStaffAllowanceResponse(_message.Message):
    __slots__ = ("allowance", "day_spent", "month_spent")
    ALLOWANCE_FIELD_NUMBER: _ClassVar[int]
    DAY_SPENT_FIELD_NUMBER: _ClassVar[int]
    MONTH_SPENT_FIELD_NUMBER: _ClassVar[int]
    allowance: StaffAllowance
    day_spent: _event_pb2.Money
    month_spent: _event_pb2.Money
    def __init__(self, allowance: _Optional[_Union[StaffAllowance, _Mapping]] = ..., day_spent: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., month_spent: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class StaffDiscount(_message.Message):
    __slots__ = ("discount_id", "staff_id", "store_id", "amount", "state", "give_time", "expire_time", "claim_time", "store_customer_id", "claimer_customer_id", "linked", "coupon_id")
    DISCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    GIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CLAIM_TIME_FIELD_NUMBER: _ClassVar[int]
    STORE_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIMER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    LINKED_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    discount_id: str
    staff_id: str
    store_id: str
    amount: _event_pb2.Money
    state: StaffDiscountState
    give_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    claim_time: _timestamp_pb2.Timestamp
    store_customer_id: str
    claimer_customer_id: str
    linked: bool
    coupon_id: str
    def __init__(self, discount_id: _Optional[str] = ..., staff_id: _Optional[str] = ..., store_id: _Optional[str] = ..., amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., state: _Optional[_Union[StaffDiscountState, str]] = ..., give_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., claim_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., store_customer_id: _Optional[str] = ..., claimer_customer_id: _Optional[str] = ..., linked: _Optional[bool] = ..., coupon_id: _Optional[str] = ...) -> None: ...

class GiveStaffDiscountRequest(_message.Message):
    __slots__ = ("request_id", "amount", "store_id", "identifiers", "open_seconds")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    OPEN_SECONDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    amount: _event_pb2.Money
    store_id: str
    identifiers: _containers.RepeatedCompositeFieldContainer[_event_pb2.CustomerRef]
    open_seconds: int
    def __init__(self, request_id: _Optional[str] = ..., amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., store_id: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[_event_pb2.CustomerRef, _Mapping]]] = ..., open_seconds: _Optional[int] = ...) -> None: ...

class GiveStaffDiscountResponse(_message.Message):
    __slots__ = ("outcome", "discount", "code")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    outcome: StaffDiscountOutcome
    discount: StaffDiscount
    code: str
    def __init__(self, outcome: _Optional[_Union[StaffDiscountOutcome, str]] = ..., discount: _Optional[_Union[StaffDiscount, _Mapping]] = ..., code: _Optional[str] = ...) -> None: ...

class ClaimStaffDiscountRequest(_message.Message):
    __slots__ = ("request_id", "code", "customer_id", "sign_up")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    SIGN_UP_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    code: str
    customer_id: str
    sign_up: _gift_service_pb2.SignUp
    def __init__(self, request_id: _Optional[str] = ..., code: _Optional[str] = ..., customer_id: _Optional[str] = ..., sign_up: _Optional[_Union[_gift_service_pb2.SignUp, _Mapping]] = ...) -> None: ...

class ClaimStaffDiscountResponse(_message.Message):
    __slots__ = ("outcome", "discount")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    outcome: StaffDiscountOutcome
    discount: StaffDiscount
    def __init__(self, outcome: _Optional[_Union[StaffDiscountOutcome, str]] = ..., discount: _Optional[_Union[StaffDiscount, _Mapping]] = ...) -> None: ...

class CancelStaffDiscountRequest(_message.Message):
    __slots__ = ("request_id", "discount_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    discount_id: str
    def __init__(self, request_id: _Optional[str] = ..., discount_id: _Optional[str] = ...) -> None: ...

class CancelStaffDiscountResponse(_message.Message):
    __slots__ = ("outcome", "discount")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    outcome: StaffDiscountOutcome
    discount: StaffDiscount
    def __init__(self, outcome: _Optional[_Union[StaffDiscountOutcome, str]] = ..., discount: _Optional[_Union[StaffDiscount, _Mapping]] = ...) -> None: ...

class ListStaffDiscountsRequest(_message.Message):
    __slots__ = ("staff_id", "page_size", "page_token")
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    staff_id: str
    page_size: int
    page_token: str
    def __init__(self, staff_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStaffDiscountsResponse(_message.Message):
    __slots__ = ("discounts", "next_page_token")
    DISCOUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    discounts: _containers.RepeatedCompositeFieldContainer[StaffDiscount]
    next_page_token: str
    def __init__(self, discounts: _Optional[_Iterable[_Union[StaffDiscount, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReportStaffDiscountsRequest(_message.Message):
    __slots__ = ("from_time", "until_time", "page_size", "page_token")
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    from_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class StaffDiscountFigures(_message.Message):
    __slots__ = ("staff_id", "given_count", "given", "claimed_count", "linked_count", "cancelled_count", "expired_count", "redeemed_count", "redeemed")
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    GIVEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    CLAIMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LINKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REDEEMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REDEEMED_FIELD_NUMBER: _ClassVar[int]
    staff_id: str
    given_count: int
    given: _event_pb2.Money
    claimed_count: int
    linked_count: int
    cancelled_count: int
    expired_count: int
    redeemed_count: int
    redeemed: _event_pb2.Money
    def __init__(self, staff_id: _Optional[str] = ..., given_count: _Optional[int] = ..., given: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., claimed_count: _Optional[int] = ..., linked_count: _Optional[int] = ..., cancelled_count: _Optional[int] = ..., expired_count: _Optional[int] = ..., redeemed_count: _Optional[int] = ..., redeemed: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class ReportStaffDiscountsResponse(_message.Message):
    __slots__ = ("staff", "next_page_token")
    STAFF_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    staff: _containers.RepeatedCompositeFieldContainer[StaffDiscountFigures]
    next_page_token: str
    def __init__(self, staff: _Optional[_Iterable[_Union[StaffDiscountFigures, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
