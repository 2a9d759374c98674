import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from dangol.offers.v1 import growth_service_pb2 as _growth_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InvitationOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INVITATION_OUTCOME_UNSPECIFIED: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_APPLIED: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_NO_PROGRAM: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_NOT_FOUND: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_NOT_A_MEMBER: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_ALREADY_MEMBER: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_ALREADY_INVITED: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_SIGN_UP_CONFLICT: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_SELF_INVITATION: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_RING: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_NOT_INVITED: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_BELOW_MINIMUM: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_TOO_LATE: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_ALREADY_QUALIFIED: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_KEPT: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_REQUEST_CONFLICT: _ClassVar[InvitationOutcome]
    INVITATION_OUTCOME_TOO_MANY_TRIES: _ClassVar[InvitationOutcome]

class InvitationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INVITATION_STATE_UNSPECIFIED: _ClassVar[InvitationState]
    INVITATION_STATE_ACCEPTED: _ClassVar[InvitationState]
    INVITATION_STATE_QUALIFIED: _ClassVar[InvitationState]
    INVITATION_STATE_REVERSED: _ClassVar[InvitationState]
INVITATION_OUTCOME_UNSPECIFIED: InvitationOutcome
INVITATION_OUTCOME_APPLIED: InvitationOutcome
INVITATION_OUTCOME_NO_PROGRAM: InvitationOutcome
INVITATION_OUTCOME_NOT_FOUND: InvitationOutcome
INVITATION_OUTCOME_NOT_A_MEMBER: InvitationOutcome
INVITATION_OUTCOME_ALREADY_MEMBER: InvitationOutcome
INVITATION_OUTCOME_ALREADY_INVITED: InvitationOutcome
INVITATION_OUTCOME_SIGN_UP_CONFLICT: InvitationOutcome
INVITATION_OUTCOME_SELF_INVITATION: InvitationOutcome
INVITATION_OUTCOME_RING: InvitationOutcome
INVITATION_OUTCOME_NOT_INVITED: InvitationOutcome
INVITATION_OUTCOME_BELOW_MINIMUM: InvitationOutcome
INVITATION_OUTCOME_TOO_LATE: InvitationOutcome
INVITATION_OUTCOME_ALREADY_QUALIFIED: InvitationOutcome
INVITATION_OUTCOME_KEPT: InvitationOutcome
INVITATION_OUTCOME_REQUEST_CONFLICT: InvitationOutcome
INVITATION_OUTCOME_TOO_MANY_TRIES: InvitationOutcome
INVITATION_STATE_UNSPECIFIED: InvitationState
INVITATION_STATE_ACCEPTED: InvitationState
INVITATION_STATE_QUALIFIED: InvitationState
INVITATION_STATE_REVERSED: InvitationState

class InvitationReward(_message.Message):
    __slots__ = ("points", "offer_id")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    points: int
    offer_id: str
    def __init__(self, points: _Optional[int] = ..., offer_id: _Optional[str] = ...) -> None: ...

class InvitationProgram(_message.Message):
    __slots__ = ("version", "inviter_reward", "newcomer_reward", "minimum_order", "qualify_days", "return_days", "rewards_max")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    INVITER_REWARD_FIELD_NUMBER: _ClassVar[int]
    NEWCOMER_REWARD_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_ORDER_FIELD_NUMBER: _ClassVar[int]
    QUALIFY_DAYS_FIELD_NUMBER: _ClassVar[int]
    RETURN_DAYS_FIELD_NUMBER: _ClassVar[int]
    REWARDS_MAX_FIELD_NUMBER: _ClassVar[int]
    version: int
    inviter_reward: InvitationReward
    newcomer_reward: InvitationReward
    minimum_order: _event_pb2.Money
    qualify_days: int
    return_days: int
    rewards_max: int
    def __init__(self, version: _Optional[int] = ..., inviter_reward: _Optional[_Union[InvitationReward, _Mapping]] = ..., newcomer_reward: _Optional[_Union[InvitationReward, _Mapping]] = ..., minimum_order: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., qualify_days: _Optional[int] = ..., return_days: _Optional[int] = ..., rewards_max: _Optional[int] = ...) -> None: ...

