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

class EntryFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENTRY_FORMAT_UNSPECIFIED: _ClassVar[EntryFormat]
    ENTRY_FORMAT_CSV: _ClassVar[EntryFormat]
    ENTRY_FORMAT_JSON_LINES: _ClassVar[EntryFormat]

class JournalFaultKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOURNAL_FAULT_KIND_UNSPECIFIED: _ClassVar[JournalFaultKind]
    JOURNAL_FAULT_KIND_ACCOUNT_INVALID: _ClassVar[JournalFaultKind]
    JOURNAL_FAULT_KIND_ACCOUNT_MISSING: _ClassVar[JournalFaultKind]
    JOURNAL_FAULT_KIND_ACCOUNT_CUT: _ClassVar[JournalFaultKind]
    JOURNAL_FAULT_KIND_ACCOUNT_REWRITTEN: _ClassVar[JournalFaultKind]
    JOURNAL_FAULT_KIND_CHECKPOINT_MISSING: _ClassVar[JournalFaultKind]
    JOURNAL_FAULT_KIND_CHECKPOINT_ALTERED: _ClassVar[JournalFaultKind]
ENTRY_FORMAT_UNSPECIFIED: EntryFormat
ENTRY_FORMAT_CSV: EntryFormat
ENTRY_FORMAT_JSON_LINES: EntryFormat
JOURNAL_FAULT_KIND_UNSPECIFIED: JournalFaultKind
JOURNAL_FAULT_KIND_ACCOUNT_INVALID: JournalFaultKind
JOURNAL_FAULT_KIND_ACCOUNT_MISSING: JournalFaultKind
JOURNAL_FAULT_KIND_ACCOUNT_CUT: JournalFaultKind
JOURNAL_FAULT_KIND_ACCOUNT_REWRITTEN: JournalFaultKind
JOURNAL_FAULT_KIND_CHECKPOINT_MISSING: JournalFaultKind
JOURNAL_FAULT_KIND_CHECKPOINT_ALTERED: JournalFaultKind

class Entry(_message.Message):
    __slots__ = ("account_id", "number", "kind", "debit", "credit", "amount_minor_units", "request_id", "order_id", "gift_id", "campaign_id", "actor", "time", "hash", "discount_minor_units", "refund_minor_units", "customer_id", "offer_id", "coupon_id", "points")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DEBIT_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    GIFT_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    REFUND_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    number: int
    kind: str
    debit: str
    credit: str
    amount_minor_units: int
    request_id: str
    order_id: str
    gift_id: str
    campaign_id: str
    actor: str
    time: _timestamp_pb2.Timestamp
    hash: bytes
    discount_minor_units: int
    refund_minor_units: int
    customer_id: str
    offer_id: str
    coupon_id: str
    points: int
    def __init__(self, account_id: _Optional[str] = ..., number: _Optional[int] = ..., kind: _Optional[str] = ..., debit: _Optional[str] = ..., credit: _Optional[str] = ..., amount_minor_units: _Optional[int] = ..., request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., gift_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., actor: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., hash: _Optional[bytes] = ..., discount_minor_units: _Optional[int] = ..., refund_minor_units: _Optional[int] = ..., customer_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., points: _Optional[int] = ...) -> None: ...

