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

class PointsOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POINTS_OUTCOME_UNSPECIFIED: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_APPLIED: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_NO_PROGRAM: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_CUSTOMER_NOT_FOUND: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_NOT_ENOUGH_POINTS: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_BELOW_MINIMUM: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_NOT_HELD: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_ALREADY_EARNED: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_ALREADY_SPENT: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_UNKNOWN_ORDER: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_NOTHING_LEFT: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_RETURN_EXCEEDS_ORDER: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_TOO_MANY_OPEN: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_DAILY_LIMIT_REACHED: _ClassVar[PointsOutcome]
    POINTS_OUTCOME_REQUEST_CONFLICT: _ClassVar[PointsOutcome]

class PointsGiftOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POINTS_GIFT_OUTCOME_UNSPECIFIED: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_APPLIED: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_NOT_FOUND: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_NOT_OWNER: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_ALREADY_CLAIMED: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_CANCELLED: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_EXPIRED: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_SELF_GIFT: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_NOT_A_MEMBER: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_NO_PROGRAM: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_NOT_ENOUGH_POINTS: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_TOO_MANY_OPEN: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_DAILY_LIMIT_REACHED: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_REQUEST_CONFLICT: _ClassVar[PointsGiftOutcome]
    POINTS_GIFT_OUTCOME_TOO_MANY_TRIES: _ClassVar[PointsGiftOutcome]

class PointsGiftState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POINTS_GIFT_STATE_UNSPECIFIED: _ClassVar[PointsGiftState]
    POINTS_GIFT_STATE_OFFERED: _ClassVar[PointsGiftState]
    POINTS_GIFT_STATE_CLAIMED: _ClassVar[PointsGiftState]
    POINTS_GIFT_STATE_CANCELLED: _ClassVar[PointsGiftState]
    POINTS_GIFT_STATE_EXPIRED: _ClassVar[PointsGiftState]
POINTS_OUTCOME_UNSPECIFIED: PointsOutcome
POINTS_OUTCOME_APPLIED: PointsOutcome
POINTS_OUTCOME_NO_PROGRAM: PointsOutcome
POINTS_OUTCOME_CUSTOMER_NOT_FOUND: PointsOutcome
POINTS_OUTCOME_NOT_ENOUGH_POINTS: PointsOutcome
POINTS_OUTCOME_BELOW_MINIMUM: PointsOutcome
POINTS_OUTCOME_NOT_HELD: PointsOutcome
POINTS_OUTCOME_ALREADY_EARNED: PointsOutcome
POINTS_OUTCOME_ALREADY_SPENT: PointsOutcome
POINTS_OUTCOME_UNKNOWN_ORDER: PointsOutcome
POINTS_OUTCOME_NOTHING_LEFT: PointsOutcome
POINTS_OUTCOME_RETURN_EXCEEDS_ORDER: PointsOutcome
POINTS_OUTCOME_TOO_MANY_OPEN: PointsOutcome
POINTS_OUTCOME_DAILY_LIMIT_REACHED: PointsOutcome
POINTS_OUTCOME_REQUEST_CONFLICT: PointsOutcome
POINTS_GIFT_OUTCOME_UNSPECIFIED: PointsGiftOutcome
POINTS_GIFT_OUTCOME_APPLIED: PointsGiftOutcome
POINTS_GIFT_OUTCOME_NOT_FOUND: PointsGiftOutcome
POINTS_GIFT_OUTCOME_NOT_OWNER: PointsGiftOutcome
POINTS_GIFT_OUTCOME_ALREADY_CLAIMED: PointsGiftOutcome
POINTS_GIFT_OUTCOME_CANCELLED: PointsGiftOutcome
POINTS_GIFT_OUTCOME_EXPIRED: PointsGiftOutcome
POINTS_GIFT_OUTCOME_SELF_GIFT: PointsGiftOutcome
POINTS_GIFT_OUTCOME_NOT_A_MEMBER: PointsGiftOutcome
POINTS_GIFT_OUTCOME_NO_PROGRAM: PointsGiftOutcome
POINTS_GIFT_OUTCOME_NOT_ENOUGH_POINTS: PointsGiftOutcome
POINTS_GIFT_OUTCOME_TOO_MANY_OPEN: PointsGiftOutcome
POINTS_GIFT_OUTCOME_DAILY_LIMIT_REACHED: PointsGiftOutcome
POINTS_GIFT_OUTCOME_REQUEST_CONFLICT: PointsGiftOutcome
POINTS_GIFT_OUTCOME_TOO_MANY_TRIES: PointsGiftOutcome
POINTS_GIFT_STATE_UNSPECIFIED: PointsGiftState
POINTS_GIFT_STATE_OFFERED: PointsGiftState
POINTS_GIFT_STATE_CLAIMED: PointsGiftState
POINTS_GIFT_STATE_CANCELLED: PointsGiftState
POINTS_GIFT_STATE_EXPIRED: PointsGiftState

