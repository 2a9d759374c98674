import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from dangol.events.v1 import membership_pb2 as _membership_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Gender(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GENDER_UNSPECIFIED: _ClassVar[Gender]
    GENDER_FEMALE: _ClassVar[Gender]
    GENDER_MALE: _ClassVar[Gender]
    GENDER_OTHER: _ClassVar[Gender]

class IdentifyOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDENTIFY_OUTCOME_UNSPECIFIED: _ClassVar[IdentifyOutcome]
    IDENTIFY_OUTCOME_CREATED: _ClassVar[IdentifyOutcome]
    IDENTIFY_OUTCOME_LINKED: _ClassVar[IdentifyOutcome]
    IDENTIFY_OUTCOME_MERGED: _ClassVar[IdentifyOutcome]
    IDENTIFY_OUTCOME_UNCHANGED: _ClassVar[IdentifyOutcome]
    IDENTIFY_OUTCOME_CONFLICT: _ClassVar[IdentifyOutcome]

class TimelineOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIMELINE_ORDER_UNSPECIFIED: _ClassVar[TimelineOrder]
    TIMELINE_ORDER_NEWEST_FIRST: _ClassVar[TimelineOrder]
    TIMELINE_ORDER_OLDEST_FIRST: _ClassVar[TimelineOrder]
GENDER_UNSPECIFIED: Gender
GENDER_FEMALE: Gender
GENDER_MALE: Gender
GENDER_OTHER: Gender
IDENTIFY_OUTCOME_UNSPECIFIED: IdentifyOutcome
IDENTIFY_OUTCOME_CREATED: IdentifyOutcome
IDENTIFY_OUTCOME_LINKED: IdentifyOutcome
IDENTIFY_OUTCOME_MERGED: IdentifyOutcome
IDENTIFY_OUTCOME_UNCHANGED: IdentifyOutcome
IDENTIFY_OUTCOME_CONFLICT: IdentifyOutcome
TIMELINE_ORDER_UNSPECIFIED: TimelineOrder
TIMELINE_ORDER_NEWEST_FIRST: TimelineOrder
TIMELINE_ORDER_OLDEST_FIRST: TimelineOrder

class LunarDate(_message.Message):
    __slots__ = ("year", "month", "day", "leap_month")
    YEAR_FIELD_NUMBER: _ClassVar[int]
    MONTH_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    LEAP_MONTH_FIELD_NUMBER: _ClassVar[int]
    year: int
    month: int
    day: int
    leap_month: bool
    def __init__(self, year: _Optional[int] = ..., month: _Optional[int] = ..., day: _Optional[int] = ..., leap_month: _Optional[bool] = ...) -> None: ...

class Preference(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, values: _Optional[_Iterable[str]] = ...) -> None: ...

class Customer(_message.Message):
    __slots__ = ("customer_id", "version", "display_name", "gender", "birth_date", "age_band", "tier", "region", "language", "tags", "fields", "member", "identifier_namespaces", "create_time", "first_seen", "last_seen", "last_purchase", "order_count", "revenue", "consents", "postal_address", "note", "personal_fields", "lunar_birth_date", "preferences", "masked")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _event_pb2.PropertyValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_event_pb2.PropertyValue, _Mapping]] = ...) -> None: ...
    class PersonalFieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _event_pb2.PropertyValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_event_pb2.PropertyValue, _Mapping]] = ...) -> None: ...
    class PreferencesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Preference
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Preference, _Mapping]] = ...) -> None: ...
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    AGE_BAND_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_NAMESPACES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    LAST_PURCHASE_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    POSTAL_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_FIELDS_FIELD_NUMBER: _ClassVar[int]
    LUNAR_BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    MASKED_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    version: int
    display_name: str
    gender: Gender
    birth_date: str
    age_band: str
    tier: str
    region: str
    language: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    fields: _containers.MessageMap[str, _event_pb2.PropertyValue]
    member: bool
    identifier_namespaces: _containers.RepeatedScalarFieldContainer[str]
    create_time: _timestamp_pb2.Timestamp
    first_seen: _timestamp_pb2.Timestamp
    last_seen: _timestamp_pb2.Timestamp
    last_purchase: _timestamp_pb2.Timestamp
    order_count: int
    revenue: _event_pb2.Money
    consents: _containers.RepeatedScalarFieldContainer[str]
    postal_address: str
    note: str
    personal_fields: _containers.MessageMap[str, _event_pb2.PropertyValue]
    lunar_birth_date: LunarDate
    preferences: _containers.MessageMap[str, Preference]
    masked: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, customer_id: _Optional[str] = ..., version: _Optional[int] = ..., display_name: _Optional[str] = ..., gender: _Optional[_Union[Gender, str]] = ..., birth_date: _Optional[str] = ..., age_band: _Optional[str] = ..., tier: _Optional[str] = ..., region: _Optional[str] = ..., language: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ..., fields: _Optional[_Mapping[str, _event_pb2.PropertyValue]] = ..., member: _Optional[bool] = ..., identifier_namespaces: _Optional[_Iterable[str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., first_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_purchase: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order_count: _Optional[int] = ..., revenue: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., consents: _Optional[_Iterable[str]] = ..., postal_address: _Optional[str] = ..., note: _Optional[str] = ..., personal_fields: _Optional[_Mapping[str, _event_pb2.PropertyValue]] = ..., lunar_birth_date: _Optional[_Union[LunarDate, _Mapping]] = ..., preferences: _Optional[_Mapping[str, Preference]] = ..., masked: _Optional[_Iterable[str]] = ...) -> None: ...

class IdentifyCustomerRequest(_message.Message):
    __slots__ = ("request_id", "identifiers", "attributes")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    identifiers: _containers.RepeatedCompositeFieldContainer[_event_pb2.CustomerRef]
    attributes: Customer
    def __init__(self, request_id: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[_event_pb2.CustomerRef, _Mapping]]] = ..., attributes: _Optional[_Union[Customer, _Mapping]] = ...) -> None: ...

