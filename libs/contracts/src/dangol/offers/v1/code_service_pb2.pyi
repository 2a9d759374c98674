import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.offers.v1 import coupon_service_pb2 as _coupon_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CodeOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODE_OUTCOME_UNSPECIFIED: _ClassVar[CodeOutcome]
    CODE_OUTCOME_APPLIED: _ClassVar[CodeOutcome]
    CODE_OUTCOME_NOT_FOUND: _ClassVar[CodeOutcome]
    CODE_OUTCOME_ALREADY_CLAIMED: _ClassVar[CodeOutcome]
    CODE_OUTCOME_EXPIRED: _ClassVar[CodeOutcome]
    CODE_OUTCOME_OFFER_ENDED: _ClassVar[CodeOutcome]
    CODE_OUTCOME_CUSTOMER_LIMIT_REACHED: _ClassVar[CodeOutcome]
    CODE_OUTCOME_BUDGET_EXHAUSTED: _ClassVar[CodeOutcome]
    CODE_OUTCOME_REQUEST_CONFLICT: _ClassVar[CodeOutcome]
    CODE_OUTCOME_TOO_MANY_TRIES: _ClassVar[CodeOutcome]
CODE_OUTCOME_UNSPECIFIED: CodeOutcome
CODE_OUTCOME_APPLIED: CodeOutcome
CODE_OUTCOME_NOT_FOUND: CodeOutcome
CODE_OUTCOME_ALREADY_CLAIMED: CodeOutcome
CODE_OUTCOME_EXPIRED: CodeOutcome
CODE_OUTCOME_OFFER_ENDED: CodeOutcome
CODE_OUTCOME_CUSTOMER_LIMIT_REACHED: CodeOutcome
CODE_OUTCOME_BUDGET_EXHAUSTED: CodeOutcome
CODE_OUTCOME_REQUEST_CONFLICT: CodeOutcome
CODE_OUTCOME_TOO_MANY_TRIES: CodeOutcome

class IssueCodesRequest(_message.Message):
    __slots__ = ("request_id", "offer_id", "campaign_id", "count", "claim_until")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_UNTIL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    offer_id: str
    campaign_id: str
    count: int
    claim_until: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., count: _Optional[int] = ..., claim_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class IssueCodesResponse(_message.Message):
    __slots__ = ("batch_id", "made_count", "done")
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    MADE_COUNT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    batch_id: str
    made_count: int
    done: bool
    def __init__(self, batch_id: _Optional[str] = ..., made_count: _Optional[int] = ..., done: _Optional[bool] = ...) -> None: ...

class ExportCodesRequest(_message.Message):
    __slots__ = ("request_id", "batch_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    batch_id: str
    def __init__(self, request_id: _Optional[str] = ..., batch_id: _Optional[str] = ...) -> None: ...

class ExportCodesResponse(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class ClaimCodeRequest(_message.Message):
    __slots__ = ("request_id", "code", "customer_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    code: str
    customer_id: str
    def __init__(self, request_id: _Optional[str] = ..., code: _Optional[str] = ..., customer_id: _Optional[str] = ...) -> None: ...

class ClaimCodeResponse(_message.Message):
    __slots__ = ("outcome", "coupon")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    outcome: CodeOutcome
    coupon: _coupon_service_pb2.Coupon
    def __init__(self, outcome: _Optional[_Union[CodeOutcome, str]] = ..., coupon: _Optional[_Union[_coupon_service_pb2.Coupon, _Mapping]] = ...) -> None: ...