class PointsBonus(_message.Message):
    __slots__ = ("rule_id", "basis_points", "minimum_order", "start_time", "end_time", "campaign_id")
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_ORDER_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    rule_id: str
    basis_points: int
    minimum_order: _event_pb2.Money
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    campaign_id: str
    def __init__(self, rule_id: _Optional[str] = ..., basis_points: _Optional[int] = ..., minimum_order: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., campaign_id: _Optional[str] = ...) -> None: ...

class Tier(_message.Message):
    __slots__ = ("tier_id", "display_names", "threshold", "bonus_basis_points", "offer_ids")
    class DisplayNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TIER_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAMES_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    BONUS_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    tier_id: str
    display_names: _containers.ScalarMap[str, str]
    threshold: _event_pb2.Money
    bonus_basis_points: int
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, tier_id: _Optional[str] = ..., display_names: _Optional[_Mapping[str, str]] = ..., threshold: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., bonus_basis_points: _Optional[int] = ..., offer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class PointsProgram(_message.Message):
    __slots__ = ("version", "points", "per_amount", "valid_for_months", "worth_minor_units", "spend_minimum_points", "hold_seconds", "restore_grace_days", "gift_daily_points", "gift_daily_count", "bonuses", "tiers")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    PER_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    VALID_FOR_MONTHS_FIELD_NUMBER: _ClassVar[int]
    WORTH_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    SPEND_MINIMUM_POINTS_FIELD_NUMBER: _ClassVar[int]
    HOLD_SECONDS_FIELD_NUMBER: _ClassVar[int]
    RESTORE_GRACE_DAYS_FIELD_NUMBER: _ClassVar[int]
    GIFT_DAILY_POINTS_FIELD_NUMBER: _ClassVar[int]
    GIFT_DAILY_COUNT_FIELD_NUMBER: _ClassVar[int]
    BONUSES_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    version: int
    points: int
    per_amount: _event_pb2.Money
    valid_for_months: int
    worth_minor_units: int
    spend_minimum_points: int
    hold_seconds: int
    restore_grace_days: int
    gift_daily_points: int
    gift_daily_count: int
    bonuses: _containers.RepeatedCompositeFieldContainer[PointsBonus]
    tiers: _containers.RepeatedCompositeFieldContainer[Tier]
    def __init__(self, version: _Optional[int] = ..., points: _Optional[int] = ..., per_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., valid_for_months: _Optional[int] = ..., worth_minor_units: _Optional[int] = ..., spend_minimum_points: _Optional[int] = ..., hold_seconds: _Optional[int] = ..., restore_grace_days: _Optional[int] = ..., gift_daily_points: _Optional[int] = ..., gift_daily_count: _Optional[int] = ..., bonuses: _Optional[_Iterable[_Union[PointsBonus, _Mapping]]] = ..., tiers: _Optional[_Iterable[_Union[Tier, _Mapping]]] = ...) -> None: ...

