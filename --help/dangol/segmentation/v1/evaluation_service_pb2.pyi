import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import membership_pb2 as _membership_pb2
from dangol.profile.v1 import event_service_pb2 as _event_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CustomerDelta(_message.Message):
    __slots__ = ("customer_id", "created", "profile", "events")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    created: bool
    profile: _event_service_pb2.ProfileSnapshot
    events: _containers.RepeatedCompositeFieldContainer[_event_service_pb2.KeyedEvent]
    def __init__(self, customer_id: _Optional[str] = ..., created: _Optional[bool] = ..., profile: _Optional[_Union[_event_service_pb2.ProfileSnapshot, _Mapping]] = ..., events: _Optional[_Iterable[_Union[_event_service_pb2.KeyedEvent, _Mapping]]] = ...) -> None: ...

class EvaluateRequest(_message.Message):
    __slots__ = ("intent_time", "customers")
    INTENT_TIME_FIELD_NUMBER: _ClassVar[int]
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    intent_time: _timestamp_pb2.Timestamp
    customers: _containers.RepeatedCompositeFieldContainer[CustomerDelta]
    def __init__(self, intent_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., customers: _Optional[_Iterable[_Union[CustomerDelta, _Mapping]]] = ...) -> None: ...

class EvaluateResponse(_message.Message):
    __slots__ = ("changes", "pending_customer_ids")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    PENDING_CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[_membership_pb2.MembershipChange]
    pending_customer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, changes: _Optional[_Iterable[_Union[_membership_pb2.MembershipChange, _Mapping]]] = ..., pending_customer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ReplayCustomersRequest(_message.Message):
    __slots__ = ("customer_ids", "cause")
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    cause: _membership_pb2.ChangeCause
    def __init__(self, customer_ids: _Optional[_Iterable[str]] = ..., cause: _Optional[_Union[_membership_pb2.ChangeCause, str]] = ...) -> None: ...

class ReplayCustomersResponse(_message.Message):
    __slots__ = ("changes", "pending_customer_ids")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    PENDING_CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[_membership_pb2.MembershipChange]
    pending_customer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, changes: _Optional[_Iterable[_Union[_membership_pb2.MembershipChange, _Mapping]]] = ..., pending_customer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class RebuildRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RebuildResponse(_message.Message):
    __slots__ = ("customer_count", "change_count")
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    customer_count: int
    change_count: int
    def __init__(self, customer_count: _Optional[int] = ..., change_count: _Optional[int] = ...) -> None: ...

class GetReadinessRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetReadinessResponse(_message.Message):
    __slots__ = ("ready", "partitions_ready", "customers_rebuilt", "customers_total")
    READY_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_READY_FIELD_NUMBER: _ClassVar[int]
    CUSTOMERS_REBUILT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMERS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    ready: bool
    partitions_ready: int
    customers_rebuilt: int
    customers_total: int
    def __init__(self, ready: _Optional[bool] = ..., partitions_ready: _Optional[int] = ..., customers_rebuilt: _Optional[int] = ..., customers_total: _Optional[int] = ...) -> None: ...
