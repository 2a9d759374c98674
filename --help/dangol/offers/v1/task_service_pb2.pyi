import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TaskState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TASK_STATE_UNSPECIFIED: _ClassVar[TaskState]
    TASK_STATE_OPEN: _ClassVar[TaskState]
    TASK_STATE_DONE: _ClassVar[TaskState]
    TASK_STATE_DISMISSED: _ClassVar[TaskState]

class TaskOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TASK_OUTCOME_UNSPECIFIED: _ClassVar[TaskOutcome]
    TASK_OUTCOME_APPLIED: _ClassVar[TaskOutcome]
    TASK_OUTCOME_NOT_FOUND: _ClassVar[TaskOutcome]
    TASK_OUTCOME_ALREADY_CLOSED: _ClassVar[TaskOutcome]
    TASK_OUTCOME_TOO_MANY_NOTES: _ClassVar[TaskOutcome]
    TASK_OUTCOME_REQUEST_CONFLICT: _ClassVar[TaskOutcome]
TASK_STATE_UNSPECIFIED: TaskState
TASK_STATE_OPEN: TaskState
TASK_STATE_DONE: TaskState
TASK_STATE_DISMISSED: TaskState
TASK_OUTCOME_UNSPECIFIED: TaskOutcome
TASK_OUTCOME_APPLIED: TaskOutcome
TASK_OUTCOME_NOT_FOUND: TaskOutcome
TASK_OUTCOME_ALREADY_CLOSED: TaskOutcome
TASK_OUTCOME_TOO_MANY_NOTES: TaskOutcome
TASK_OUTCOME_REQUEST_CONFLICT: TaskOutcome

class TaskNote(_message.Message):
    __slots__ = ("text", "author", "write_time")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    WRITE_TIME_FIELD_NUMBER: _ClassVar[int]
    text: str
    author: str
    write_time: _timestamp_pb2.Timestamp
    def __init__(self, text: _Optional[str] = ..., author: _Optional[str] = ..., write_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Task(_message.Message):
    __slots__ = ("task_id", "campaign_id", "variant_id", "enrolment_id", "customer_id", "store_id", "titles", "create_time", "due_time", "state", "close_time", "closed_by", "notes")
    class TitlesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_ID_FIELD_NUMBER: _ClassVar[int]
    ENROLMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    TITLES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSED_BY_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    campaign_id: str
    variant_id: str
    enrolment_id: str
    customer_id: str
    store_id: str
    titles: _containers.ScalarMap[str, str]
    create_time: _timestamp_pb2.Timestamp
    due_time: _timestamp_pb2.Timestamp
    state: TaskState
    close_time: _timestamp_pb2.Timestamp
    closed_by: str
    notes: _containers.RepeatedCompositeFieldContainer[TaskNote]
    def __init__(self, task_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., variant_id: _Optional[str] = ..., enrolment_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., store_id: _Optional[str] = ..., titles: _Optional[_Mapping[str, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[TaskState, str]] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., closed_by: _Optional[str] = ..., notes: _Optional[_Iterable[_Union[TaskNote, _Mapping]]] = ...) -> None: ...

class ListTasksRequest(_message.Message):
    __slots__ = ("store_id", "state", "due_before", "page_size", "page_token")
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DUE_BEFORE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    store_id: str
    state: TaskState
    due_before: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, store_id: _Optional[str] = ..., state: _Optional[_Union[TaskState, str]] = ..., due_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTasksResponse(_message.Message):
    __slots__ = ("tasks", "next_page_token")
    TASKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tasks: _containers.RepeatedCompositeFieldContainer[Task]
    next_page_token: str
    def __init__(self, tasks: _Optional[_Iterable[_Union[Task, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetTaskRequest(_message.Message):
    __slots__ = ("task_id",)
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    def __init__(self, task_id: _Optional[str] = ...) -> None: ...

class GetTaskResponse(_message.Message):
    __slots__ = ("outcome", "task")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    outcome: TaskOutcome
    task: Task
    def __init__(self, outcome: _Optional[_Union[TaskOutcome, str]] = ..., task: _Optional[_Union[Task, _Mapping]] = ...) -> None: ...

class CloseTaskRequest(_message.Message):
    __slots__ = ("request_id", "task_id", "state", "note")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    task_id: str
    state: TaskState
    note: str
    def __init__(self, request_id: _Optional[str] = ..., task_id: _Optional[str] = ..., state: _Optional[_Union[TaskState, str]] = ..., note: _Optional[str] = ...) -> None: ...

class CloseTaskResponse(_message.Message):
    __slots__ = ("outcome", "task")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    outcome: TaskOutcome
    task: Task
    def __init__(self, outcome: _Optional[_Union[TaskOutcome, str]] = ..., task: _Optional[_Union[Task, _Mapping]] = ...) -> None: ...

class AddTaskNoteRequest(_message.Message):
    __slots__ = ("request_id", "task_id", "note")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    task_id: str
    note: str
    def __init__(self, request_id: _Optional[str] = ..., task_id: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class AddTaskNoteResponse(_message.Message):
    __slots__ = ("outcome", "task")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    outcome: TaskOutcome
    task: Task
    def __init__(self, outcome: _Optional[_Union[TaskOutcome, str]] = ..., task: _Optional[_Union[Task, _Mapping]] = ...) -> None: ...
