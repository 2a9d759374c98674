from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CalendarKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALENDAR_KIND_UNSPECIFIED: _ClassVar[CalendarKind]
    CALENDAR_KIND_HOLIDAY: _ClassVar[CalendarKind]
    CALENDAR_KIND_SUBSTITUTE_HOLIDAY: _ClassVar[CalendarKind]
    CALENDAR_KIND_SALE: _ClassVar[CalendarKind]
    CALENDAR_KIND_SEASON: _ClassVar[CalendarKind]
    CALENDAR_KIND_CAMPAIGN: _ClassVar[CalendarKind]
CALENDAR_KIND_UNSPECIFIED: CalendarKind
CALENDAR_KIND_HOLIDAY: CalendarKind
CALENDAR_KIND_SUBSTITUTE_HOLIDAY: CalendarKind
CALENDAR_KIND_SALE: CalendarKind
CALENDAR_KIND_SEASON: CalendarKind
CALENDAR_KIND_CAMPAIGN: CalendarKind

class CalendarEntry(_message.Message):
    __slots__ = ("entry_id", "kind", "display_names", "first_date", "last_date")
    class DisplayNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAMES_FIELD_NUMBER: _ClassVar[int]
    FIRST_DATE_FIELD_NUMBER: _ClassVar[int]
    LAST_DATE_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    kind: CalendarKind
    display_names: _containers.ScalarMap[str, str]
    first_date: str
    last_date: str
    def __init__(self, entry_id: _Optional[str] = ..., kind: _Optional[_Union[CalendarKind, str]] = ..., display_names: _Optional[_Mapping[str, str]] = ..., first_date: _Optional[str] = ..., last_date: _Optional[str] = ...) -> None: ...

class ListCalendarRequest(_message.Message):
    __slots__ = ("first_date", "last_date")
    FIRST_DATE_FIELD_NUMBER: _ClassVar[int]
    LAST_DATE_FIELD_NUMBER: _ClassVar[int]
    first_date: str
    last_date: str
    def __init__(self, first_date: _Optional[str] = ..., last_date: _Optional[str] = ...) -> None: ...

class ListCalendarResponse(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[CalendarEntry]
    def __init__(self, entries: _Optional[_Iterable[_Union[CalendarEntry, _Mapping]]] = ...) -> None: ...

class PutCalendarEntryRequest(_message.Message):
    __slots__ = ("request_id", "entry")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    entry: CalendarEntry
    def __init__(self, request_id: _Optional[str] = ..., entry: _Optional[_Union[CalendarEntry, _Mapping]] = ...) -> None: ...

class PutCalendarEntryResponse(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: CalendarEntry
    def __init__(self, entry: _Optional[_Union[CalendarEntry, _Mapping]] = ...) -> None: ...

class DeleteCalendarEntryRequest(_message.Message):
    __slots__ = ("request_id", "entry_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    entry_id: str
    def __init__(self, request_id: _Optional[str] = ..., entry_id: _Optional[str] = ...) -> None: ...

class DeleteCalendarEntryResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
