import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.profile.v1 import sandbox_service_pb2 as _sandbox_service_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AdvanceSandboxRequest(_message.Message):
    __slots__ = ("request_id", "sandbox_id", "to", "by")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SANDBOX_ID_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sandbox_id: str
    to: _timestamp_pb2.Timestamp
    by: _duration_pb2.Duration
    def __init__(self, request_id: _Optional[str] = ..., sandbox_id: _Optional[str] = ..., to: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., by: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class AdvanceSandboxResponse(_message.Message):
    __slots__ = ("now", "horizon", "fired_deadlines", "consumed_changes", "relayed_events")
    NOW_FIELD_NUMBER: _ClassVar[int]
    HORIZON_FIELD_NUMBER: _ClassVar[int]
    FIRED_DEADLINES_FIELD_NUMBER: _ClassVar[int]
    CONSUMED_CHANGES_FIELD_NUMBER: _ClassVar[int]
    RELAYED_EVENTS_FIELD_NUMBER: _ClassVar[int]
    now: _timestamp_pb2.Timestamp
    horizon: _timestamp_pb2.Timestamp
    fired_deadlines: int
    consumed_changes: int
    relayed_events: int
    def __init__(self, now: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., horizon: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., fired_deadlines: _Optional[int] = ..., consumed_changes: _Optional[int] = ..., relayed_events: _Optional[int] = ...) -> None: ...

class ResetSandboxRequest(_message.Message):
    __slots__ = ("request_id", "sandbox_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SANDBOX_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sandbox_id: str
    def __init__(self, request_id: _Optional[str] = ..., sandbox_id: _Optional[str] = ...) -> None: ...

class ResetSandboxResponse(_message.Message):
    __slots__ = ("sandbox", "erased")
    SANDBOX_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    sandbox: _sandbox_service_pb2.Sandbox
    erased: int
    def __init__(self, sandbox: _Optional[_Union[_sandbox_service_pb2.Sandbox, _Mapping]] = ..., erased: _Optional[int] = ...) -> None: ...

class EndSandboxRequest(_message.Message):
    __slots__ = ("request_id", "sandbox_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SANDBOX_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sandbox_id: str
    def __init__(self, request_id: _Optional[str] = ..., sandbox_id: _Optional[str] = ...) -> None: ...

class EndSandboxResponse(_message.Message):
    __slots__ = ("erased",)
    ERASED_FIELD_NUMBER: _ClassVar[int]
    erased: int
    def __init__(self, erased: _Optional[int] = ...) -> None: ...