class SetInvitationProgramRequest(_message.Message):
    __slots__ = ("request_id", "program", "expected_version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    program: InvitationProgram
    expected_version: int
    def __init__(self, request_id: _Optional[str] = ..., program: _Optional[_Union[InvitationProgram, _Mapping]] = ..., expected_version: _Optional[int] = ...) -> None: ...

class SetInvitationProgramResponse(_message.Message):
    __slots__ = ("program",)
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    program: InvitationProgram
    def __init__(self, program: _Optional[_Union[InvitationProgram, _Mapping]] = ...) -> None: ...

class GetInvitationProgramRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetInvitationProgramResponse(_message.Message):
    __slots__ = ("program",)
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    program: InvitationProgram
    def __init__(self, program: _Optional[_Union[InvitationProgram, _Mapping]] = ...) -> None: ...

class GetInvitationCodeRequest(_message.Message):
    __slots__ = ("customer_id",)
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    def __init__(self, customer_id: _Optional[str] = ...) -> None: ...

class GetInvitationCodeResponse(_message.Message):
    __slots__ = ("outcome", "code")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    outcome: InvitationOutcome
    code: str
    def __init__(self, outcome: _Optional[_Union[InvitationOutcome, str]] = ..., code: _Optional[str] = ...) -> None: ...

class AcceptInvitationRequest(_message.Message):
    __slots__ = ("request_id", "code", "identifiers")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    code: str
    identifiers: _containers.RepeatedCompositeFieldContainer[_event_pb2.CustomerRef]
    def __init__(self, request_id: _Optional[str] = ..., code: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[_event_pb2.CustomerRef, _Mapping]]] = ...) -> None: ...

class AcceptInvitationResponse(_message.Message):
    __slots__ = ("outcome", "invitation", "customer_id")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    INVITATION_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    outcome: InvitationOutcome
    invitation: Invitation
    customer_id: str
    def __init__(self, outcome: _Optional[_Union[InvitationOutcome, str]] = ..., invitation: _Optional[_Union[Invitation, _Mapping]] = ..., customer_id: _Optional[str] = ...) -> None: ...

class Invitation(_message.Message):
    __slots__ = ("invitation_id", "inviter_customer_id", "newcomer_customer_id", "state", "accept_time", "qualify_time", "return_until_time", "inviter_reward", "newcomer_reward", "capped")
    INVITATION_ID_FIELD_NUMBER: _ClassVar[int]
    INVITER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    NEWCOMER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    QUALIFY_TIME_FIELD_NUMBER: _ClassVar[int]
    RETURN_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    INVITER_REWARD_FIELD_NUMBER: _ClassVar[int]
    NEWCOMER_REWARD_FIELD_NUMBER: _ClassVar[int]
    CAPPED_FIELD_NUMBER: _ClassVar[int]
    invitation_id: str
    inviter_customer_id: str
    newcomer_customer_id: str
    state: InvitationState
    accept_time: _timestamp_pb2.Timestamp
    qualify_time: _timestamp_pb2.Timestamp
    return_until_time: _timestamp_pb2.Timestamp
    inviter_reward: InvitationReward
    newcomer_reward: InvitationReward
    capped: bool
    def __init__(self, invitation_id: _Optional[str] = ..., inviter_customer_id: _Optional[str] = ..., newcomer_customer_id: _Optional[str] = ..., state: _Optional[_Union[InvitationState, str]] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., qualify_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., return_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., inviter_reward: _Optional[_Union[InvitationReward, _Mapping]] = ..., newcomer_reward: _Optional[_Union[InvitationReward, _Mapping]] = ..., capped: _Optional[bool] = ...) -> None: ...

