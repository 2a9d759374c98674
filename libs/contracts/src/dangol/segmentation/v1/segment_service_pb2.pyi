import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import membership_pb2 as _membership_pb2
from dangol.segmentation.v1 import rule_pb2 as _rule_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
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
    __slots__ = ("segment_id", "display_names", "rule", "at_risk", "version", "state", "member_count", "create_time", "update_time", "descriptions", "rule_tree", "starter_id", "backfill", "warnings")
    class DisplayNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class DescriptionsEntry(_message.Message):
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
    DESCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    RULE_TREE_FIELD_NUMBER: _ClassVar[int]
    STARTER_ID_FIELD_NUMBER: _ClassVar[int]
    BACKFILL_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    display_names: _containers.ScalarMap[str, str]
    rule: str
    at_risk: bool
    version: int
    state: SegmentState
    member_count: int
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    descriptions: _containers.ScalarMap[str, str]
    rule_tree: _rule_pb2.RuleNode
    starter_id: str
    backfill: BackfillProgress
    warnings: _containers.RepeatedCompositeFieldContainer[RuleWarning]
    def __init__(self, segment_id: _Optional[str] = ..., display_names: _Optional[_Mapping[str, str]] = ..., rule: _Optional[str] = ..., at_risk: _Optional[bool] = ..., version: _Optional[int] = ..., state: _Optional[_Union[SegmentState, str]] = ..., member_count: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., descriptions: _Optional[_Mapping[str, str]] = ..., rule_tree: _Optional[_Union[_rule_pb2.RuleNode, _Mapping]] = ..., starter_id: _Optional[str] = ..., backfill: _Optional[_Union[BackfillProgress, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[RuleWarning, _Mapping]]] = ...) -> None: ...

class BackfillProgress(_message.Message):
    __slots__ = ("customers_done", "customers_total")
    CUSTOMERS_DONE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMERS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    customers_done: int
    customers_total: int
    def __init__(self, customers_done: _Optional[int] = ..., customers_total: _Optional[int] = ...) -> None: ...

class RuleWarning(_message.Message):
    __slots__ = ("line", "column", "message")
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    line: int
    column: int
    message: str
    def __init__(self, line: _Optional[int] = ..., column: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

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

class CopySegmentRequest(_message.Message):
    __slots__ = ("request_id", "source_segment_id", "segment_id", "display_names", "notify_existing")
    class DisplayNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAMES_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_EXISTING_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    source_segment_id: str
    segment_id: str
    display_names: _containers.ScalarMap[str, str]
    notify_existing: bool
    def __init__(self, request_id: _Optional[str] = ..., source_segment_id: _Optional[str] = ..., segment_id: _Optional[str] = ..., display_names: _Optional[_Mapping[str, str]] = ..., notify_existing: _Optional[bool] = ...) -> None: ...

class CopySegmentResponse(_message.Message):
    __slots__ = ("segment",)
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ...) -> None: ...

class PreviewSegmentRequest(_message.Message):
    __slots__ = ("rule", "rule_tree", "sample_size")
    RULE_FIELD_NUMBER: _ClassVar[int]
    RULE_TREE_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_SIZE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    rule_tree: _rule_pb2.RuleNode
    sample_size: int
    def __init__(self, rule: _Optional[str] = ..., rule_tree: _Optional[_Union[_rule_pb2.RuleNode, _Mapping]] = ..., sample_size: _Optional[int] = ...) -> None: ...

