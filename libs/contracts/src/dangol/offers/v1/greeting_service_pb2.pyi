from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GreetingsOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GREETINGS_OUTCOME_UNSPECIFIED: _ClassVar[GreetingsOutcome]
    GREETINGS_OUTCOME_APPLIED: _ClassVar[GreetingsOutcome]
    GREETINGS_OUTCOME_VERSION_CONFLICT: _ClassVar[GreetingsOutcome]
    GREETINGS_OUTCOME_REQUEST_CONFLICT: _ClassVar[GreetingsOutcome]
GREETINGS_OUTCOME_UNSPECIFIED: GreetingsOutcome
GREETINGS_OUTCOME_APPLIED: GreetingsOutcome
GREETINGS_OUTCOME_VERSION_CONFLICT: GreetingsOutcome
GREETINGS_OUTCOME_REQUEST_CONFLICT: GreetingsOutcome

class Greeting(_message.Message):
    __slots__ = ("greeting_id", "texts", "tier_ids", "segment_ids", "birthday", "from_minute", "until_minute")
    class TextsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    GREETING_ID_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    TIER_IDS_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    BIRTHDAY_FIELD_NUMBER: _ClassVar[int]
    FROM_MINUTE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MINUTE_FIELD_NUMBER: _ClassVar[int]
    greeting_id: str
    texts: _containers.ScalarMap[str, str]
    tier_ids: _containers.RepeatedScalarFieldContainer[str]
    segment_ids: _containers.RepeatedScalarFieldContainer[str]
    birthday: bool
    from_minute: int
    until_minute: int
    def __init__(self, greeting_id: _Optional[str] = ..., texts: _Optional[_Mapping[str, str]] = ..., tier_ids: _Optional[_Iterable[str]] = ..., segment_ids: _Optional[_Iterable[str]] = ..., birthday: _Optional[bool] = ..., from_minute: _Optional[int] = ..., until_minute: _Optional[int] = ...) -> None: ...

class SetGreetingsRequest(_message.Message):
    __slots__ = ("request_id", "greetings", "expected_version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GREETINGS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    greetings: _containers.RepeatedCompositeFieldContainer[Greeting]
    expected_version: int
    def __init__(self, request_id: _Optional[str] = ..., greetings: _Optional[_Iterable[_Union[Greeting, _Mapping]]] = ..., expected_version: _Optional[int] = ...) -> None: ...

class SetGreetingsResponse(_message.Message):
    __slots__ = ("outcome", "greetings", "version")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    GREETINGS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    outcome: GreetingsOutcome
    greetings: _containers.RepeatedCompositeFieldContainer[Greeting]
    version: int
    def __init__(self, outcome: _Optional[_Union[GreetingsOutcome, str]] = ..., greetings: _Optional[_Iterable[_Union[Greeting, _Mapping]]] = ..., version: _Optional[int] = ...) -> None: ...

class GetGreetingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetGreetingsResponse(_message.Message):
    __slots__ = ("greetings", "version")
    GREETINGS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    greetings: _containers.RepeatedCompositeFieldContainer[Greeting]
    version: int
    def __init__(self, greetings: _Optional[_Iterable[_Union[Greeting, _Mapping]]] = ..., version: _Optional[int] = ...) -> None: ...

class GreetCustomerRequest(_message.Message):
    __slots__ = ("customer_id", "language")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    language: str
    def __init__(self, customer_id: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class GreetCustomerResponse(_message.Message):
    __slots__ = ("text", "language", "greeting_id")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    GREETING_ID_FIELD_NUMBER: _ClassVar[int]
    text: str
    language: str
    greeting_id: str
    def __init__(self, text: _Optional[str] = ..., language: _Optional[str] = ..., greeting_id: _Optional[str] = ...) -> None: ...
