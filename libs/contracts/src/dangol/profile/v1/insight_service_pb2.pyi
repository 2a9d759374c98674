import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FigureScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FIGURE_SCOPE_UNSPECIFIED: _ClassVar[FigureScope]
    FIGURE_SCOPE_STORE: _ClassVar[FigureScope]
    FIGURE_SCOPE_REGION: _ClassVar[FigureScope]
    FIGURE_SCOPE_TENANT: _ClassVar[FigureScope]

class FigureUnit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FIGURE_UNIT_UNSPECIFIED: _ClassVar[FigureUnit]
    FIGURE_UNIT_DAY: _ClassVar[FigureUnit]
    FIGURE_UNIT_WEEK: _ClassVar[FigureUnit]
    FIGURE_UNIT_MONTH: _ClassVar[FigureUnit]

class ActionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTION_KIND_UNSPECIFIED: _ClassVar[ActionKind]
    ACTION_KIND_DO_TASKS: _ClassVar[ActionKind]
    ACTION_KIND_TALK: _ClassVar[ActionKind]
    ACTION_KIND_REMIND: _ClassVar[ActionKind]
    ACTION_KIND_OFFER: _ClassVar[ActionKind]
    ACTION_KIND_ASK: _ClassVar[ActionKind]
    ACTION_KIND_TELL_OF_PRODUCT: _ClassVar[ActionKind]
FIGURE_SCOPE_UNSPECIFIED: FigureScope
FIGURE_SCOPE_STORE: FigureScope
FIGURE_SCOPE_REGION: FigureScope
FIGURE_SCOPE_TENANT: FigureScope
FIGURE_UNIT_UNSPECIFIED: FigureUnit
FIGURE_UNIT_DAY: FigureUnit
FIGURE_UNIT_WEEK: FigureUnit
FIGURE_UNIT_MONTH: FigureUnit
ACTION_KIND_UNSPECIFIED: ActionKind
ACTION_KIND_DO_TASKS: ActionKind
ACTION_KIND_TALK: ActionKind
ACTION_KIND_REMIND: ActionKind
ACTION_KIND_OFFER: ActionKind
ACTION_KIND_ASK: ActionKind
ACTION_KIND_TELL_OF_PRODUCT: ActionKind

class ListStoreFiguresRequest(_message.Message):
    __slots__ = ("scope", "unit", "first_date", "last_date", "scope_ids", "lost_after_days", "risk_after_days", "value_days")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    FIRST_DATE_FIELD_NUMBER: _ClassVar[int]
    LAST_DATE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_IDS_FIELD_NUMBER: _ClassVar[int]
    LOST_AFTER_DAYS_FIELD_NUMBER: _ClassVar[int]
    RISK_AFTER_DAYS_FIELD_NUMBER: _ClassVar[int]
    VALUE_DAYS_FIELD_NUMBER: _ClassVar[int]
    scope: FigureScope
    unit: FigureUnit
    first_date: str
    last_date: str
    scope_ids: _containers.RepeatedScalarFieldContainer[str]
    lost_after_days: int
    risk_after_days: int
    value_days: int
    def __init__(self, scope: _Optional[_Union[FigureScope, str]] = ..., unit: _Optional[_Union[FigureUnit, str]] = ..., first_date: _Optional[str] = ..., last_date: _Optional[str] = ..., scope_ids: _Optional[_Iterable[str]] = ..., lost_after_days: _Optional[int] = ..., risk_after_days: _Optional[int] = ..., value_days: _Optional[int] = ...) -> None: ...

