import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from dangol.events.v1 import membership_pb2 as _membership_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORD_OUTCOME_UNSPECIFIED: _ClassVar[RecordOutcome]
    RECORD_OUTCOME_RECORDED: _ClassVar[RecordOutcome]
    RECORD_OUTCOME_DUPLICATE: _ClassVar[RecordOutcome]
    RECORD_OUTCOME_REJECTED: _ClassVar[RecordOutcome]
RECORD_OUTCOME_UNSPECIFIED: RecordOutcome
RECORD_OUTCOME_RECORDED: RecordOutcome
RECORD_OUTCOME_DUPLICATE: RecordOutcome
RECORD_OUTCOME_REJECTED: RecordOutcome

class RecordEventsRequest(_message.Message):
    __slots__ = ("events", "import_id")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    import_id: str
    def __init__(self, events: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ..., import_id: _Optional[str] = ...) -> None: ...

class EventResult(_message.Message):
    __slots__ = ("event_id", "outcome", "code", "field", "message")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    outcome: RecordOutcome
    code: str
    field: str
    message: str
    def __init__(self, event_id: _Optional[str] = ..., outcome: _Optional[_Union[RecordOutcome, str]] = ..., code: _Optional[str] = ..., field: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class RecordEventsResponse(_message.Message):
    __slots__ = ("results", "changes", "changes_pending")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CHANGES_PENDING_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[EventResult]
    changes: _containers.RepeatedCompositeFieldContainer[_membership_pb2.MembershipChange]
    changes_pending: bool
    def __init__(self, results: _Optional[_Iterable[_Union[EventResult, _Mapping]]] = ..., changes: _Optional[_Iterable[_Union[_membership_pb2.MembershipChange, _Mapping]]] = ..., changes_pending: _Optional[bool] = ...) -> None: ...

class StreamEventsRequest(_message.Message):
    __slots__ = ("batch",)
    BATCH_FIELD_NUMBER: _ClassVar[int]
    batch: RecordEventsRequest
    def __init__(self, batch: _Optional[_Union[RecordEventsRequest, _Mapping]] = ...) -> None: ...

class StreamEventsResponse(_message.Message):
    __slots__ = ("batch",)
    BATCH_FIELD_NUMBER: _ClassVar[int]
    batch: RecordEventsResponse
    def __init__(self, batch: _Optional[_Union[RecordEventsResponse, _Mapping]] = ...) -> None: ...

class ProfileSnapshot(_message.Message):
    __slots__ = ("version", "create_time", "gender", "age_band", "tier", "region", "language", "tags", "fields", "member", "birthday", "consents")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _event_pb2.PropertyValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_event_pb2.PropertyValue, _Mapping]] = ...) -> None: ...
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    AGE_BAND_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    BIRTHDAY_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    version: int
    create_time: _timestamp_pb2.Timestamp
    gender: str
    age_band: str
    tier: str
    region: str
    language: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    fields: _containers.MessageMap[str, _event_pb2.PropertyValue]
    member: bool
    birthday: str
    consents: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., gender: _Optional[str] = ..., age_band: _Optional[str] = ..., tier: _Optional[str] = ..., region: _Optional[str] = ..., language: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ..., fields: _Optional[_Mapping[str, _event_pb2.PropertyValue]] = ..., member: _Optional[bool] = ..., birthday: _Optional[str] = ..., consents: _Optional[_Iterable[str]] = ...) -> None: ...

class KeyedEvent(_message.Message):
    __slots__ = ("key", "evaluated_at_ms", "received_at_ms", "event")
    KEY_FIELD_NUMBER: _ClassVar[int]
    EVALUATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    key: bytes
    evaluated_at_ms: int
    received_at_ms: int
    event: _event_pb2.Event
    def __init__(self, key: _Optional[bytes] = ..., evaluated_at_ms: _Optional[int] = ..., received_at_ms: _Optional[int] = ..., event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ...) -> None: ...

class StreamHistoryRequest(_message.Message):
    __slots__ = ("customer_ids", "start_after_customer_id", "event_types", "sample_size")
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    START_AFTER_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_SIZE_FIELD_NUMBER: _ClassVar[int]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    start_after_customer_id: str
    event_types: _containers.RepeatedScalarFieldContainer[str]
    sample_size: int
    def __init__(self, customer_ids: _Optional[_Iterable[str]] = ..., start_after_customer_id: _Optional[str] = ..., event_types: _Optional[_Iterable[str]] = ..., sample_size: _Optional[int] = ...) -> None: ...

class StreamHistoryResponse(_message.Message):
    __slots__ = ("customer_id", "profile", "events", "merged_into")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    profile: ProfileSnapshot
    events: _containers.RepeatedCompositeFieldContainer[KeyedEvent]
    merged_into: str
    def __init__(self, customer_id: _Optional[str] = ..., profile: _Optional[_Union[ProfileSnapshot, _Mapping]] = ..., events: _Optional[_Iterable[_Union[KeyedEvent, _Mapping]]] = ..., merged_into: _Optional[str] = ...) -> None: ...

class ListTouchedCustomersRequest(_message.Message):
    __slots__ = ("since", "page_size", "page_token")
    SINCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    since: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTouchedCustomersResponse(_message.Message):
    __slots__ = ("customer_ids", "next_page_token")
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    next_page_token: str
    def __init__(self, customer_ids: _Optional[_Iterable[str]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PurchaseWindow(_message.Message):
    __slots__ = ("customer_id", "start_time", "end_time")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, customer_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MeasurePurchasesRequest(_message.Message):
    __slots__ = ("windows",)
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    windows: _containers.RepeatedCompositeFieldContainer[PurchaseWindow]
    def __init__(self, windows: _Optional[_Iterable[_Union[PurchaseWindow, _Mapping]]] = ...) -> None: ...

class PurchaseFigures(_message.Message):
    __slots__ = ("order_count", "revenue_minor_units")
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    order_count: int
    revenue_minor_units: int
    def __init__(self, order_count: _Optional[int] = ..., revenue_minor_units: _Optional[int] = ...) -> None: ...

class MeasurePurchasesResponse(_message.Message):
    __slots__ = ("figures",)
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    figures: _containers.RepeatedCompositeFieldContainer[PurchaseFigures]
    def __init__(self, figures: _Optional[_Iterable[_Union[PurchaseFigures, _Mapping]]] = ...) -> None: ...
