from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RuleComparator(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RULE_COMPARATOR_UNSPECIFIED: _ClassVar[RuleComparator]
    RULE_COMPARATOR_EQUAL: _ClassVar[RuleComparator]
    RULE_COMPARATOR_NOT_EQUAL: _ClassVar[RuleComparator]
    RULE_COMPARATOR_LESS: _ClassVar[RuleComparator]
    RULE_COMPARATOR_LESS_OR_EQUAL: _ClassVar[RuleComparator]
    RULE_COMPARATOR_GREATER: _ClassVar[RuleComparator]
    RULE_COMPARATOR_GREATER_OR_EQUAL: _ClassVar[RuleComparator]
RULE_COMPARATOR_UNSPECIFIED: RuleComparator
RULE_COMPARATOR_EQUAL: RuleComparator
RULE_COMPARATOR_NOT_EQUAL: RuleComparator
RULE_COMPARATOR_LESS: RuleComparator
RULE_COMPARATOR_LESS_OR_EQUAL: RuleComparator
RULE_COMPARATOR_GREATER: RuleComparator
RULE_COMPARATOR_GREATER_OR_EQUAL: RuleComparator

class RuleNode(_message.Message):
    __slots__ = ("all_of", "any_of", "negation", "comparison", "one_of", "holds", "has_tag", "any_item", "unanswered", "in_segment", "birthday_within_days", "anniversary_within_days")
    ALL_OF_FIELD_NUMBER: _ClassVar[int]
    ANY_OF_FIELD_NUMBER: _ClassVar[int]
    NEGATION_FIELD_NUMBER: _ClassVar[int]
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    ONE_OF_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    HAS_TAG_FIELD_NUMBER: _ClassVar[int]
    ANY_ITEM_FIELD_NUMBER: _ClassVar[int]
    UNANSWERED_FIELD_NUMBER: _ClassVar[int]
    IN_SEGMENT_FIELD_NUMBER: _ClassVar[int]
    BIRTHDAY_WITHIN_DAYS_FIELD_NUMBER: _ClassVar[int]
    ANNIVERSARY_WITHIN_DAYS_FIELD_NUMBER: _ClassVar[int]
    all_of: RuleParts
    any_of: RuleParts
    negation: RuleNode
    comparison: RuleComparison
    one_of: RuleOneOf
    holds: RuleTerm
    has_tag: str
    any_item: RuleNode
    unanswered: RuleUnanswered
    in_segment: str
    birthday_within_days: int
    anniversary_within_days: int
    def __init__(self, all_of: _Optional[_Union[RuleParts, _Mapping]] = ..., any_of: _Optional[_Union[RuleParts, _Mapping]] = ..., negation: _Optional[_Union[RuleNode, _Mapping]] = ..., comparison: _Optional[_Union[RuleComparison, _Mapping]] = ..., one_of: _Optional[_Union[RuleOneOf, _Mapping]] = ..., holds: _Optional[_Union[RuleTerm, _Mapping]] = ..., has_tag: _Optional[str] = ..., any_item: _Optional[_Union[RuleNode, _Mapping]] = ..., unanswered: _Optional[_Union[RuleUnanswered, _Mapping]] = ..., in_segment: _Optional[str] = ..., birthday_within_days: _Optional[int] = ..., anniversary_within_days: _Optional[int] = ...) -> None: ...

class RuleParts(_message.Message):
    __slots__ = ("parts",)
    PARTS_FIELD_NUMBER: _ClassVar[int]
    parts: _containers.RepeatedCompositeFieldContainer[RuleNode]
    def __init__(self, parts: _Optional[_Iterable[_Union[RuleNode, _Mapping]]] = ...) -> None: ...

class RuleComparison(_message.Message):
    __slots__ = ("left", "comparator", "right")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    COMPARATOR_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    left: RuleTerm
    comparator: RuleComparator
    right: RuleTerm
    def __init__(self, left: _Optional[_Union[RuleTerm, _Mapping]] = ..., comparator: _Optional[_Union[RuleComparator, str]] = ..., right: _Optional[_Union[RuleTerm, _Mapping]] = ...) -> None: ...

class RuleOneOf(_message.Message):
    __slots__ = ("term", "values")
    TERM_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    term: RuleTerm
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, term: _Optional[_Union[RuleTerm, _Mapping]] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...

class RuleTerm(_message.Message):
    __slots__ = ("number", "text", "flag", "duration_ms", "count", "distinct", "sum", "average", "minimum", "maximum", "first", "last", "since_first", "since_last", "profile", "field", "property", "consent")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DISTINCT_FIELD_NUMBER: _ClassVar[int]
    SUM_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIRST_FIELD_NUMBER: _ClassVar[int]
    SINCE_LAST_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    PROPERTY_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    number: str
    text: str
    flag: bool
    duration_ms: int
    count: RuleMeasure
    distinct: RuleMeasure
    sum: RuleMeasure
    average: RuleMeasure
    minimum: RuleMeasure
    maximum: RuleMeasure
    first: RuleEvents
    last: RuleEvents
    since_first: RuleEvents
    since_last: RuleEvents
    profile: str
    field: str
    property: str
    consent: str
    def __init__(self, number: _Optional[str] = ..., text: _Optional[str] = ..., flag: _Optional[bool] = ..., duration_ms: _Optional[int] = ..., count: _Optional[_Union[RuleMeasure, _Mapping]] = ..., distinct: _Optional[_Union[RuleMeasure, _Mapping]] = ..., sum: _Optional[_Union[RuleMeasure, _Mapping]] = ..., average: _Optional[_Union[RuleMeasure, _Mapping]] = ..., minimum: _Optional[_Union[RuleMeasure, _Mapping]] = ..., maximum: _Optional[_Union[RuleMeasure, _Mapping]] = ..., first: _Optional[_Union[RuleEvents, _Mapping]] = ..., last: _Optional[_Union[RuleEvents, _Mapping]] = ..., since_first: _Optional[_Union[RuleEvents, _Mapping]] = ..., since_last: _Optional[_Union[RuleEvents, _Mapping]] = ..., profile: _Optional[str] = ..., field: _Optional[str] = ..., property: _Optional[str] = ..., consent: _Optional[str] = ...) -> None: ...

class RuleEvents(_message.Message):
    __slots__ = ("event", "where")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    event: str
    where: RuleNode
    def __init__(self, event: _Optional[str] = ..., where: _Optional[_Union[RuleNode, _Mapping]] = ...) -> None: ...

class RuleMeasure(_message.Message):
    __slots__ = ("events", "property", "window")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    PROPERTY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    events: RuleEvents
    property: str
    window: RuleWindow
    def __init__(self, events: _Optional[_Union[RuleEvents, _Mapping]] = ..., property: _Optional[str] = ..., window: _Optional[_Union[RuleWindow, _Mapping]] = ...) -> None: ...

class RuleWindow(_message.Message):
    __slots__ = ("older_ms", "newer_ms")
    OLDER_MS_FIELD_NUMBER: _ClassVar[int]
    NEWER_MS_FIELD_NUMBER: _ClassVar[int]
    older_ms: int
    newer_ms: int
    def __init__(self, older_ms: _Optional[int] = ..., newer_ms: _Optional[int] = ...) -> None: ...

class RuleUnanswered(_message.Message):
    __slots__ = ("asked", "answer", "key", "after_ms", "until_ms")
    ASKED_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    asked: RuleEvents
    answer: RuleEvents
    key: str
    after_ms: int
    until_ms: int
    def __init__(self, asked: _Optional[_Union[RuleEvents, _Mapping]] = ..., answer: _Optional[_Union[RuleEvents, _Mapping]] = ..., key: _Optional[str] = ..., after_ms: _Optional[int] = ..., until_ms: _Optional[int] = ...) -> None: ...
