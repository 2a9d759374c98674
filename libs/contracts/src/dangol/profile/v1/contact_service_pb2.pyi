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

class RevealOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVEAL_OUTCOME_UNSPECIFIED: _ClassVar[RevealOutcome]
    REVEAL_OUTCOME_REVEALED: _ClassVar[RevealOutcome]
    REVEAL_OUTCOME_NO_CONTACT: _ClassVar[RevealOutcome]
    REVEAL_OUTCOME_NO_CONSENT: _ClassVar[RevealOutcome]
    REVEAL_OUTCOME_CUSTOMER_NOT_FOUND: _ClassVar[RevealOutcome]
REVEAL_OUTCOME_UNSPECIFIED: RevealOutcome
REVEAL_OUTCOME_REVEALED: RevealOutcome
REVEAL_OUTCOME_NO_CONTACT: RevealOutcome
REVEAL_OUTCOME_NO_CONSENT: RevealOutcome
REVEAL_OUTCOME_CUSTOMER_NOT_FOUND: RevealOutcome

class ContactWanted(_message.Message):
    __slots__ = ("customer_id", "message_id", "purpose")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    message_id: str
    purpose: str
    def __init__(self, customer_id: _Optional[str] = ..., message_id: _Optional[str] = ..., purpose: _Optional[str] = ...) -> None: ...

class RevealContactsRequest(_message.Message):
    __slots__ = ("channel", "wanted", "recipient")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    WANTED_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    channel: str
    wanted: _containers.RepeatedCompositeFieldContainer[ContactWanted]
    recipient: str
    def __init__(self, channel: _Optional[str] = ..., wanted: _Optional[_Iterable[_Union[ContactWanted, _Mapping]]] = ..., recipient: _Optional[str] = ...) -> None: ...

class RevealedContact(_message.Message):
    __slots__ = ("outcome", "addresses")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    outcome: RevealOutcome
    addresses: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, outcome: _Optional[_Union[RevealOutcome, str]] = ..., addresses: _Optional[_Iterable[str]] = ...) -> None: ...

class RevealContactsResponse(_message.Message):
    __slots__ = ("contacts",)
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[RevealedContact]
    def __init__(self, contacts: _Optional[_Iterable[_Union[RevealedContact, _Mapping]]] = ...) -> None: ...

class ListRevealsRequest(_message.Message):
    __slots__ = ("customer_id", "page_size", "page_token")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    page_size: int
    page_token: str
    def __init__(self, customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class Reveal(_message.Message):
    __slots__ = ("channel", "message_id", "purpose", "caller", "recipient", "address_count", "reveal_time")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVEAL_TIME_FIELD_NUMBER: _ClassVar[int]
    channel: str
    message_id: str
    purpose: str
    caller: str
    recipient: str
    address_count: int
    reveal_time: _timestamp_pb2.Timestamp
    def __init__(self, channel: _Optional[str] = ..., message_id: _Optional[str] = ..., purpose: _Optional[str] = ..., caller: _Optional[str] = ..., recipient: _Optional[str] = ..., address_count: _Optional[int] = ..., reveal_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListRevealsResponse(_message.Message):
    __slots__ = ("reveals", "next_page_token")
    REVEALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    reveals: _containers.RepeatedCompositeFieldContainer[Reveal]
    next_page_token: str
    def __init__(self, reveals: _Optional[_Iterable[_Union[Reveal, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
