import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SearchCustomersRequest(_message.Message):
    __slots__ = ("phone_last_four", "name", "initials", "email", "store_id")
    PHONE_LAST_FOUR_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    INITIALS_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    phone_last_four: str
    name: str
    initials: str
    email: str
    store_id: str
    def __init__(self, phone_last_four: _Optional[str] = ..., name: _Optional[str] = ..., initials: _Optional[str] = ..., email: _Optional[str] = ..., store_id: _Optional[str] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("customer_id", "masked_name", "masked_phone", "tier", "member")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    MASKED_NAME_FIELD_NUMBER: _ClassVar[int]
    MASKED_PHONE_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    masked_name: str
    masked_phone: str
    tier: str
    member: bool
    def __init__(self, customer_id: _Optional[str] = ..., masked_name: _Optional[str] = ..., masked_phone: _Optional[str] = ..., tier: _Optional[str] = ..., member: _Optional[bool] = ...) -> None: ...

class SearchCustomersResponse(_message.Message):
    __slots__ = ("candidates", "more")
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    more: bool
    def __init__(self, candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ..., more: _Optional[bool] = ...) -> None: ...

class ListSearchesRequest(_message.Message):
    __slots__ = ("customer_id", "page_size", "page_token")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    page_size: int
    page_token: str
    def __init__(self, customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class SearchEntry(_message.Message):
    __slots__ = ("search_time", "caller", "store_id", "kinds", "customer_ids")
    SEARCH_TIME_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    search_time: _timestamp_pb2.Timestamp
    caller: str
    store_id: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, search_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., caller: _Optional[str] = ..., store_id: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ..., customer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ListSearchesResponse(_message.Message):
    __slots__ = ("searches", "next_page_token")
    SEARCHES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    searches: _containers.RepeatedCompositeFieldContainer[SearchEntry]
    next_page_token: str
    def __init__(self, searches: _Optional[_Iterable[_Union[SearchEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
