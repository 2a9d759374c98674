import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AdvanceClockRequest(_message.Message):
    __slots__ = ("now", "horizon")
    NOW_FIELD_NUMBER: _ClassVar[int]
    HORIZON_FIELD_NUMBER: _ClassVar[int]
    now: _timestamp_pb2.Timestamp
    horizon: _timestamp_pb2.Timestamp
    def __init__(self, now: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., horizon: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AdvanceClockResponse(_message.Message):
    __slots__ = ("fired_deadlines", "consumed_changes", "relayed_events")
    FIRED_DEADLINES_FIELD_NUMBER: _ClassVar[int]
    CONSUMED_CHANGES_FIELD_NUMBER: _ClassVar[int]
    RELAYED_EVENTS_FIELD_NUMBER: _ClassVar[int]
    fired_deadlines: int
    consumed_changes: int
    relayed_events: int
    def __init__(self, fired_deadlines: _Optional[int] = ..., consumed_changes: _Optional[int] = ..., relayed_events: _Optional[int] = ...) -> None: ...