class StoreFigures(_message.Message):
    __slots__ = ("scope_id", "date", "order_count", "revenue", "active_count", "new_count", "returning_count", "won_back_count", "lost_count", "at_risk_count", "revenue_at_risk")
    SCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEW_COUNT_FIELD_NUMBER: _ClassVar[int]
    RETURNING_COUNT_FIELD_NUMBER: _ClassVar[int]
    WON_BACK_COUNT_FIELD_NUMBER: _ClassVar[int]
    LOST_COUNT_FIELD_NUMBER: _ClassVar[int]
    AT_RISK_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_AT_RISK_FIELD_NUMBER: _ClassVar[int]
    scope_id: str
    date: str
    order_count: int
    revenue: _event_pb2.Money
    active_count: int
    new_count: int
    returning_count: int
    won_back_count: int
    lost_count: int
    at_risk_count: int
    revenue_at_risk: _event_pb2.Money
    def __init__(self, scope_id: _Optional[str] = ..., date: _Optional[str] = ..., order_count: _Optional[int] = ..., revenue: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., active_count: _Optional[int] = ..., new_count: _Optional[int] = ..., returning_count: _Optional[int] = ..., won_back_count: _Optional[int] = ..., lost_count: _Optional[int] = ..., at_risk_count: _Optional[int] = ..., revenue_at_risk: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class ListStoreFiguresResponse(_message.Message):
    __slots__ = ("figures", "as_of")
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    figures: _containers.RepeatedCompositeFieldContainer[StoreFigures]
    as_of: _timestamp_pb2.Timestamp
    def __init__(self, figures: _Optional[_Iterable[_Union[StoreFigures, _Mapping]]] = ..., as_of: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MissedCustomers(_message.Message):
    __slots__ = ("kind", "customer_count", "revenue_minor_units")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    customer_count: int
    revenue_minor_units: int
    def __init__(self, kind: _Optional[str] = ..., customer_count: _Optional[int] = ..., revenue_minor_units: _Optional[int] = ...) -> None: ...

class SuggestActionsRequest(_message.Message):
    __slots__ = ("missed", "due_task_count")
    MISSED_FIELD_NUMBER: _ClassVar[int]
    DUE_TASK_COUNT_FIELD_NUMBER: _ClassVar[int]
    missed: _containers.RepeatedCompositeFieldContainer[MissedCustomers]
    due_task_count: int
    def __init__(self, missed: _Optional[_Iterable[_Union[MissedCustomers, _Mapping]]] = ..., due_task_count: _Optional[int] = ...) -> None: ...

class SuggestedAction(_message.Message):
    __slots__ = ("action", "kind", "customer_count", "revenue_minor_units", "reasons")
    class ReasonsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ACTION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    action: ActionKind
    kind: str
    customer_count: int
    revenue_minor_units: int
    reasons: _containers.ScalarMap[str, str]
    def __init__(self, action: _Optional[_Union[ActionKind, str]] = ..., kind: _Optional[str] = ..., customer_count: _Optional[int] = ..., revenue_minor_units: _Optional[int] = ..., reasons: _Optional[_Mapping[str, str]] = ...) -> None: ...

class SuggestActionsResponse(_message.Message):
    __slots__ = ("actions",)
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    actions: _containers.RepeatedCompositeFieldContainer[SuggestedAction]
    def __init__(self, actions: _Optional[_Iterable[_Union[SuggestedAction, _Mapping]]] = ...) -> None: ...

class ReportSegmentRequest(_message.Message):
    __slots__ = ("segment_id", "start_time", "end_time", "limit")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    limit: int
    def __init__(self, segment_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., limit: _Optional[int] = ...) -> None: ...

class SegmentFavourite(_message.Message):
    __slots__ = ("id", "order_count")
    ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    id: str
    order_count: int
    def __init__(self, id: _Optional[str] = ..., order_count: _Optional[int] = ...) -> None: ...

class SegmentResponse(_message.Message):
    __slots__ = ("event_type", "event_count", "customer_count")
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    event_type: str
    event_count: int
    customer_count: int
    def __init__(self, event_type: _Optional[str] = ..., event_count: _Optional[int] = ..., customer_count: _Optional[int] = ...) -> None: ...

class ReportSegmentResponse(_message.Message):
    __slots__ = ("member_count", "measured_count", "start_time", "end_time", "buyer_count", "order_count", "revenue", "return_count", "returned", "discount", "products", "categories", "responses")
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEASURED_COUNT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    BUYER_COUNT_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_FIELD_NUMBER: _ClassVar[int]
    RETURN_COUNT_FIELD_NUMBER: _ClassVar[int]
    RETURNED_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    member_count: int
    measured_count: int
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    buyer_count: int
    order_count: int
    revenue: _event_pb2.Money
    return_count: int
    returned: _event_pb2.Money
    discount: _event_pb2.Money
    products: _containers.RepeatedCompositeFieldContainer[SegmentFavourite]
    categories: _containers.RepeatedCompositeFieldContainer[SegmentFavourite]
    responses: _containers.RepeatedCompositeFieldContainer[SegmentResponse]
    def __init__(self, member_count: _Optional[int] = ..., measured_count: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., buyer_count: _Optional[int] = ..., order_count: _Optional[int] = ..., revenue: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., return_count: _Optional[int] = ..., returned: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., discount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., products: _Optional[_Iterable[_Union[SegmentFavourite, _Mapping]]] = ..., categories: _Optional[_Iterable[_Union[SegmentFavourite, _Mapping]]] = ..., responses: _Optional[_Iterable[_Union[SegmentResponse, _Mapping]]] = ...) -> None: ...