class PreviewSegmentResponse(_message.Message):
    __slots__ = ("rule", "exact", "member_count", "member_count_min", "member_count_max", "customers_examined", "customers_total", "sample", "warnings")
    RULE_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_MIN_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_MAX_FIELD_NUMBER: _ClassVar[int]
    CUSTOMERS_EXAMINED_FIELD_NUMBER: _ClassVar[int]
    CUSTOMERS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    rule: str
    exact: bool
    member_count: int
    member_count_min: int
    member_count_max: int
    customers_examined: int
    customers_total: int
    sample: _containers.RepeatedCompositeFieldContainer[Member]
    warnings: _containers.RepeatedCompositeFieldContainer[RuleWarning]
    def __init__(self, rule: _Optional[str] = ..., exact: _Optional[bool] = ..., member_count: _Optional[int] = ..., member_count_min: _Optional[int] = ..., member_count_max: _Optional[int] = ..., customers_examined: _Optional[int] = ..., customers_total: _Optional[int] = ..., sample: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[RuleWarning, _Mapping]]] = ...) -> None: ...

class StarterSegment(_message.Message):
    __slots__ = ("starter_id", "display_names", "descriptions", "rule", "at_risk", "installed")
    class DisplayNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class DescriptionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    STARTER_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAMES_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    AT_RISK_FIELD_NUMBER: _ClassVar[int]
    INSTALLED_FIELD_NUMBER: _ClassVar[int]
    starter_id: str
    display_names: _containers.ScalarMap[str, str]
    descriptions: _containers.ScalarMap[str, str]
    rule: str
    at_risk: bool
    installed: bool
    def __init__(self, starter_id: _Optional[str] = ..., display_names: _Optional[_Mapping[str, str]] = ..., descriptions: _Optional[_Mapping[str, str]] = ..., rule: _Optional[str] = ..., at_risk: _Optional[bool] = ..., installed: _Optional[bool] = ...) -> None: ...

class ListStarterSegmentsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListStarterSegmentsResponse(_message.Message):
    __slots__ = ("segments",)
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[StarterSegment]
    def __init__(self, segments: _Optional[_Iterable[_Union[StarterSegment, _Mapping]]] = ...) -> None: ...

class InstallStarterSegmentsRequest(_message.Message):
    __slots__ = ("request_id", "starter_ids", "notify_existing")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STARTER_IDS_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_EXISTING_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    starter_ids: _containers.RepeatedScalarFieldContainer[str]
    notify_existing: bool
    def __init__(self, request_id: _Optional[str] = ..., starter_ids: _Optional[_Iterable[str]] = ..., notify_existing: _Optional[bool] = ...) -> None: ...

class InstallStarterSegmentsResponse(_message.Message):
    __slots__ = ("installed", "kept_segment_ids")
    INSTALLED_FIELD_NUMBER: _ClassVar[int]
    KEPT_SEGMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    installed: _containers.RepeatedCompositeFieldContainer[Segment]
    kept_segment_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, installed: _Optional[_Iterable[_Union[Segment, _Mapping]]] = ..., kept_segment_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ListSegmentSizesRequest(_message.Message):
    __slots__ = ("segment_id", "first_date", "last_date")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_DATE_FIELD_NUMBER: _ClassVar[int]
    LAST_DATE_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    first_date: str
    last_date: str
    def __init__(self, segment_id: _Optional[str] = ..., first_date: _Optional[str] = ..., last_date: _Optional[str] = ...) -> None: ...

class SegmentSize(_message.Message):
    __slots__ = ("date", "member_count", "entered", "exited")
    DATE_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENTERED_FIELD_NUMBER: _ClassVar[int]
    EXITED_FIELD_NUMBER: _ClassVar[int]
    date: str
    member_count: int
    entered: int
    exited: int
    def __init__(self, date: _Optional[str] = ..., member_count: _Optional[int] = ..., entered: _Optional[int] = ..., exited: _Optional[int] = ...) -> None: ...

class ListSegmentSizesResponse(_message.Message):
    __slots__ = ("sizes",)
    SIZES_FIELD_NUMBER: _ClassVar[int]
    sizes: _containers.RepeatedCompositeFieldContainer[SegmentSize]
    def __init__(self, sizes: _Optional[_Iterable[_Union[SegmentSize, _Mapping]]] = ...) -> None: ...

