from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TierMove(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIER_MOVE_UNSPECIFIED: _ClassVar[TierMove]
    TIER_MOVE_PROMOTED: _ClassVar[TierMove]
    TIER_MOVE_DEMOTED: _ClassVar[TierMove]

class ProductNews(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRODUCT_NEWS_UNSPECIFIED: _ClassVar[ProductNews]
    PRODUCT_NEWS_PRICE_DROPPED: _ClassVar[ProductNews]
    PRODUCT_NEWS_RESTOCKED: _ClassVar[ProductNews]
    PRODUCT_NEWS_LAUNCHED: _ClassVar[ProductNews]
TIER_MOVE_UNSPECIFIED: TierMove
TIER_MOVE_PROMOTED: TierMove
TIER_MOVE_DEMOTED: TierMove
PRODUCT_NEWS_UNSPECIFIED: ProductNews
PRODUCT_NEWS_PRICE_DROPPED: ProductNews
PRODUCT_NEWS_RESTOCKED: ProductNews
PRODUCT_NEWS_LAUNCHED: ProductNews

class EventTrigger(_message.Message):
    __slots__ = ("event_type", "after_seconds", "audience_segment_id")
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    AFTER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    event_type: str
    after_seconds: int
    audience_segment_id: str
    def __init__(self, event_type: _Optional[str] = ..., after_seconds: _Optional[int] = ..., audience_segment_id: _Optional[str] = ...) -> None: ...

class BirthdayTrigger(_message.Message):
    __slots__ = ("days_before", "audience_segment_id")
    DAYS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    days_before: int
    audience_segment_id: str
    def __init__(self, days_before: _Optional[int] = ..., audience_segment_id: _Optional[str] = ...) -> None: ...

class CouponEndingTrigger(_message.Message):
    __slots__ = ("offer_id", "valid_days", "days_before", "audience_segment_id")
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    VALID_DAYS_FIELD_NUMBER: _ClassVar[int]
    DAYS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    valid_days: int
    days_before: int
    audience_segment_id: str
    def __init__(self, offer_id: _Optional[str] = ..., valid_days: _Optional[int] = ..., days_before: _Optional[int] = ..., audience_segment_id: _Optional[str] = ...) -> None: ...

class TierTrigger(_message.Message):
    __slots__ = ("move", "tier", "audience_segment_id")
    MOVE_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    move: TierMove
    tier: str
    audience_segment_id: str
    def __init__(self, move: _Optional[_Union[TierMove, str]] = ..., tier: _Optional[str] = ..., audience_segment_id: _Optional[str] = ...) -> None: ...

class ProductTrigger(_message.Message):
    __slots__ = ("news", "product_ids", "categories", "first_segment_id", "head_start_seconds", "audience_segment_id")
    NEWS_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    HEAD_START_SECONDS_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    news: ProductNews
    product_ids: _containers.RepeatedScalarFieldContainer[str]
    categories: _containers.RepeatedScalarFieldContainer[str]
    first_segment_id: str
    head_start_seconds: int
    audience_segment_id: str
    def __init__(self, news: _Optional[_Union[ProductNews, str]] = ..., product_ids: _Optional[_Iterable[str]] = ..., categories: _Optional[_Iterable[str]] = ..., first_segment_id: _Optional[str] = ..., head_start_seconds: _Optional[int] = ..., audience_segment_id: _Optional[str] = ...) -> None: ...

class DateTrigger(_message.Message):
    __slots__ = ("segment_id", "date", "yearly", "holiday_id", "entry_id", "offset_days", "minute_of_day")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    YEARLY_FIELD_NUMBER: _ClassVar[int]
    HOLIDAY_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_DAYS_FIELD_NUMBER: _ClassVar[int]
    MINUTE_OF_DAY_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    date: str
    yearly: str
    holiday_id: str
    entry_id: str
    offset_days: int
    minute_of_day: int
    def __init__(self, segment_id: _Optional[str] = ..., date: _Optional[str] = ..., yearly: _Optional[str] = ..., holiday_id: _Optional[str] = ..., entry_id: _Optional[str] = ..., offset_days: _Optional[int] = ..., minute_of_day: _Optional[int] = ...) -> None: ...

class TaskAction(_message.Message):
    __slots__ = ("titles", "store_id", "due_seconds")
    class TitlesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TITLES_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    DUE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    titles: _containers.ScalarMap[str, str]
    store_id: str
    due_seconds: int
    def __init__(self, titles: _Optional[_Mapping[str, str]] = ..., store_id: _Optional[str] = ..., due_seconds: _Optional[int] = ...) -> None: ...

class MessageAction(_message.Message):
    __slots__ = ("channel", "template_id", "transactional", "expire_seconds", "best_time_seconds")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSACTIONAL_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    BEST_TIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    channel: str
    template_id: str
    transactional: bool
    expire_seconds: int
    best_time_seconds: int
    def __init__(self, channel: _Optional[str] = ..., template_id: _Optional[str] = ..., transactional: _Optional[bool] = ..., expire_seconds: _Optional[int] = ..., best_time_seconds: _Optional[int] = ...) -> None: ...
