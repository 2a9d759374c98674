import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Sandbox(_message.Message):
    __slots__ = ("sandbox_id", "display_name", "clock_now", "clock_horizon", "clock_start")
    SANDBOX_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CLOCK_NOW_FIELD_NUMBER: _ClassVar[int]
    CLOCK_HORIZON_FIELD_NUMBER: _ClassVar[int]
    CLOCK_START_FIELD_NUMBER: _ClassVar[int]
    sandbox_id: str
    display_name: str
    clock_now: _timestamp_pb2.Timestamp
    clock_horizon: _timestamp_pb2.Timestamp
    clock_start: _timestamp_pb2.Timestamp
    def __init__(self, sandbox_id: _Optional[str] = ..., display_name: _Optional[str] = ..., clock_now: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., clock_horizon: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., clock_start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateSandboxRequest(_message.Message):
    __slots__ = ("request_id", "display_name", "clock_start")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CLOCK_START_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    display_name: str
    clock_start: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., display_name: _Optional[str] = ..., clock_start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateSandboxResponse(_message.Message):
    __slots__ = ("sandbox",)
    SANDBOX_FIELD_NUMBER: _ClassVar[int]
    sandbox: Sandbox
    def __init__(self, sandbox: _Optional[_Union[Sandbox, _Mapping]] = ...) -> None: ...

class ListSandboxesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListSandboxesResponse(_message.Message):
    __slots__ = ("sandboxes",)
    SANDBOXES_FIELD_NUMBER: _ClassVar[int]
    sandboxes: _containers.RepeatedCompositeFieldContainer[Sandbox]
    def __init__(self, sandboxes: _Optional[_Iterable[_Union[Sandbox, _Mapping]]] = ...) -> None: ...

class ReplaceSandboxRequest(_message.Message):
    __slots__ = ("request_id", "actor", "without_successor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_SUCCESSOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    actor: str
    without_successor: bool
    def __init__(self, request_id: _Optional[str] = ..., actor: _Optional[str] = ..., without_successor: _Optional[bool] = ...) -> None: ...

class ReplaceSandboxResponse(_message.Message):
    __slots__ = ("sandbox",)
    SANDBOX_FIELD_NUMBER: _ClassVar[int]
    sandbox: Sandbox
    def __init__(self, sandbox: _Optional[_Union[Sandbox, _Mapping]] = ...) -> None: ...

class EraseSandboxRequest(_message.Message):
    __slots__ = ("sandbox_id", "final")
    SANDBOX_ID_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    sandbox_id: str
    final: bool
    def __init__(self, sandbox_id: _Optional[str] = ..., final: _Optional[bool] = ...) -> None: ...

class EraseSandboxResponse(_message.Message):
    __slots__ = ("erased",)
    ERASED_FIELD_NUMBER: _ClassVar[int]
    erased: int
    def __init__(self, erased: _Optional[int] = ...) -> None: ...

class ListEndedSandboxesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListEndedSandboxesResponse(_message.Message):
    __slots__ = ("sandboxes",)
    SANDBOXES_FIELD_NUMBER: _ClassVar[int]
    sandboxes: _containers.RepeatedCompositeFieldContainer[EndedSandbox]
    def __init__(self, sandboxes: _Optional[_Iterable[_Union[EndedSandbox, _Mapping]]] = ...) -> None: ...

class EndedSandbox(_message.Message):
    __slots__ = ("sandbox_id", "end_time")
    SANDBOX_ID_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    sandbox_id: str
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, sandbox_id: _Optional[str] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
