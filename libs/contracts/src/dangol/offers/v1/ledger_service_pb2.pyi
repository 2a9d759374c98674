import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Entry(_message.Message):
    __slots__ = ("account_id", "number", "kind", "debit", "credit", "amount_minor_units", "request_id", "order_id", "gift_id", "campaign_id", "actor", "time", "hash", "discount_minor_units", "refund_minor_units")
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
    def __init__(self, account_id: _Optional[str] = ..., number: _Optional[int] = ..., kind: _Optional[str] = ..., debit: _Optional[str] = ..., credit: _Optional[str] = ..., amount_minor_units: _Optional[int] = ..., request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., gift_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., actor: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., hash: _Optional[bytes] = ..., discount_minor_units: _Optional[int] = ..., refund_minor_units: _Optional[int] = ...) -> None: ...

class ListEntriesRequest(_message.Message):
    __slots__ = ("account_id",)
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    def __init__(self, account_id: _Optional[str] = ...) -> None: ...

class ListEntriesResponse(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[Entry]
    def __init__(self, entries: _Optional[_Iterable[_Union[Entry, _Mapping]]] = ...) -> None: ...

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
    __slots__ = ("account_id",)
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    def __init__(self, account_id: _Optional[str] = ...) -> None: ...

class VerifyJournalResponse(_message.Message):
    __slots__ = ("accounts_checked", "entries_checked", "faults", "fault_count", "done")
    ACCOUNTS_CHECKED_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_CHECKED_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    FAULT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    accounts_checked: int
    entries_checked: int
    faults: _containers.RepeatedScalarFieldContainer[str]
    fault_count: int
    done: bool
    def __init__(self, accounts_checked: _Optional[int] = ..., entries_checked: _Optional[int] = ..., faults: _Optional[_Iterable[str]] = ..., fault_count: _Optional[int] = ..., done: _Optional[bool] = ...) -> None: ...
