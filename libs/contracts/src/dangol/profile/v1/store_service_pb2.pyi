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

class UpsertStoreOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UPSERT_STORE_OUTCOME_UNSPECIFIED: _ClassVar[UpsertStoreOutcome]
    UPSERT_STORE_OUTCOME_CREATED: _ClassVar[UpsertStoreOutcome]
    UPSERT_STORE_OUTCOME_CHANGED: _ClassVar[UpsertStoreOutcome]
    UPSERT_STORE_OUTCOME_UNCHANGED: _ClassVar[UpsertStoreOutcome]
    UPSERT_STORE_OUTCOME_VERSION_CONFLICT: _ClassVar[UpsertStoreOutcome]
    UPSERT_STORE_OUTCOME_REQUEST_CONFLICT: _ClassVar[UpsertStoreOutcome]
UPSERT_STORE_OUTCOME_UNSPECIFIED: UpsertStoreOutcome
UPSERT_STORE_OUTCOME_CREATED: UpsertStoreOutcome
UPSERT_STORE_OUTCOME_CHANGED: UpsertStoreOutcome
UPSERT_STORE_OUTCOME_UNCHANGED: UpsertStoreOutcome
UPSERT_STORE_OUTCOME_VERSION_CONFLICT: UpsertStoreOutcome
UPSERT_STORE_OUTCOME_REQUEST_CONFLICT: UpsertStoreOutcome

class Store(_message.Message):
    __slots__ = ("store_id", "display_names", "region", "zone", "time_zone", "version", "archived", "create_time", "update_time")
    class DisplayNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAMES_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    store_id: str
    display_names: _containers.ScalarMap[str, str]
    region: str
    zone: str
    time_zone: str
    version: int
    archived: bool
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, store_id: _Optional[str] = ..., display_names: _Optional[_Mapping[str, str]] = ..., region: _Optional[str] = ..., zone: _Optional[str] = ..., time_zone: _Optional[str] = ..., version: _Optional[int] = ..., archived: _Optional[bool] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class UpsertStoresRequest(_message.Message):
    __slots__ = ("request_id", "stores")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STORES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    stores: _containers.RepeatedCompositeFieldContainer[Store]
    def __init__(self, request_id: _Optional[str] = ..., stores: _Optional[_Iterable[_Union[Store, _Mapping]]] = ...) -> None: ...

class UpsertStoreResult(_message.Message):
    __slots__ = ("outcome", "store")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    outcome: UpsertStoreOutcome
    store: Store
    def __init__(self, outcome: _Optional[_Union[UpsertStoreOutcome, str]] = ..., store: _Optional[_Union[Store, _Mapping]] = ...) -> None: ...

class UpsertStoresResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[UpsertStoreResult]
    def __init__(self, results: _Optional[_Iterable[_Union[UpsertStoreResult, _Mapping]]] = ...) -> None: ...

class GetStoreRequest(_message.Message):
    __slots__ = ("store_id",)
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    store_id: str
    def __init__(self, store_id: _Optional[str] = ...) -> None: ...

class GetStoreResponse(_message.Message):
    __slots__ = ("store",)
    STORE_FIELD_NUMBER: _ClassVar[int]
    store: Store
    def __init__(self, store: _Optional[_Union[Store, _Mapping]] = ...) -> None: ...

class ListStoresRequest(_message.Message):
    __slots__ = ("region", "zone", "include_archived", "page_size", "page_token")
    REGION_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_ARCHIVED_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    region: str
    zone: str
    include_archived: bool
    page_size: int
    page_token: str
    def __init__(self, region: _Optional[str] = ..., zone: _Optional[str] = ..., include_archived: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStoresResponse(_message.Message):
    __slots__ = ("stores", "next_page_token")
    STORES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    stores: _containers.RepeatedCompositeFieldContainer[Store]
    next_page_token: str
    def __init__(self, stores: _Optional[_Iterable[_Union[Store, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ArchiveStoreRequest(_message.Message):
    __slots__ = ("request_id", "store_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    store_id: str
    def __init__(self, request_id: _Optional[str] = ..., store_id: _Optional[str] = ...) -> None: ...

class ArchiveStoreResponse(_message.Message):
    __slots__ = ("store",)
    STORE_FIELD_NUMBER: _ClassVar[int]
    store: Store
    def __init__(self, store: _Optional[_Union[Store, _Mapping]] = ...) -> None: ...

class RestoreStoreRequest(_message.Message):
    __slots__ = ("request_id", "store_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    store_id: str
    def __init__(self, request_id: _Optional[str] = ..., store_id: _Optional[str] = ...) -> None: ...

class RestoreStoreResponse(_message.Message):
    __slots__ = ("store",)
    STORE_FIELD_NUMBER: _ClassVar[int]
    store: Store
    def __init__(self, store: _Optional[_Union[Store, _Mapping]] = ...) -> None: ...
