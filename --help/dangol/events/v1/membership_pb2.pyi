import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_KIND_UNSPECIFIED: _ClassVar[ChangeKind]
    CHANGE_KIND_ENTERED: _ClassVar[ChangeKind]
    CHANGE_KIND_EXITED: _ClassVar[ChangeKind]

class ChangeCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_CAUSE_UNSPECIFIED: _ClassVar[ChangeCause]
    CHANGE_CAUSE_EVENT: _ClassVar[ChangeCause]
    CHANGE_CAUSE_TIME: _ClassVar[ChangeCause]
    CHANGE_CAUSE_PROFILE: _ClassVar[ChangeCause]
    CHANGE_CAUSE_RULE: _ClassVar[ChangeCause]
    CHANGE_CAUSE_MERGE: _ClassVar[ChangeCause]
    CHANGE_CAUSE_BACKFILL: _ClassVar[ChangeCause]
    CHANGE_CAUSE_REBUILD: _ClassVar[ChangeCause]
CHANGE_KIND_UNSPECIFIED: ChangeKind
CHANGE_KIND_ENTERED: ChangeKind
CHANGE_KIND_EXITED: ChangeKind
CHANGE_CAUSE_UNSPECIFIED: ChangeCause
CHANGE_CAUSE_EVENT: ChangeCause
CHANGE_CAUSE_TIME: ChangeCause
CHANGE_CAUSE_PROFILE: ChangeCause
CHANGE_CAUSE_RULE: ChangeCause
CHANGE_CAUSE_MERGE: ChangeCause
CHANGE_CAUSE_BACKFILL: ChangeCause
CHANGE_CAUSE_REBUILD: ChangeCause

class MembershipChange(_message.Message):
    __slots__ = ("tenant_id", "customer_id", "segment_id", "stint", "kind", "cause", "effective_at", "announced_at", "partition", "sequence", "notify")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    STINT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_AT_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCED_AT_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    customer_id: str
    segment_id: str
    stint: int
    kind: ChangeKind
    cause: ChangeCause
    effective_at: _timestamp_pb2.Timestamp
    announced_at: _timestamp_pb2.Timestamp
    partition: int
    sequence: int
    notify: bool
    def __init__(self, tenant_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., segment_id: _Optional[str] = ..., stint: _Optional[int] = ..., kind: _Optional[_Union[ChangeKind, str]] = ..., cause: _Optional[_Union[ChangeCause, str]] = ..., effective_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., announced_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., partition: _Optional[int] = ..., sequence: _Optional[int] = ..., notify: _Optional[bool] = ...) -> None: ...
