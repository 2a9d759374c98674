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

class QuestionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUESTION_KIND_UNSPECIFIED: _ClassVar[QuestionKind]
    QUESTION_KIND_SINGLE_CHOICE: _ClassVar[QuestionKind]
    QUESTION_KIND_SEVERAL: _ClassVar[QuestionKind]
    QUESTION_KIND_NUMBER: _ClassVar[QuestionKind]
    QUESTION_KIND_TEXT: _ClassVar[QuestionKind]
    QUESTION_KIND_RATING: _ClassVar[QuestionKind]

class SurveyAudience(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SURVEY_AUDIENCE_UNSPECIFIED: _ClassVar[SurveyAudience]
    SURVEY_AUDIENCE_MEMBERS: _ClassVar[SurveyAudience]
    SURVEY_AUDIENCE_VISITORS: _ClassVar[SurveyAudience]

class AnswerSurveyOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ANSWER_SURVEY_OUTCOME_UNSPECIFIED: _ClassVar[AnswerSurveyOutcome]
    ANSWER_SURVEY_OUTCOME_SAVED: _ClassVar[AnswerSurveyOutcome]
    ANSWER_SURVEY_OUTCOME_COMPLETED: _ClassVar[AnswerSurveyOutcome]
    ANSWER_SURVEY_OUTCOME_MISSING_ANSWERS: _ClassVar[AnswerSurveyOutcome]
    ANSWER_SURVEY_OUTCOME_ALREADY_COMPLETED: _ClassVar[AnswerSurveyOutcome]
    ANSWER_SURVEY_OUTCOME_CLOSED: _ClassVar[AnswerSurveyOutcome]
QUESTION_KIND_UNSPECIFIED: QuestionKind
QUESTION_KIND_SINGLE_CHOICE: QuestionKind
QUESTION_KIND_SEVERAL: QuestionKind
QUESTION_KIND_NUMBER: QuestionKind
QUESTION_KIND_TEXT: QuestionKind
QUESTION_KIND_RATING: QuestionKind
SURVEY_AUDIENCE_UNSPECIFIED: SurveyAudience
SURVEY_AUDIENCE_MEMBERS: SurveyAudience
SURVEY_AUDIENCE_VISITORS: SurveyAudience
ANSWER_SURVEY_OUTCOME_UNSPECIFIED: AnswerSurveyOutcome
ANSWER_SURVEY_OUTCOME_SAVED: AnswerSurveyOutcome
ANSWER_SURVEY_OUTCOME_COMPLETED: AnswerSurveyOutcome
ANSWER_SURVEY_OUTCOME_MISSING_ANSWERS: AnswerSurveyOutcome
ANSWER_SURVEY_OUTCOME_ALREADY_COMPLETED: AnswerSurveyOutcome
ANSWER_SURVEY_OUTCOME_CLOSED: AnswerSurveyOutcome

class SurveyOption(_message.Message):
    __slots__ = ("option_id", "texts", "value", "tag", "product_ids")
    class TextsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    OPTION_ID_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    option_id: str
    texts: _containers.ScalarMap[str, str]
    value: _event_pb2.PropertyValue
    tag: str
    product_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, option_id: _Optional[str] = ..., texts: _Optional[_Mapping[str, str]] = ..., value: _Optional[_Union[_event_pb2.PropertyValue, _Mapping]] = ..., tag: _Optional[str] = ..., product_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class SurveyQuestion(_message.Message):
    __slots__ = ("question_id", "kind", "texts", "required", "personal", "field", "options", "minimum", "maximum")
    class TextsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    QUESTION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    question_id: str
    kind: QuestionKind
    texts: _containers.ScalarMap[str, str]
    required: bool
    personal: bool
    field: str
    options: _containers.RepeatedCompositeFieldContainer[SurveyOption]
    minimum: str
    maximum: str
    def __init__(self, question_id: _Optional[str] = ..., kind: _Optional[_Union[QuestionKind, str]] = ..., texts: _Optional[_Mapping[str, str]] = ..., required: _Optional[bool] = ..., personal: _Optional[bool] = ..., field: _Optional[str] = ..., options: _Optional[_Iterable[_Union[SurveyOption, _Mapping]]] = ..., minimum: _Optional[str] = ..., maximum: _Optional[str] = ...) -> None: ...

class Survey(_message.Message):
    __slots__ = ("survey_id", "version", "titles", "questions", "audience", "tags", "missing_fields", "priority", "start_time", "end_time", "ask_each_version", "create_time")
    class TitlesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SURVEY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TITLES_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELDS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ASK_EACH_VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    survey_id: str
    version: int
    titles: _containers.ScalarMap[str, str]
    questions: _containers.RepeatedCompositeFieldContainer[SurveyQuestion]
    audience: SurveyAudience
    tags: _containers.RepeatedScalarFieldContainer[str]
    missing_fields: _containers.RepeatedScalarFieldContainer[str]
    priority: int
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    ask_each_version: bool
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, survey_id: _Optional[str] = ..., version: _Optional[int] = ..., titles: _Optional[_Mapping[str, str]] = ..., questions: _Optional[_Iterable[_Union[SurveyQuestion, _Mapping]]] = ..., audience: _Optional[_Union[SurveyAudience, str]] = ..., tags: _Optional[_Iterable[str]] = ..., missing_fields: _Optional[_Iterable[str]] = ..., priority: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ask_each_version: _Optional[bool] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class DefineSurveyRequest(_message.Message):
    __slots__ = ("request_id", "survey")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SURVEY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    survey: Survey
    def __init__(self, request_id: _Optional[str] = ..., survey: _Optional[_Union[Survey, _Mapping]] = ...) -> None: ...

class DefineSurveyResponse(_message.Message):
    __slots__ = ("survey",)
    SURVEY_FIELD_NUMBER: _ClassVar[int]
    survey: Survey
    def __init__(self, survey: _Optional[_Union[Survey, _Mapping]] = ...) -> None: ...

class CloseSurveyRequest(_message.Message):
    __slots__ = ("request_id", "survey_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SURVEY_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    survey_id: str
    def __init__(self, request_id: _Optional[str] = ..., survey_id: _Optional[str] = ...) -> None: ...

class CloseSurveyResponse(_message.Message):
    __slots__ = ("survey",)
    SURVEY_FIELD_NUMBER: _ClassVar[int]
    survey: Survey
    def __init__(self, survey: _Optional[_Union[Survey, _Mapping]] = ...) -> None: ...

class GetSurveyRequest(_message.Message):
    __slots__ = ("survey_id", "version")
    SURVEY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    survey_id: str
    version: int
    def __init__(self, survey_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class GetSurveyResponse(_message.Message):
    __slots__ = ("survey",)
    SURVEY_FIELD_NUMBER: _ClassVar[int]
    survey: Survey
    def __init__(self, survey: _Optional[_Union[Survey, _Mapping]] = ...) -> None: ...

class ListSurveysRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSurveysResponse(_message.Message):
    __slots__ = ("surveys", "next_page_token")
    SURVEYS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    surveys: _containers.RepeatedCompositeFieldContainer[Survey]
    next_page_token: str
    def __init__(self, surveys: _Optional[_Iterable[_Union[Survey, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ServeSurveyRequest(_message.Message):
    __slots__ = ("respondent", "language", "survey_id")
    RESPONDENT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SURVEY_ID_FIELD_NUMBER: _ClassVar[int]
    respondent: _event_pb2.CustomerRef
    language: str
    survey_id: str
    def __init__(self, respondent: _Optional[_Union[_event_pb2.CustomerRef, _Mapping]] = ..., language: _Optional[str] = ..., survey_id: _Optional[str] = ...) -> None: ...

class ServedOption(_message.Message):
    __slots__ = ("option_id", "text")
    OPTION_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    option_id: str
    text: str
    def __init__(self, option_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class ServedQuestion(_message.Message):
    __slots__ = ("question_id", "kind", "text", "required", "options", "minimum", "maximum", "answered")
    QUESTION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_FIELD_NUMBER: _ClassVar[int]
    question_id: str
    kind: QuestionKind
    text: str
    required: bool
    options: _containers.RepeatedCompositeFieldContainer[ServedOption]
    minimum: str
    maximum: str
    answered: bool
    def __init__(self, question_id: _Optional[str] = ..., kind: _Optional[_Union[QuestionKind, str]] = ..., text: _Optional[str] = ..., required: _Optional[bool] = ..., options: _Optional[_Iterable[_Union[ServedOption, _Mapping]]] = ..., minimum: _Optional[str] = ..., maximum: _Optional[str] = ..., answered: _Optional[bool] = ...) -> None: ...

class ServedSurvey(_message.Message):
    __slots__ = ("survey_id", "version", "language", "title", "questions")
    SURVEY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    survey_id: str
    version: int
    language: str
    title: str
    questions: _containers.RepeatedCompositeFieldContainer[ServedQuestion]
    def __init__(self, survey_id: _Optional[str] = ..., version: _Optional[int] = ..., language: _Optional[str] = ..., title: _Optional[str] = ..., questions: _Optional[_Iterable[_Union[ServedQuestion, _Mapping]]] = ...) -> None: ...

class ServeSurveyResponse(_message.Message):
    __slots__ = ("survey",)
    SURVEY_FIELD_NUMBER: _ClassVar[int]
    survey: ServedSurvey
    def __init__(self, survey: _Optional[_Union[ServedSurvey, _Mapping]] = ...) -> None: ...

class SurveyAnswer(_message.Message):
    __slots__ = ("question_id", "option_ids", "number", "text", "rating")
    QUESTION_ID_FIELD_NUMBER: _ClassVar[int]
    OPTION_IDS_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    question_id: str
    option_ids: _containers.RepeatedScalarFieldContainer[str]
    number: str
    text: str
    rating: int
    def __init__(self, question_id: _Optional[str] = ..., option_ids: _Optional[_Iterable[str]] = ..., number: _Optional[str] = ..., text: _Optional[str] = ..., rating: _Optional[int] = ...) -> None: ...

class AnswerSurveyRequest(_message.Message):
    __slots__ = ("request_id", "respondent", "survey_id", "version", "answers", "finish")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESPONDENT_FIELD_NUMBER: _ClassVar[int]
    SURVEY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    respondent: _event_pb2.CustomerRef
    survey_id: str
    version: int
    answers: _containers.RepeatedCompositeFieldContainer[SurveyAnswer]
    finish: bool
    def __init__(self, request_id: _Optional[str] = ..., respondent: _Optional[_Union[_event_pb2.CustomerRef, _Mapping]] = ..., survey_id: _Optional[str] = ..., version: _Optional[int] = ..., answers: _Optional[_Iterable[_Union[SurveyAnswer, _Mapping]]] = ..., finish: _Optional[bool] = ...) -> None: ...

class AnswerSurveyResponse(_message.Message):
    __slots__ = ("outcome", "customer_id", "product_ids", "missing_question_ids", "changes_pending", "changes")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    MISSING_QUESTION_IDS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_PENDING_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    outcome: AnswerSurveyOutcome
    customer_id: str
    product_ids: _containers.RepeatedScalarFieldContainer[str]
    missing_question_ids: _containers.RepeatedScalarFieldContainer[str]
    changes_pending: bool
    changes: _containers.RepeatedCompositeFieldContainer[_membership_pb2.MembershipChange]
    def __init__(self, outcome: _Optional[_Union[AnswerSurveyOutcome, str]] = ..., customer_id: _Optional[str] = ..., product_ids: _Optional[_Iterable[str]] = ..., missing_question_ids: _Optional[_Iterable[str]] = ..., changes_pending: _Optional[bool] = ..., changes: _Optional[_Iterable[_Union[_membership_pb2.MembershipChange, _Mapping]]] = ...) -> None: ...

class GetSurveyFunnelRequest(_message.Message):
    __slots__ = ("survey_id", "version")
    SURVEY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    survey_id: str
    version: int
    def __init__(self, survey_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class OptionFigure(_message.Message):
    __slots__ = ("option_id", "count")
    OPTION_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    option_id: str
    count: int
    def __init__(self, option_id: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class QuestionFigures(_message.Message):
    __slots__ = ("question_id", "answered_count", "options")
    QUESTION_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    question_id: str
    answered_count: int
    options: _containers.RepeatedCompositeFieldContainer[OptionFigure]
    def __init__(self, question_id: _Optional[str] = ..., answered_count: _Optional[int] = ..., options: _Optional[_Iterable[_Union[OptionFigure, _Mapping]]] = ...) -> None: ...

class GetSurveyFunnelResponse(_message.Message):
    __slots__ = ("served_count", "started_count", "completed_count", "questions")
    SERVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    STARTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    served_count: int
    started_count: int
    completed_count: int
    questions: _containers.RepeatedCompositeFieldContainer[QuestionFigures]
    def __init__(self, served_count: _Optional[int] = ..., started_count: _Optional[int] = ..., completed_count: _Optional[int] = ..., questions: _Optional[_Iterable[_Union[QuestionFigures, _Mapping]]] = ...) -> None: ...
