from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ValueType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VALUE_TYPE_UNSPECIFIED: _ClassVar[ValueType]
    VALUE_TYPE_TEXT: _ClassVar[ValueType]
    VALUE_TYPE_NUMBER: _ClassVar[ValueType]
    VALUE_TYPE_MONEY: _ClassVar[ValueType]
    VALUE_TYPE_DATE: _ClassVar[ValueType]
    VALUE_TYPE_TIME: _ClassVar[ValueType]
    VALUE_TYPE_URL: _ClassVar[ValueType]

class TemplateOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEMPLATE_OUTCOME_UNSPECIFIED: _ClassVar[TemplateOutcome]
    TEMPLATE_OUTCOME_APPLIED: _ClassVar[TemplateOutcome]
    TEMPLATE_OUTCOME_EXISTS: _ClassVar[TemplateOutcome]
    TEMPLATE_OUTCOME_NOT_FOUND: _ClassVar[TemplateOutcome]
    TEMPLATE_OUTCOME_VERSION_CONFLICT: _ClassVar[TemplateOutcome]
    TEMPLATE_OUTCOME_REQUEST_CONFLICT: _ClassVar[TemplateOutcome]
    TEMPLATE_OUTCOME_TOO_MANY: _ClassVar[TemplateOutcome]

class MessagingSettingsOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MESSAGING_SETTINGS_OUTCOME_UNSPECIFIED: _ClassVar[MessagingSettingsOutcome]
    MESSAGING_SETTINGS_OUTCOME_APPLIED: _ClassVar[MessagingSettingsOutcome]
    MESSAGING_SETTINGS_OUTCOME_VERSION_CONFLICT: _ClassVar[MessagingSettingsOutcome]
    MESSAGING_SETTINGS_OUTCOME_REQUEST_CONFLICT: _ClassVar[MessagingSettingsOutcome]
VALUE_TYPE_UNSPECIFIED: ValueType
VALUE_TYPE_TEXT: ValueType
VALUE_TYPE_NUMBER: ValueType
VALUE_TYPE_MONEY: ValueType
VALUE_TYPE_DATE: ValueType
VALUE_TYPE_TIME: ValueType
VALUE_TYPE_URL: ValueType
TEMPLATE_OUTCOME_UNSPECIFIED: TemplateOutcome
TEMPLATE_OUTCOME_APPLIED: TemplateOutcome
TEMPLATE_OUTCOME_EXISTS: TemplateOutcome
TEMPLATE_OUTCOME_NOT_FOUND: TemplateOutcome
TEMPLATE_OUTCOME_VERSION_CONFLICT: TemplateOutcome
TEMPLATE_OUTCOME_REQUEST_CONFLICT: TemplateOutcome
TEMPLATE_OUTCOME_TOO_MANY: TemplateOutcome
MESSAGING_SETTINGS_OUTCOME_UNSPECIFIED: MessagingSettingsOutcome
MESSAGING_SETTINGS_OUTCOME_APPLIED: MessagingSettingsOutcome
MESSAGING_SETTINGS_OUTCOME_VERSION_CONFLICT: MessagingSettingsOutcome
MESSAGING_SETTINGS_OUTCOME_REQUEST_CONFLICT: MessagingSettingsOutcome

class TemplateValue(_message.Message):
    __slots__ = ("name", "type", "default_value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: ValueType
    default_value: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[ValueType, str]] = ..., default_value: _Optional[str] = ...) -> None: ...

class TemplateText(_message.Message):
    __slots__ = ("channel", "language", "subject", "text", "html", "long")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    HTML_FIELD_NUMBER: _ClassVar[int]
    LONG_FIELD_NUMBER: _ClassVar[int]
    channel: str
    language: str
    subject: str
    text: str
    html: str
    long: bool
    def __init__(self, channel: _Optional[str] = ..., language: _Optional[str] = ..., subject: _Optional[str] = ..., text: _Optional[str] = ..., html: _Optional[str] = ..., long: _Optional[bool] = ...) -> None: ...

class MessageTemplate(_message.Message):
    __slots__ = ("template_id", "display_name", "values", "texts", "version")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    display_name: str
    values: _containers.RepeatedCompositeFieldContainer[TemplateValue]
    texts: _containers.RepeatedCompositeFieldContainer[TemplateText]
    version: int
    def __init__(self, template_id: _Optional[str] = ..., display_name: _Optional[str] = ..., values: _Optional[_Iterable[_Union[TemplateValue, _Mapping]]] = ..., texts: _Optional[_Iterable[_Union[TemplateText, _Mapping]]] = ..., version: _Optional[int] = ...) -> None: ...

class CreateTemplateRequest(_message.Message):
    __slots__ = ("request_id", "template")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    template: MessageTemplate
    def __init__(self, request_id: _Optional[str] = ..., template: _Optional[_Union[MessageTemplate, _Mapping]] = ...) -> None: ...

class CreateTemplateResponse(_message.Message):
    __slots__ = ("outcome", "template")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    outcome: TemplateOutcome
    template: MessageTemplate
    def __init__(self, outcome: _Optional[_Union[TemplateOutcome, str]] = ..., template: _Optional[_Union[MessageTemplate, _Mapping]] = ...) -> None: ...

