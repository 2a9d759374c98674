from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class ExportRecord(_message.Message):
    __slots__ = ("section", "json")
    SECTION_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    section: str
    json: str
    def __init__(self, section: _Optional[str] = ..., json: _Optional[str] = ...) -> None: ...
