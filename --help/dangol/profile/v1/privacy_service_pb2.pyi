import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class KeyRotationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KEY_ROTATION_STATE_UNSPECIFIED: _ClassVar[KeyRotationState]
    KEY_ROTATION_STATE_RUNNING: _ClassVar[KeyRotationState]
    KEY_ROTATION_STATE_COMPLETE: _ClassVar[KeyRotationState]
KEY_ROTATION_STATE_UNSPECIFIED: KeyRotationState
KEY_ROTATION_STATE_RUNNING: KeyRotationState
KEY_ROTATION_STATE_COMPLETE: KeyRotationState

class KeyRotation(_message.Message):
    __slots__ = ("tenant_id", "version", "state", "customer_count", "identifier_count", "consent_count", "broken_count", "start_time", "complete_time")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONSENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    BROKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    version: int
    state: KeyRotationState
    customer_count: int
    identifier_count: int
    consent_count: int
    broken_count: int
    start_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    def __init__(self, tenant_id: _Optional[str] = ..., version: _Optional[int] = ..., state: _Optional[_Union[KeyRotationState, str]] = ..., customer_count: _Optional[int] = ..., identifier_count: _Optional[int] = ..., consent_count: _Optional[int] = ..., broken_count: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListKeyRotationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListKeyRotationsResponse(_message.Message):
    __slots__ = ("rotations", "next_page_token")
    ROTATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rotations: _containers.RepeatedCompositeFieldContainer[KeyRotation]
    next_page_token: str
    def __init__(self, rotations: _Optional[_Iterable[_Union[KeyRotation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
