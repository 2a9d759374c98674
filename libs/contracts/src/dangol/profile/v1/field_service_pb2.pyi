from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FieldType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FIELD_TYPE_UNSPECIFIED: _ClassVar[FieldType]
    FIELD_TYPE_TEXT: _ClassVar[FieldType]
    FIELD_TYPE_NUMBER: _ClassVar[FieldType]
    FIELD_TYPE_FLAG: _ClassVar[FieldType]
    FIELD_TYPE_CHOICE: _ClassVar[FieldType]
    FIELD_TYPE_DATE: _ClassVar[FieldType]

class Survivor(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SURVIVOR_UNSPECIFIED: _ClassVar[Survivor]
    SURVIVOR_NEWEST: _ClassVar[Survivor]
    SURVIVOR_OLDEST: _ClassVar[Survivor]
    SURVIVOR_MEMBER: _ClassVar[Survivor]
    SURVIVOR_SUM: _ClassVar[Survivor]
    SURVIVOR_UNION: _ClassVar[Survivor]
FIELD_TYPE_UNSPECIFIED: FieldType
FIELD_TYPE_TEXT: FieldType
FIELD_TYPE_NUMBER: FieldType
FIELD_TYPE_FLAG: FieldType
FIELD_TYPE_CHOICE: FieldType
FIELD_TYPE_DATE: FieldType
SURVIVOR_UNSPECIFIED: Survivor
SURVIVOR_NEWEST: Survivor
SURVIVOR_OLDEST: Survivor
SURVIVOR_MEMBER: Survivor
SURVIVOR_SUM: Survivor
SURVIVOR_UNION: Survivor

class Field(_message.Message):
    __slots__ = ("name", "type", "personal", "options", "description", "survivor", "retired")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SURVIVOR_FIELD_NUMBER: _ClassVar[int]
    RETIRED_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: FieldType
    personal: bool
    options: _containers.RepeatedScalarFieldContainer[str]
    description: str
    survivor: Survivor
    retired: bool
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[FieldType, str]] = ..., personal: _Optional[bool] = ..., options: _Optional[_Iterable[str]] = ..., description: _Optional[str] = ..., survivor: _Optional[_Union[Survivor, str]] = ..., retired: _Optional[bool] = ...) -> None: ...

class Survivorship(_message.Message):
    __slots__ = ("attribute", "survivor")
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    SURVIVOR_FIELD_NUMBER: _ClassVar[int]
    attribute: str
    survivor: Survivor
    def __init__(self, attribute: _Optional[str] = ..., survivor: _Optional[_Union[Survivor, str]] = ...) -> None: ...

class DeclareFieldRequest(_message.Message):
    __slots__ = ("request_id", "field")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    field: Field
    def __init__(self, request_id: _Optional[str] = ..., field: _Optional[_Union[Field, _Mapping]] = ...) -> None: ...

class DeclareFieldResponse(_message.Message):
    __slots__ = ("field",)
    FIELD_FIELD_NUMBER: _ClassVar[int]
    field: Field
    def __init__(self, field: _Optional[_Union[Field, _Mapping]] = ...) -> None: ...

class ListFieldsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListFieldsResponse(_message.Message):
    __slots__ = ("fields", "survivorship")
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    SURVIVORSHIP_FIELD_NUMBER: _ClassVar[int]
    fields: _containers.RepeatedCompositeFieldContainer[Field]
    survivorship: _containers.RepeatedCompositeFieldContainer[Survivorship]
    def __init__(self, fields: _Optional[_Iterable[_Union[Field, _Mapping]]] = ..., survivorship: _Optional[_Iterable[_Union[Survivorship, _Mapping]]] = ...) -> None: ...

class RetireFieldRequest(_message.Message):
    __slots__ = ("request_id", "name")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class RetireFieldResponse(_message.Message):
    __slots__ = ("field",)
    FIELD_FIELD_NUMBER: _ClassVar[int]
    field: Field
    def __init__(self, field: _Optional[_Union[Field, _Mapping]] = ...) -> None: ...

class SetSurvivorshipRequest(_message.Message):
    __slots__ = ("request_id", "survivorship")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SURVIVORSHIP_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    survivorship: _containers.RepeatedCompositeFieldContainer[Survivorship]
    def __init__(self, request_id: _Optional[str] = ..., survivorship: _Optional[_Iterable[_Union[Survivorship, _Mapping]]] = ...) -> None: ...

class SetSurvivorshipResponse(_message.Message):
    __slots__ = ("survivorship",)
    SURVIVORSHIP_FIELD_NUMBER: _ClassVar[int]
    survivorship: _containers.RepeatedCompositeFieldContainer[Survivorship]
    def __init__(self, survivorship: _Optional[_Iterable[_Union[Survivorship, _Mapping]]] = ...) -> None: ...