class SetPointsProgramRequest(_message.Message):
    __slots__ = ("request_id", "program", "expected_version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    program: PointsProgram
    expected_version: int
    def __init__(self, request_id: _Optional[str] = ..., program: _Optional[_Union[PointsProgram, _Mapping]] = ..., expected_version: _Optional[int] = ...) -> None: ...

class SetPointsProgramResponse(_message.Message):
    __slots__ = ("program",)
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    program: PointsProgram
    def __init__(self, program: _Optional[_Union[PointsProgram, _Mapping]] = ...) -> None: ...

class GetPointsProgramRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetPointsProgramResponse(_message.Message):
    __slots__ = ("program",)
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    program: PointsProgram
    def __init__(self, program: _Optional[_Union[PointsProgram, _Mapping]] = ...) -> None: ...

class EarnPointsRequest(_message.Message):
    __slots__ = ("request_id", "customer_id", "order_id", "net_amount", "campaign_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    NET_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer_id: str
    order_id: str
    net_amount: _event_pb2.Money
    campaign_id: str
    def __init__(self, request_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., net_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., campaign_id: _Optional[str] = ...) -> None: ...

class PointsEarned(_message.Message):
    __slots__ = ("rule_id", "points", "expire_time")
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    rule_id: str
    points: int
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, rule_id: _Optional[str] = ..., points: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EarnPointsResponse(_message.Message):
    __slots__ = ("outcome", "points_earned", "earned", "points_repaid", "available_points")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    POINTS_EARNED_FIELD_NUMBER: _ClassVar[int]
    EARNED_FIELD_NUMBER: _ClassVar[int]
    POINTS_REPAID_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_POINTS_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsOutcome
    points_earned: int
    earned: _containers.RepeatedCompositeFieldContainer[PointsEarned]
    points_repaid: int
    available_points: int
    def __init__(self, outcome: _Optional[_Union[PointsOutcome, str]] = ..., points_earned: _Optional[int] = ..., earned: _Optional[_Iterable[_Union[PointsEarned, _Mapping]]] = ..., points_repaid: _Optional[int] = ..., available_points: _Optional[int] = ...) -> None: ...

class TakeBackPointsRequest(_message.Message):
    __slots__ = ("request_id", "customer_id", "order_id", "returned_amount")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    RETURNED_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer_id: str
    order_id: str
    returned_amount: _event_pb2.Money
    def __init__(self, request_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., returned_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class TakeBackPointsResponse(_message.Message):
    __slots__ = ("outcome", "points_taken", "points_owed", "available_points")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    POINTS_TAKEN_FIELD_NUMBER: _ClassVar[int]
    POINTS_OWED_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_POINTS_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsOutcome
    points_taken: int
    points_owed: int
    available_points: int
    def __init__(self, outcome: _Optional[_Union[PointsOutcome, str]] = ..., points_taken: _Optional[int] = ..., points_owed: _Optional[int] = ..., available_points: _Optional[int] = ...) -> None: ...

class HoldPointsRequest(_message.Message):
    __slots__ = ("request_id", "customer_id", "order_id", "points", "hold_seconds")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    HOLD_SECONDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer_id: str
    order_id: str
    points: int
    hold_seconds: int
    def __init__(self, request_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., points: _Optional[int] = ..., hold_seconds: _Optional[int] = ...) -> None: ...

class HoldPointsResponse(_message.Message):
    __slots__ = ("outcome", "worth", "hold_expire_time", "available_points")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    WORTH_FIELD_NUMBER: _ClassVar[int]
    HOLD_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_POINTS_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsOutcome
    worth: _event_pb2.Money
    hold_expire_time: _timestamp_pb2.Timestamp
    available_points: int
    def __init__(self, outcome: _Optional[_Union[PointsOutcome, str]] = ..., worth: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., hold_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., available_points: _Optional[int] = ...) -> None: ...

class SpendPointsRequest(_message.Message):
    __slots__ = ("request_id", "customer_id", "order_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer_id: str
    order_id: str
    def __init__(self, request_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ...) -> None: ...

class SpendPointsResponse(_message.Message):
    __slots__ = ("outcome", "points_spent", "worth", "available_points")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    POINTS_SPENT_FIELD_NUMBER: _ClassVar[int]
    WORTH_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_POINTS_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsOutcome
    points_spent: int
    worth: _event_pb2.Money
    available_points: int
    def __init__(self, outcome: _Optional[_Union[PointsOutcome, str]] = ..., points_spent: _Optional[int] = ..., worth: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., available_points: _Optional[int] = ...) -> None: ...

class ReleasePointsRequest(_message.Message):
    __slots__ = ("request_id", "customer_id", "order_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer_id: str
    order_id: str
    def __init__(self, request_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ...) -> None: ...

class ReleasePointsResponse(_message.Message):
    __slots__ = ("outcome", "points_released", "available_points")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    POINTS_RELEASED_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_POINTS_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsOutcome
    points_released: int
    available_points: int
    def __init__(self, outcome: _Optional[_Union[PointsOutcome, str]] = ..., points_released: _Optional[int] = ..., available_points: _Optional[int] = ...) -> None: ...

class RefundPointsRequest(_message.Message):
    __slots__ = ("request_id", "customer_id", "order_id", "points")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer_id: str
    order_id: str
    points: int
    def __init__(self, request_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., points: _Optional[int] = ...) -> None: ...

class RefundPointsResponse(_message.Message):
    __slots__ = ("outcome", "points_refunded", "points_repaid", "available_points")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    POINTS_REFUNDED_FIELD_NUMBER: _ClassVar[int]
    POINTS_REPAID_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_POINTS_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsOutcome
    points_refunded: int
    points_repaid: int
    available_points: int
    def __init__(self, outcome: _Optional[_Union[PointsOutcome, str]] = ..., points_refunded: _Optional[int] = ..., points_repaid: _Optional[int] = ..., available_points: _Optional[int] = ...) -> None: ...

class GetPointsRequest(_message.Message):
    __slots__ = ("customer_id",)
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    def __init__(self, customer_id: _Optional[str] = ...) -> None: ...

class PointsBalance(_message.Message):
    __slots__ = ("customer_id", "available_points", "held_points", "gifted_points", "owed_points", "expiring_points", "expire_time", "tier_id", "spent", "tier_end_time", "next_tier_id", "missing_amount", "account_id")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_POINTS_FIELD_NUMBER: _ClassVar[int]
    HELD_POINTS_FIELD_NUMBER: _ClassVar[int]
    GIFTED_POINTS_FIELD_NUMBER: _ClassVar[int]
    OWED_POINTS_FIELD_NUMBER: _ClassVar[int]
    EXPIRING_POINTS_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    TIER_ID_FIELD_NUMBER: _ClassVar[int]
    SPENT_FIELD_NUMBER: _ClassVar[int]
    TIER_END_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_TIER_ID_FIELD_NUMBER: _ClassVar[int]
    MISSING_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    available_points: int
    held_points: int
    gifted_points: int
    owed_points: int
    expiring_points: int
    expire_time: _timestamp_pb2.Timestamp
    tier_id: str
    spent: _event_pb2.Money
    tier_end_time: _timestamp_pb2.Timestamp
    next_tier_id: str
    missing_amount: _event_pb2.Money
    account_id: str
    def __init__(self, customer_id: _Optional[str] = ..., available_points: _Optional[int] = ..., held_points: _Optional[int] = ..., gifted_points: _Optional[int] = ..., owed_points: _Optional[int] = ..., expiring_points: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., tier_id: _Optional[str] = ..., spent: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., tier_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_tier_id: _Optional[str] = ..., missing_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., account_id: _Optional[str] = ...) -> None: ...

class GetPointsResponse(_message.Message):
    __slots__ = ("balance",)
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    balance: PointsBalance
    def __init__(self, balance: _Optional[_Union[PointsBalance, _Mapping]] = ...) -> None: ...

class PointsGift(_message.Message):
    __slots__ = ("gift_id", "giver_customer_id", "claimer_customer_id", "points", "state", "offer_time", "expire_time", "close_time")
    GIFT_ID_FIELD_NUMBER: _ClassVar[int]
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIMER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OFFER_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    gift_id: str
    giver_customer_id: str
    claimer_customer_id: str
    points: int
    state: PointsGiftState
    offer_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    close_time: _timestamp_pb2.Timestamp
    def __init__(self, gift_id: _Optional[str] = ..., giver_customer_id: _Optional[str] = ..., claimer_customer_id: _Optional[str] = ..., points: _Optional[int] = ..., state: _Optional[_Union[PointsGiftState, str]] = ..., offer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OfferPointsGiftRequest(_message.Message):
    __slots__ = ("request_id", "giver_customer_id", "points", "open_seconds")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    OPEN_SECONDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    giver_customer_id: str
    points: int
    open_seconds: int
    def __init__(self, request_id: _Optional[str] = ..., giver_customer_id: _Optional[str] = ..., points: _Optional[int] = ..., open_seconds: _Optional[int] = ...) -> None: ...

class OfferPointsGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift", "token")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsGiftOutcome
    gift: PointsGift
    token: str
    def __init__(self, outcome: _Optional[_Union[PointsGiftOutcome, str]] = ..., gift: _Optional[_Union[PointsGift, _Mapping]] = ..., token: _Optional[str] = ...) -> None: ...

class GetPointsGiftRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class GetPointsGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsGiftOutcome
    gift: PointsGift
    def __init__(self, outcome: _Optional[_Union[PointsGiftOutcome, str]] = ..., gift: _Optional[_Union[PointsGift, _Mapping]] = ...) -> None: ...

class ClaimPointsGiftRequest(_message.Message):
    __slots__ = ("request_id", "token", "claimer_customer_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CLAIMER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    token: str
    claimer_customer_id: str
    def __init__(self, request_id: _Optional[str] = ..., token: _Optional[str] = ..., claimer_customer_id: _Optional[str] = ...) -> None: ...

class ClaimPointsGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsGiftOutcome
    gift: PointsGift
    def __init__(self, outcome: _Optional[_Union[PointsGiftOutcome, str]] = ..., gift: _Optional[_Union[PointsGift, _Mapping]] = ...) -> None: ...

class CancelPointsGiftRequest(_message.Message):
    __slots__ = ("request_id", "gift_id", "giver_customer_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GIFT_ID_FIELD_NUMBER: _ClassVar[int]
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    gift_id: str
    giver_customer_id: str
    def __init__(self, request_id: _Optional[str] = ..., gift_id: _Optional[str] = ..., giver_customer_id: _Optional[str] = ...) -> None: ...

class CancelPointsGiftResponse(_message.Message):
    __slots__ = ("outcome", "gift")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GIFT_FIELD_NUMBER: _ClassVar[int]
    outcome: PointsGiftOutcome
    gift: PointsGift
    def __init__(self, outcome: _Optional[_Union[PointsGiftOutcome, str]] = ..., gift: _Optional[_Union[PointsGift, _Mapping]] = ...) -> None: ...

class ListPointsGiftsRequest(_message.Message):
    __slots__ = ("giver_customer_id", "page_size", "page_token")
    GIVER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    giver_customer_id: str
    page_size: int
    page_token: str
    def __init__(self, giver_customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPointsGiftsResponse(_message.Message):
    __slots__ = ("gifts", "next_page_token")
    GIFTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    gifts: _containers.RepeatedCompositeFieldContainer[PointsGift]
    next_page_token: str
    def __init__(self, gifts: _Optional[_Iterable[_Union[PointsGift, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class BatchGetPointsRequest(_message.Message):
    __slots__ = ("customer_ids",)
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, customer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchGetPointsResponse(_message.Message):
    __slots__ = ("customers",)
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    customers: _containers.RepeatedCompositeFieldContainer[CustomerPoints]
    def __init__(self, customers: _Optional[_Iterable[_Union[CustomerPoints, _Mapping]]] = ...) -> None: ...

class CustomerPoints(_message.Message):
    __slots__ = ("customer_id", "balance")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    balance: PointsBalance
    def __init__(self, customer_id: _Optional[str] = ..., balance: _Optional[_Union[PointsBalance, _Mapping]] = ...) -> None: ...