class GetSegmentOverlapRequest(_message.Message):
    __slots__ = ("segment_ids",)
    SEGMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    segment_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, segment_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class SegmentPair(_message.Message):
    __slots__ = ("first_segment_id", "second_segment_id", "member_count")
    FIRST_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SECOND_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    first_segment_id: str
    second_segment_id: str
    member_count: int
    def __init__(self, first_segment_id: _Optional[str] = ..., second_segment_id: _Optional[str] = ..., member_count: _Optional[int] = ...) -> None: ...

class GetSegmentOverlapResponse(_message.Message):
    __slots__ = ("member_counts", "pairs")
    MEMBER_COUNTS_FIELD_NUMBER: _ClassVar[int]
    PAIRS_FIELD_NUMBER: _ClassVar[int]
    member_counts: _containers.RepeatedScalarFieldContainer[int]
    pairs: _containers.RepeatedCompositeFieldContainer[SegmentPair]
    def __init__(self, member_counts: _Optional[_Iterable[int]] = ..., pairs: _Optional[_Iterable[_Union[SegmentPair, _Mapping]]] = ...) -> None: ...

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
    __slots__ = ("customer_id", "segment_id", "language")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    segment_id: str
    language: str
    def __init__(self, customer_id: _Optional[str] = ..., segment_id: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("text", "holds", "value", "next_flip_at", "children", "words")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    NEXT_FLIP_AT_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    text: str
    holds: bool
    value: str
    next_flip_at: _timestamp_pb2.Timestamp
    children: _containers.RepeatedCompositeFieldContainer[Explanation]
    words: str
    def __init__(self, text: _Optional[str] = ..., holds: _Optional[bool] = ..., value: _Optional[str] = ..., next_flip_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., children: _Optional[_Iterable[_Union[Explanation, _Mapping]]] = ..., words: _Optional[str] = ...) -> None: ...

class ExplainMembershipResponse(_message.Message):
    __slots__ = ("member", "stint", "entered_at", "next_flip_at", "explanation", "summary")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    STINT_FIELD_NUMBER: _ClassVar[int]
    ENTERED_AT_FIELD_NUMBER: _ClassVar[int]
    NEXT_FLIP_AT_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    member: bool
    stint: int
    entered_at: _timestamp_pb2.Timestamp
    next_flip_at: _timestamp_pb2.Timestamp
    explanation: Explanation
    summary: str
    def __init__(self, member: _Optional[bool] = ..., stint: _Optional[int] = ..., entered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_flip_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., explanation: _Optional[_Union[Explanation, _Mapping]] = ..., summary: _Optional[str] = ...) -> None: ...

class WatchMembershipsRequest(_message.Message):
    __slots__ = ("segment_ids", "resume_token")
    SEGMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    segment_ids: _containers.RepeatedScalarFieldContainer[str]
    resume_token: str
    def __init__(self, segment_ids: _Optional[_Iterable[str]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class WatchMembershipsResponse(_message.Message):
    __slots__ = ("change", "resume_token", "live")
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LIVE_FIELD_NUMBER: _ClassVar[int]
    change: _membership_pb2.MembershipChange
    resume_token: str
    live: bool
    def __init__(self, change: _Optional[_Union[_membership_pb2.MembershipChange, _Mapping]] = ..., resume_token: _Optional[str] = ..., live: _Optional[bool] = ...) -> None: ...

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

class BatchGetSegmentsRequest(_message.Message):
    __slots__ = ("segment_ids", "read_mask")
    SEGMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    segment_ids: _containers.RepeatedScalarFieldContainer[str]
    read_mask: _field_mask_pb2.FieldMask
    def __init__(self, segment_ids: _Optional[_Iterable[str]] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class BatchGetSegmentsResponse(_message.Message):
    __slots__ = ("segments",)
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[Segment]
    def __init__(self, segments: _Optional[_Iterable[_Union[Segment, _Mapping]]] = ...) -> None: ...
