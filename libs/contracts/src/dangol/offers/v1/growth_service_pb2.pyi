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

class SuggestionOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUGGESTION_OUTCOME_UNSPECIFIED: _ClassVar[SuggestionOutcome]
    SUGGESTION_OUTCOME_SUGGESTED: _ClassVar[SuggestionOutcome]
    SUGGESTION_OUTCOME_NOTHING: _ClassVar[SuggestionOutcome]
    SUGGESTION_OUTCOME_DAY_LIMIT_REACHED: _ClassVar[SuggestionOutcome]
    SUGGESTION_OUTCOME_NOT_A_MEMBER: _ClassVar[SuggestionOutcome]
SUGGESTION_OUTCOME_UNSPECIFIED: SuggestionOutcome
SUGGESTION_OUTCOME_SUGGESTED: SuggestionOutcome
SUGGESTION_OUTCOME_NOTHING: SuggestionOutcome
SUGGESTION_OUTCOME_DAY_LIMIT_REACHED: SuggestionOutcome
SUGGESTION_OUTCOME_NOT_A_MEMBER: SuggestionOutcome

class ListGiftSuggestionsRequest(_message.Message):
    __slots__ = ("customer_id", "within_seconds")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    WITHIN_SECONDS_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    within_seconds: int
    def __init__(self, customer_id: _Optional[str] = ..., within_seconds: _Optional[int] = ...) -> None: ...

class GiftSuggestion(_message.Message):
    __slots__ = ("coupon_id", "offer_id", "valid_until", "use_probability")
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    USE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    offer_id: str
    valid_until: _timestamp_pb2.Timestamp
    use_probability: float
    def __init__(self, coupon_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., use_probability: _Optional[float] = ...) -> None: ...

class ListGiftSuggestionsResponse(_message.Message):
    __slots__ = ("outcome", "suggestions", "channels")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    SUGGESTIONS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    outcome: SuggestionOutcome
    suggestions: _containers.RepeatedCompositeFieldContainer[GiftSuggestion]
    channels: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, outcome: _Optional[_Union[SuggestionOutcome, str]] = ..., suggestions: _Optional[_Iterable[_Union[GiftSuggestion, _Mapping]]] = ..., channels: _Optional[_Iterable[str]] = ...) -> None: ...

class ReportSpreadRequest(_message.Message):
    __slots__ = ("campaign_id", "offer_id", "from_time", "until_time", "conversion_window_seconds")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_WINDOW_SECONDS_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    offer_id: str
    from_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    conversion_window_seconds: int
    def __init__(self, campaign_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., conversion_window_seconds: _Optional[int] = ...) -> None: ...

class SpreadPeople(_message.Message):
    __slots__ = ("customer_count", "ordering_customer_count", "order_count", "revenue")
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    ORDERING_CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_FIELD_NUMBER: _ClassVar[int]
    customer_count: int
    ordering_customer_count: int
    order_count: int
    revenue: _event_pb2.Money
    def __init__(self, customer_count: _Optional[int] = ..., ordering_customer_count: _Optional[int] = ..., order_count: _Optional[int] = ..., revenue: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class SpreadArm(_message.Message):
    __slots__ = ("arm", "members", "new_members")
    ARM_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEW_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    arm: str
    members: SpreadPeople
    new_members: SpreadPeople
    def __init__(self, arm: _Optional[str] = ..., members: _Optional[_Union[SpreadPeople, _Mapping]] = ..., new_members: _Optional[_Union[SpreadPeople, _Mapping]] = ...) -> None: ...

class SpreadGeneration(_message.Message):
    __slots__ = ("generation", "people", "giver_count", "sent_count", "claimed_count", "new_member_count", "k_factor")
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    GIVER_COUNT_FIELD_NUMBER: _ClassVar[int]
    SENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CLAIMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEW_MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    K_FACTOR_FIELD_NUMBER: _ClassVar[int]
    generation: int
    people: SpreadPeople
    giver_count: int
    sent_count: int
    claimed_count: int
    new_member_count: int
    k_factor: float
    def __init__(self, generation: _Optional[int] = ..., people: _Optional[_Union[SpreadPeople, _Mapping]] = ..., giver_count: _Optional[int] = ..., sent_count: _Optional[int] = ..., claimed_count: _Optional[int] = ..., new_member_count: _Optional[int] = ..., k_factor: _Optional[float] = ...) -> None: ...

class SpreadGiver(_message.Message):
    __slots__ = ("customer_id", "generation", "sent_count", "new_member_count", "descendant_count")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    SENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEW_MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    DESCENDANT_COUNT_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    generation: int
    sent_count: int
    new_member_count: int
    descendant_count: int
    def __init__(self, customer_id: _Optional[str] = ..., generation: _Optional[int] = ..., sent_count: _Optional[int] = ..., new_member_count: _Optional[int] = ..., descendant_count: _Optional[int] = ...) -> None: ...

class ReportSpreadResponse(_message.Message):
    __slots__ = ("sent_count", "opened_count", "opened_by_customers_count", "claimed_count", "cancelled_count", "declined_count", "expired_count", "open_count", "self_claimed_count", "giver_count", "members", "new_members", "arms", "generations", "k_factor", "top_givers")
    SENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPENED_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_CUSTOMERS_COUNT_FIELD_NUMBER: _ClassVar[int]
    CLAIMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DECLINED_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    SELF_CLAIMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    GIVER_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEW_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    ARMS_FIELD_NUMBER: _ClassVar[int]
    GENERATIONS_FIELD_NUMBER: _ClassVar[int]
    K_FACTOR_FIELD_NUMBER: _ClassVar[int]
    TOP_GIVERS_FIELD_NUMBER: _ClassVar[int]
    sent_count: int
    opened_count: int
    opened_by_customers_count: int
    claimed_count: int
    cancelled_count: int
    declined_count: int
    expired_count: int
    open_count: int
    self_claimed_count: int
    giver_count: int
    members: SpreadPeople
    new_members: SpreadPeople
    arms: _containers.RepeatedCompositeFieldContainer[SpreadArm]
    generations: _containers.RepeatedCompositeFieldContainer[SpreadGeneration]
    k_factor: float
    top_givers: _containers.RepeatedCompositeFieldContainer[SpreadGiver]
    def __init__(self, sent_count: _Optional[int] = ..., opened_count: _Optional[int] = ..., opened_by_customers_count: _Optional[int] = ..., claimed_count: _Optional[int] = ..., cancelled_count: _Optional[int] = ..., declined_count: _Optional[int] = ..., expired_count: _Optional[int] = ..., open_count: _Optional[int] = ..., self_claimed_count: _Optional[int] = ..., giver_count: _Optional[int] = ..., members: _Optional[_Union[SpreadPeople, _Mapping]] = ..., new_members: _Optional[_Union[SpreadPeople, _Mapping]] = ..., arms: _Optional[_Iterable[_Union[SpreadArm, _Mapping]]] = ..., generations: _Optional[_Iterable[_Union[SpreadGeneration, _Mapping]]] = ..., k_factor: _Optional[float] = ..., top_givers: _Optional[_Iterable[_Union[SpreadGiver, _Mapping]]] = ...) -> None: ...