class EntryFilter(_message.Message):
    __slots__ = ("account_id", "order_id", "customer_id", "campaign_id", "start_time", "end_time")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    order_id: str
    customer_id: str
    campaign_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, account_id: _Optional[str] = ..., order_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListEntriesRequest(_message.Message):
    __slots__ = ("account_id", "filter", "page_size", "page_token")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    filter: EntryFilter
    page_size: int
    page_token: str
    def __init__(self, account_id: _Optional[str] = ..., filter: _Optional[_Union[EntryFilter, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEntriesResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[Entry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[Entry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ExportEntriesRequest(_message.Message):
    __slots__ = ("filter", "format", "resume_token")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    filter: EntryFilter
    format: EntryFormat
    resume_token: str
    def __init__(self, filter: _Optional[_Union[EntryFilter, _Mapping]] = ..., format: _Optional[_Union[EntryFormat, str]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class ExportEntriesResponse(_message.Message):
    __slots__ = ("data", "resume_token")
    DATA_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    resume_token: str
    def __init__(self, data: _Optional[bytes] = ..., resume_token: _Optional[str] = ...) -> None: ...

class GetTrialBalanceRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Book(_message.Message):
    __slots__ = ("book", "debit", "credit", "state_balance")
    BOOK_FIELD_NUMBER: _ClassVar[int]
    DEBIT_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    STATE_BALANCE_FIELD_NUMBER: _ClassVar[int]
    book: str
    debit: int
    credit: int
    state_balance: int
    def __init__(self, book: _Optional[str] = ..., debit: _Optional[int] = ..., credit: _Optional[int] = ..., state_balance: _Optional[int] = ...) -> None: ...

class GetTrialBalanceResponse(_message.Message):
    __slots__ = ("books", "difference", "disagreeing_books")
    BOOKS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    DISAGREEING_BOOKS_FIELD_NUMBER: _ClassVar[int]
    books: _containers.RepeatedCompositeFieldContainer[Book]
    difference: int
    disagreeing_books: int
    def __init__(self, books: _Optional[_Iterable[_Union[Book, _Mapping]]] = ..., difference: _Optional[int] = ..., disagreeing_books: _Optional[int] = ...) -> None: ...

class VerifyJournalRequest(_message.Message):
    __slots__ = ("account_id", "known_checkpoints")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KNOWN_CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    known_checkpoints: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, account_id: _Optional[str] = ..., known_checkpoints: _Optional[_Iterable[str]] = ...) -> None: ...

class JournalFault(_message.Message):
    __slots__ = ("kind", "account_id", "checkpoint_number", "detail")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    kind: JournalFaultKind
    account_id: str
    checkpoint_number: int
    detail: str
    def __init__(self, kind: _Optional[_Union[JournalFaultKind, str]] = ..., account_id: _Optional[str] = ..., checkpoint_number: _Optional[int] = ..., detail: _Optional[str] = ...) -> None: ...

class VerifyJournalResponse(_message.Message):
    __slots__ = ("accounts_checked", "entries_checked", "faults", "fault_count", "done", "new_faults", "checkpoint_number", "checkpoint_time")
    ACCOUNTS_CHECKED_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_CHECKED_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    FAULT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    NEW_FAULTS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_TIME_FIELD_NUMBER: _ClassVar[int]
    accounts_checked: int
    entries_checked: int
    faults: _containers.RepeatedScalarFieldContainer[str]
    fault_count: int
    done: bool
    new_faults: _containers.RepeatedCompositeFieldContainer[JournalFault]
    checkpoint_number: int
    checkpoint_time: _timestamp_pb2.Timestamp
    def __init__(self, accounts_checked: _Optional[int] = ..., entries_checked: _Optional[int] = ..., faults: _Optional[_Iterable[str]] = ..., fault_count: _Optional[int] = ..., done: _Optional[bool] = ..., new_faults: _Optional[_Iterable[_Union[JournalFault, _Mapping]]] = ..., checkpoint_number: _Optional[int] = ..., checkpoint_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetCheckpointKeyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCheckpointKeyResponse(_message.Message):
    __slots__ = ("verifier_key", "former_verifier_keys")
    VERIFIER_KEY_FIELD_NUMBER: _ClassVar[int]
    FORMER_VERIFIER_KEYS_FIELD_NUMBER: _ClassVar[int]
    verifier_key: str
    former_verifier_keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, verifier_key: _Optional[str] = ..., former_verifier_keys: _Optional[_Iterable[str]] = ...) -> None: ...

class ListCheckpointsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class SignedCheckpoint(_message.Message):
    __slots__ = ("number", "note")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    number: int
    note: str
    def __init__(self, number: _Optional[int] = ..., note: _Optional[str] = ...) -> None: ...

class ListCheckpointsResponse(_message.Message):
    __slots__ = ("checkpoints", "next_page_token")
    CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    checkpoints: _containers.RepeatedCompositeFieldContainer[SignedCheckpoint]
    next_page_token: str
    def __init__(self, checkpoints: _Optional[_Iterable[_Union[SignedCheckpoint, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ExportCheckpointRequest(_message.Message):
    __slots__ = ("number",)
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: int
    def __init__(self, number: _Optional[int] = ...) -> None: ...

class ExportCheckpointResponse(_message.Message):
    __slots__ = ("checkpoint", "accounts")
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    checkpoint: SignedCheckpoint
    accounts: bytes
    def __init__(self, checkpoint: _Optional[_Union[SignedCheckpoint, _Mapping]] = ..., accounts: _Optional[bytes] = ...) -> None: ...
