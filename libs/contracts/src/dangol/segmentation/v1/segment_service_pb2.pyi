import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import membership_pb2 as _membership_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SegmentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEGMENT_STATE_UNSPECIFIED: _ClassVar[SegmentState]
    SEGMENT_STATE_BACKFILLING: _ClassVar[SegmentState]
    SEGMENT_STATE_LIVE: _ClassVar[SegmentState]
SEGMENT_STATE_UNSPECIFIED: SegmentState
SEGMENT_STATE_BACKFILLING: SegmentState
SEGMENT_STATE_LIVE: SegmentState

class Segment(_message.Message):
    __slots__ = ("segment_id", "display_names", "rule", "at_risk", "version", "state", "member_count", "create_time", "update_time")
    class DisplayNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAMES_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    AT_RISK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    display_names: _containers.ScalarMap[str, str]
    rule: str
    at_risk: bool
    version: int
    state: SegmentState
    member_count: int
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, segment_id: _Optional[str] = ..., display_names: _Optional[_Mapping[str, str]] = ..., rule: _Optional[str] = ..., at_risk: _Optional[bool] = ..., version: _Optional[int] = ..., state: _Optional[_Union[SegmentState, str]] = ..., member_count: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateSegmentRequest(_message.Message):
    __slots__ = ("request_id", "segment", "notify_existing")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_EXISTING_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    segment: Segment
    notify_existing: bool
    def __init__(self, request_id: _Optional[str] = ..., segment: _Optional[_Union[Segment, _Mapping]] = ..., notify_existing: _Optional[bool] = ...) -> None: ...

class CreateSegmentResponse(_message.Message):
    __slots__ = ("segment",)
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ...) -> None: ...

class UpdateSegmentRequest(_message.Message):
    __slots__ = ("request_id", "segment", "notify_existing")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_EXISTING_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    segment: Segment
    notify_existing: bool
    def __init__(self, request_id: _Optional[str] = ..., segment: _Optional[_Union[Segment, _Mapping]] = ..., notify_existing: _Optional[bool] = ...) -> None: ...

class UpdateSegmentResponse(_message.Message):
    __slots__ = ("segment",)
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ...) -> None: ...

class GetSegmentRequest(_message.Message):
    __slots__ = ("segment_id",)
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    def __init__(self, segment_id: _Optional[str] = ...) -> None: ...

class GetSegmentResponse(_message.Message):
    __slots__ = ("segment",)
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ...) -> None: ...

class ListSegmentsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSegmentsResponse(_message.Message):
    __slots__ = ("segments", "next_page_token")
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[Segment]
    next_page_token: str
    def __init__(self, segments: _Optional[_Iterable[_Union[Segment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteSegmentRequest(_message.Message):
    __slots__ = ("request_id", "segment_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    segment_id: str
    def __init__(self, request_id: _Optional[str] = ..., segment_id: _Optional[str] = ...) -> None: ...

class DeleteSegmentResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListMembersRequest(_message.Message):
    __slots__ = ("segment_id", "page_size", "page_token")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    page_size: int
    page_token: str
    def __init__(self, segment_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("customer_id", "stint", "entered_at")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    STINT_FIELD_NUMBER: _ClassVar[int]
    ENTERED_AT_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    stint: int
    entered_at: _timestamp_pb2.Timestamp
    def __init__(self, customer_id: _Optional[str] = ..., stint: _Optional[int] = ..., entered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListMembersResponse(_message.Message):
    __slots__ = ("members", "next_page_token", "total_size")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[Member]
    next_page_token: str
    total_size: int
    def __init__(self, members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class ListMembershipsRequest(_message.Message):
    __slots__ = ("customer_ids",)
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, customer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Membership(_message.Message):
    __slots__ = ("segment_id", "stint", "entered_at")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    STINT_FIELD_NUMBER: _ClassVar[int]
    ENTERED_AT_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    stint: int
    entered_at: _timestamp_pb2.Timestamp
    def __init__(self, segment_id: _Optional[str] = ..., stint: _Optional[int] = ..., entered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CustomerMemberships(_message.Message):
    __slots__ = ("customer_id", "memberships")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIPS_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    memberships: _containers.RepeatedCompositeFieldContainer[Membership]
    def __init__(self, customer_id: _Optional[str] = ..., memberships: _Optional[_Iterable[_Union[Membership, _Mapping]]] = ...) -> None: ...

class ListMembershipsResponse(_message.Message):
    __slots__ = ("customers",)
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    customers: _containers.RepeatedCompositeFieldContainer[CustomerMemberships]
    def __init__(self, customers: _Optional[_Iterable[_Union[CustomerMemberships, _Mapping]]] = ...) -> None: ...

class ExplainMembershipRequest(_message.Message):
    __slots__ = ("customer_id", "segment_id")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    segment_id: str
    def __init__(self, customer_id: _Optional[str] = ..., segment_id: _Optional[str] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("text", "holds", "value", "next_flip_at", "children")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    NEXT_FLIP_AT_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_FIELD_NUMBER: _ClassVar[int]
    text: str
    holds: bool
    value: str
    next_flip_at: _timestamp_pb2.Timestamp
    children: _containers.RepeatedCompositeFieldContainer[Explanation]
    def __init__(self, text: _Optional[str] = ..., holds: _Optional[bool] = ..., value: _Optional[str] = ..., next_flip_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., children: _Optional[_Iterable[_Union[Explanation, _Mapping]]] = ...) -> None: ...

class ExplainMembershipResponse(_message.Message):
    __slots__ = ("member", "stint", "entered_at", "next_flip_at", "explanation")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    STINT_FIELD_NUMBER: _ClassVar[int]
    ENTERED_AT_FIELD_NUMBER: _ClassVar[int]
    NEXT_FLIP_AT_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    member: bool
    stint: int
    entered_at: _timestamp_pb2.Timestamp
    next_flip_at: _timestamp_pb2.Timestamp
    explanation: Explanation
    def __init__(self, member: _Optional[bool] = ..., stint: _Optional[int] = ..., entered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_flip_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., explanation: _Optional[_Union[Explanation, _Mapping]] = ...) -> None: ...

class WatchMembershipsRequest(_message.Message):
    __slots__ = ("segment_ids", "resume_token")
    SEGMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    segment_ids: _containers.RepeatedScalarFieldContainer[str]
    resume_token: str
    def __init__(self, segment_ids: _Optional[_Iterable[str]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class WatchMembershipsResponse(_message.Message):
    __slots__ = ("change", "resume_token")
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    change: _membership_pb2.MembershipChange
    resume_token: str
    def __init__(self, change: _Optional[_Union[_membership_pb2.MembershipChange, _Mapping]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class ListAnnouncementsRequest(_message.Message):
    __slots__ = ("partition", "after_sequence", "page_size")
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    partition: int
    after_sequence: int
    page_size: int
    def __init__(self, partition: _Optional[int] = ..., after_sequence: _Optional[int] = ..., page_size: _Optional[int] = ...) -> None: ...

class ListAnnouncementsResponse(_message.Message):
    __slots__ = ("changes",)
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[_membership_pb2.MembershipChange]
    def __init__(self, changes: _Optional[_Iterable[_Union[_membership_pb2.MembershipChange, _Mapping]]] = ...) -> None: ...
