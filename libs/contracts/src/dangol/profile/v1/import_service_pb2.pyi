from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from dangol.profile.v1 import customer_service_pb2 as _customer_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImportedCustomer(_message.Message):
    __slots__ = ("line", "identifiers", "attributes")
    LINE_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    line: int
    identifiers: _containers.RepeatedCompositeFieldContainer[_event_pb2.CustomerRef]
    attributes: _customer_service_pb2.Customer
    def __init__(self, line: _Optional[int] = ..., identifiers: _Optional[_Iterable[_Union[_event_pb2.CustomerRef, _Mapping]]] = ..., attributes: _Optional[_Union[_customer_service_pb2.Customer, _Mapping]] = ...) -> None: ...

class ImportCustomersRequest(_message.Message):
    __slots__ = ("request_id", "import_id", "customers")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    import_id: str
    customers: _containers.RepeatedCompositeFieldContainer[ImportedCustomer]
    def __init__(self, request_id: _Optional[str] = ..., import_id: _Optional[str] = ..., customers: _Optional[_Iterable[_Union[ImportedCustomer, _Mapping]]] = ...) -> None: ...

class ImportResult(_message.Message):
    __slots__ = ("line", "outcome", "customer_id", "code", "field", "message")
    LINE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    line: int
    outcome: _customer_service_pb2.IdentifyOutcome
    customer_id: str
    code: str
    field: str
    message: str
    def __init__(self, line: _Optional[int] = ..., outcome: _Optional[_Union[_customer_service_pb2.IdentifyOutcome, str]] = ..., customer_id: _Optional[str] = ..., code: _Optional[str] = ..., field: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class ImportCustomersResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ImportResult]
    def __init__(self, results: _Optional[_Iterable[_Union[ImportResult, _Mapping]]] = ...) -> None: ...

class FinishImportRequest(_message.Message):
    __slots__ = ("import_id",)
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    import_id: str
    def __init__(self, import_id: _Optional[str] = ...) -> None: ...

class FinishImportResponse(_message.Message):
    __slots__ = ("released_batches",)
    RELEASED_BATCHES_FIELD_NUMBER: _ClassVar[int]
    released_batches: int
    def __init__(self, released_batches: _Optional[int] = ...) -> None: ...
