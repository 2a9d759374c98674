import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PublishableKey(_message.Message):
    __slots__ = ("key_id", "display_name", "origins", "create_time", "revoke_time")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    ORIGINS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    display_name: str
    origins: _containers.RepeatedScalarFieldContainer[str]
    create_time: _timestamp_pb2.Timestamp
    revoke_time: _timestamp_pb2.Timestamp
    def __init__(self, key_id: _Optional[str] = ..., display_name: _Optional[str] = ..., origins: _Optional[_Iterable[str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoke_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreatePublishableKeyRequest(_message.Message):
    __slots__ = ("request_id", "display_name", "origins")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    ORIGINS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    display_name: str
    origins: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., display_name: _Optional[str] = ..., origins: _Optional[_Iterable[str]] = ...) -> None: ...

class CreatePublishableKeyResponse(_message.Message):
    __slots__ = ("key", "publishable_key")
    KEY_FIELD_NUMBER: _ClassVar[int]
    PUBLISHABLE_KEY_FIELD_NUMBER: _ClassVar[int]
    key: PublishableKey
    publishable_key: str
    def __init__(self, key: _Optional[_Union[PublishableKey, _Mapping]] = ..., publishable_key: _Optional[str] = ...) -> None: ...

class ListPublishableKeysRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListPublishableKeysResponse(_message.Message):
    __slots__ = ("keys",)
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedCompositeFieldContainer[PublishableKey]
    def __init__(self, keys: _Optional[_Iterable[_Union[PublishableKey, _Mapping]]] = ...) -> None: ...

class RevokePublishableKeyRequest(_message.Message):
    __slots__ = ("key_id",)
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    def __init__(self, key_id: _Optional[str] = ...) -> None: ...

class RevokePublishableKeyResponse(_message.Message):
    __slots__ = ("key",)
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: PublishableKey
    def __init__(self, key: _Optional[_Union[PublishableKey, _Mapping]] = ...) -> None: ...

class CheckPublishableKeyRequest(_message.Message):
    __slots__ = ("publishable_key", "origin")
    PUBLISHABLE_KEY_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    publishable_key: str
    origin: str
    def __init__(self, publishable_key: _Optional[str] = ..., origin: _Optional[str] = ...) -> None: ...

class CheckPublishableKeyResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