class UpdateTemplateRequest(_message.Message):
    __slots__ = ("request_id", "template", "version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    template: MessageTemplate
    version: int
    def __init__(self, request_id: _Optional[str] = ..., template: _Optional[_Union[MessageTemplate, _Mapping]] = ..., version: _Optional[int] = ...) -> None: ...

class UpdateTemplateResponse(_message.Message):
    __slots__ = ("outcome", "template")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    outcome: TemplateOutcome
    template: MessageTemplate
    def __init__(self, outcome: _Optional[_Union[TemplateOutcome, str]] = ..., template: _Optional[_Union[MessageTemplate, _Mapping]] = ...) -> None: ...

class GetTemplateRequest(_message.Message):
    __slots__ = ("template_id", "version")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    version: int
    def __init__(self, template_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class GetTemplateResponse(_message.Message):
    __slots__ = ("template",)
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    template: MessageTemplate
    def __init__(self, template: _Optional[_Union[MessageTemplate, _Mapping]] = ...) -> None: ...

class ListTemplatesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTemplatesResponse(_message.Message):
    __slots__ = ("templates", "next_page_token")
    TEMPLATES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    templates: _containers.RepeatedCompositeFieldContainer[MessageTemplate]
    next_page_token: str
    def __init__(self, templates: _Optional[_Iterable[_Union[MessageTemplate, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PreviewTemplateRequest(_message.Message):
    __slots__ = ("template_id", "version", "channel", "language", "advertising", "values", "customer_name")
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    ADVERTISING_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_NAME_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    version: int
    channel: str
    language: str
    advertising: bool
    values: _containers.ScalarMap[str, str]
    customer_name: str
    def __init__(self, template_id: _Optional[str] = ..., version: _Optional[int] = ..., channel: _Optional[str] = ..., language: _Optional[str] = ..., advertising: _Optional[bool] = ..., values: _Optional[_Mapping[str, str]] = ..., customer_name: _Optional[str] = ...) -> None: ...

class PreviewTemplateResponse(_message.Message):
    __slots__ = ("rendered",)
    RENDERED_FIELD_NUMBER: _ClassVar[int]
    rendered: RenderedText
    def __init__(self, rendered: _Optional[_Union[RenderedText, _Mapping]] = ...) -> None: ...

class RenderedText(_message.Message):
    __slots__ = ("language", "subject", "text", "html", "format", "length", "length_max", "template_version")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    HTML_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    LENGTH_MAX_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_FIELD_NUMBER: _ClassVar[int]
    language: str
    subject: str
    text: str
    html: str
    format: str
    length: int
    length_max: int
    template_version: int
    def __init__(self, language: _Optional[str] = ..., subject: _Optional[str] = ..., text: _Optional[str] = ..., html: _Optional[str] = ..., format: _Optional[str] = ..., length: _Optional[int] = ..., length_max: _Optional[int] = ..., template_version: _Optional[int] = ...) -> None: ...

class MessageCap(_message.Message):
    __slots__ = ("channel", "purpose", "window_seconds", "count")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_SECONDS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    channel: str
    purpose: str
    window_seconds: int
    count: int
    def __init__(self, channel: _Optional[str] = ..., purpose: _Optional[str] = ..., window_seconds: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class MessagingSettings(_message.Message):
    __slots__ = ("sender_name", "sender_phone", "sender_email", "sender_address", "opt_outs", "version", "caps")
    class OptOutsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SENDER_NAME_FIELD_NUMBER: _ClassVar[int]
    SENDER_PHONE_FIELD_NUMBER: _ClassVar[int]
    SENDER_EMAIL_FIELD_NUMBER: _ClassVar[int]
    SENDER_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    OPT_OUTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPS_FIELD_NUMBER: _ClassVar[int]
    sender_name: str
    sender_phone: str
    sender_email: str
    sender_address: str
    opt_outs: _containers.ScalarMap[str, str]
    version: int
    caps: _containers.RepeatedCompositeFieldContainer[MessageCap]
    def __init__(self, sender_name: _Optional[str] = ..., sender_phone: _Optional[str] = ..., sender_email: _Optional[str] = ..., sender_address: _Optional[str] = ..., opt_outs: _Optional[_Mapping[str, str]] = ..., version: _Optional[int] = ..., caps: _Optional[_Iterable[_Union[MessageCap, _Mapping]]] = ...) -> None: ...

class GetMessagingSettingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetMessagingSettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: MessagingSettings
    def __init__(self, settings: _Optional[_Union[MessagingSettings, _Mapping]] = ...) -> None: ...

class UpdateMessagingSettingsRequest(_message.Message):
    __slots__ = ("request_id", "settings")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    settings: MessagingSettings
    def __init__(self, request_id: _Optional[str] = ..., settings: _Optional[_Union[MessagingSettings, _Mapping]] = ...) -> None: ...

class UpdateMessagingSettingsResponse(_message.Message):
    __slots__ = ("outcome", "settings")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    outcome: MessagingSettingsOutcome
    settings: MessagingSettings
    def __init__(self, outcome: _Optional[_Union[MessagingSettingsOutcome, str]] = ..., settings: _Optional[_Union[MessagingSettings, _Mapping]] = ...) -> None: ...