class ReportInvitedOrderRequest(_message.Message):
    __slots__ = ("request_id", "customer_id", "order_id", "net_amount")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    NET_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer_id: str
    order_id: str
    net_amount: _event_pb2.Money
    def __init__(self, request_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., net_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class ReportInvitedOrderResponse(_message.Message):
    __slots__ = ("outcome", "invitation")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    INVITATION_FIELD_NUMBER: _ClassVar[int]
    outcome: InvitationOutcome
    invitation: Invitation
    def __init__(self, outcome: _Optional[_Union[InvitationOutcome, str]] = ..., invitation: _Optional[_Union[Invitation, _Mapping]] = ...) -> None: ...

class ReportInvitedReturnRequest(_message.Message):
    __slots__ = ("request_id", "customer_id", "order_id", "left_amount")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    LEFT_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer_id: str
    order_id: str
    left_amount: _event_pb2.Money
    def __init__(self, request_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., left_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class ReportInvitedReturnResponse(_message.Message):
    __slots__ = ("outcome", "invitation")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    INVITATION_FIELD_NUMBER: _ClassVar[int]
    outcome: InvitationOutcome
    invitation: Invitation
    def __init__(self, outcome: _Optional[_Union[InvitationOutcome, str]] = ..., invitation: _Optional[_Union[Invitation, _Mapping]] = ...) -> None: ...

class ListInvitationsRequest(_message.Message):
    __slots__ = ("inviter_customer_id", "page_size", "page_token")
    INVITER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    inviter_customer_id: str
    page_size: int
    page_token: str
    def __init__(self, inviter_customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListInvitationsResponse(_message.Message):
    __slots__ = ("invitations", "next_page_token")
    INVITATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    invitations: _containers.RepeatedCompositeFieldContainer[Invitation]
    next_page_token: str
    def __init__(self, invitations: _Optional[_Iterable[_Union[Invitation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReportInvitationsRequest(_message.Message):
    __slots__ = ("from_time", "until_time", "conversion_window_seconds")
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_WINDOW_SECONDS_FIELD_NUMBER: _ClassVar[int]
    from_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    conversion_window_seconds: int
    def __init__(self, from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., conversion_window_seconds: _Optional[int] = ...) -> None: ...

class ReportInvitationsResponse(_message.Message):
    __slots__ = ("accepted_count", "qualified_count", "reversed_count", "capped_count", "reward_points", "inviter_count", "newcomers", "generations", "k_factor", "top_inviters")
    ACCEPTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    QUALIFIED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVERSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CAPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REWARD_POINTS_FIELD_NUMBER: _ClassVar[int]
    INVITER_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEWCOMERS_FIELD_NUMBER: _ClassVar[int]
    GENERATIONS_FIELD_NUMBER: _ClassVar[int]
    K_FACTOR_FIELD_NUMBER: _ClassVar[int]
    TOP_INVITERS_FIELD_NUMBER: _ClassVar[int]
    accepted_count: int
    qualified_count: int
    reversed_count: int
    capped_count: int
    reward_points: int
    inviter_count: int
    newcomers: _growth_service_pb2.SpreadPeople
    generations: _containers.RepeatedCompositeFieldContainer[_growth_service_pb2.SpreadGeneration]
    k_factor: float
    top_inviters: _containers.RepeatedCompositeFieldContainer[_growth_service_pb2.SpreadGiver]
    def __init__(self, accepted_count: _Optional[int] = ..., qualified_count: _Optional[int] = ..., reversed_count: _Optional[int] = ..., capped_count: _Optional[int] = ..., reward_points: _Optional[int] = ..., inviter_count: _Optional[int] = ..., newcomers: _Optional[_Union[_growth_service_pb2.SpreadPeople, _Mapping]] = ..., generations: _Optional[_Iterable[_Union[_growth_service_pb2.SpreadGeneration, _Mapping]]] = ..., k_factor: _Optional[float] = ..., top_inviters: _Optional[_Iterable[_Union[_growth_service_pb2.SpreadGiver, _Mapping]]] = ...) -> None: ...