class IdentifyCustomerResponse(_message.Message):
    __slots__ = ("outcome", "customer")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    outcome: IdentifyOutcome
    customer: Customer
    def __init__(self, outcome: _Optional[_Union[IdentifyOutcome, str]] = ..., customer: _Optional[_Union[Customer, _Mapping]] = ...) -> None: ...

class GetCustomerRequest(_message.Message):
    __slots__ = ("customer_id", "identifier", "read_mask")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    identifier: _event_pb2.CustomerRef
    read_mask: _field_mask_pb2.FieldMask
    def __init__(self, customer_id: _Optional[str] = ..., identifier: _Optional[_Union[_event_pb2.CustomerRef, _Mapping]] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class GetCustomerResponse(_message.Message):
    __slots__ = ("customer",)
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    customer: Customer
    def __init__(self, customer: _Optional[_Union[Customer, _Mapping]] = ...) -> None: ...

class BatchGetCustomersRequest(_message.Message):
    __slots__ = ("customer_ids", "read_mask")
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    read_mask: _field_mask_pb2.FieldMask
    def __init__(self, customer_ids: _Optional[_Iterable[str]] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class BatchGetCustomersResponse(_message.Message):
    __slots__ = ("customers",)
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    customers: _containers.RepeatedCompositeFieldContainer[Customer]
    def __init__(self, customers: _Optional[_Iterable[_Union[Customer, _Mapping]]] = ...) -> None: ...

class ListCustomersRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "tag", "filter", "read_mask")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    tag: str
    filter: str
    read_mask: _field_mask_pb2.FieldMask
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., tag: _Optional[str] = ..., filter: _Optional[str] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class ListCustomersResponse(_message.Message):
    __slots__ = ("customers", "next_page_token", "total_size", "total_is_more")
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_IS_MORE_FIELD_NUMBER: _ClassVar[int]
    customers: _containers.RepeatedCompositeFieldContainer[Customer]
    next_page_token: str
    total_size: int
    total_is_more: bool
    def __init__(self, customers: _Optional[_Iterable[_Union[Customer, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ..., total_is_more: _Optional[bool] = ...) -> None: ...

class CountCustomersRequest(_message.Message):
    __slots__ = ("tag", "filter")
    TAG_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    tag: str
    filter: str
    def __init__(self, tag: _Optional[str] = ..., filter: _Optional[str] = ...) -> None: ...

class CountCustomersResponse(_message.Message):
    __slots__ = ("count",)
    COUNT_FIELD_NUMBER: _ClassVar[int]
    count: int
    def __init__(self, count: _Optional[int] = ...) -> None: ...

class ListCustomerMergesRequest(_message.Message):
    __slots__ = ("customer_id", "page_size", "page_token")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    page_size: int
    page_token: str
    def __init__(self, customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class CustomerMerge(_message.Message):
    __slots__ = ("customer_id", "merged_into", "merge_time", "taken", "kept", "combined")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    MERGE_TIME_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    COMBINED_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    merged_into: str
    merge_time: _timestamp_pb2.Timestamp
    taken: _containers.RepeatedScalarFieldContainer[str]
    kept: _containers.RepeatedScalarFieldContainer[str]
    combined: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, customer_id: _Optional[str] = ..., merged_into: _Optional[str] = ..., merge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., taken: _Optional[_Iterable[str]] = ..., kept: _Optional[_Iterable[str]] = ..., combined: _Optional[_Iterable[str]] = ...) -> None: ...

class ListCustomerMergesResponse(_message.Message):
    __slots__ = ("merges", "next_page_token")
    MERGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    merges: _containers.RepeatedCompositeFieldContainer[CustomerMerge]
    next_page_token: str
    def __init__(self, merges: _Optional[_Iterable[_Union[CustomerMerge, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateCustomerRequest(_message.Message):
    __slots__ = ("request_id", "customer", "update_mask")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer: Customer
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, request_id: _Optional[str] = ..., customer: _Optional[_Union[Customer, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateCustomerResponse(_message.Message):
    __slots__ = ("customer",)
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    customer: Customer
    def __init__(self, customer: _Optional[_Union[Customer, _Mapping]] = ...) -> None: ...

class ListTimelineRequest(_message.Message):
    __slots__ = ("customer_id", "page_size", "page_token", "types", "channels", "store_ids", "start_time", "end_time", "order")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    STORE_IDS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    page_size: int
    page_token: str
    types: _containers.RepeatedScalarFieldContainer[str]
    channels: _containers.RepeatedScalarFieldContainer[_event_pb2.Channel]
    store_ids: _containers.RepeatedScalarFieldContainer[str]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    order: TimelineOrder
    def __init__(self, customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., types: _Optional[_Iterable[str]] = ..., channels: _Optional[_Iterable[_Union[_event_pb2.Channel, str]]] = ..., store_ids: _Optional[_Iterable[str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order: _Optional[_Union[TimelineOrder, str]] = ...) -> None: ...

class ListTimelineResponse(_message.Message):
    __slots__ = ("events", "next_page_token")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    next_page_token: str
    def __init__(self, events: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ConsentEntry(_message.Message):
    __slots__ = ("purpose", "channel", "granted", "decide_time", "source", "notice", "actor", "record_time", "confirmation")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    GRANTED_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    channel: str
    granted: bool
    decide_time: _timestamp_pb2.Timestamp
    source: str
    notice: str
    actor: str
    record_time: _timestamp_pb2.Timestamp
    confirmation: bool
    def __init__(self, purpose: _Optional[str] = ..., channel: _Optional[str] = ..., granted: _Optional[bool] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[str] = ..., notice: _Optional[str] = ..., actor: _Optional[str] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., confirmation: _Optional[bool] = ...) -> None: ...

class SetConsentRequest(_message.Message):
    __slots__ = ("request_id", "customer_id", "entries")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    customer_id: str
    entries: _containers.RepeatedCompositeFieldContainer[ConsentEntry]
    def __init__(self, request_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., entries: _Optional[_Iterable[_Union[ConsentEntry, _Mapping]]] = ...) -> None: ...

class SetConsentResponse(_message.Message):
    __slots__ = ("customer", "changes", "changes_pending")
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CHANGES_PENDING_FIELD_NUMBER: _ClassVar[int]
    customer: Customer
    changes: _containers.RepeatedCompositeFieldContainer[_membership_pb2.MembershipChange]
    changes_pending: bool
    def __init__(self, customer: _Optional[_Union[Customer, _Mapping]] = ..., changes: _Optional[_Iterable[_Union[_membership_pb2.MembershipChange, _Mapping]]] = ..., changes_pending: _Optional[bool] = ...) -> None: ...

class ListConsentsRequest(_message.Message):
    __slots__ = ("customer_id", "page_size", "page_token")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    page_size: int
    page_token: str
    def __init__(self, customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListConsentsResponse(_message.Message):
    __slots__ = ("entries", "next_page_token", "granted")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    GRANTED_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[ConsentEntry]
    next_page_token: str
    granted: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, entries: _Optional[_Iterable[_Union[ConsentEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., granted: _Optional[_Iterable[str]] = ...) -> None: ...

class ListMergedCustomersRequest(_message.Message):
    __slots__ = ("since", "page_size", "page_token")
    SINCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    since: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class MergedCustomer(_message.Message):
    __slots__ = ("tenant_id", "customer_id", "merged_into", "merge_time")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    MERGE_TIME_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    customer_id: str
    merged_into: str
    merge_time: _timestamp_pb2.Timestamp
    def __init__(self, tenant_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., merged_into: _Optional[str] = ..., merge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListMergedCustomersResponse(_message.Message):
    __slots__ = ("merges", "next_page_token")
    MERGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    merges: _containers.RepeatedCompositeFieldContainer[MergedCustomer]
    next_page_token: str
    def __init__(self, merges: _Optional[_Iterable[_Union[MergedCustomer, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
