import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.offers.v1 import messaging_service_pb2 as _messaging_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MessagePurpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MESSAGE_PURPOSE_UNSPECIFIED: _ClassVar[MessagePurpose]
    MESSAGE_PURPOSE_ADVERTISING: _ClassVar[MessagePurpose]
    MESSAGE_PURPOSE_TRANSACTIONAL: _ClassVar[MessagePurpose]

class MessageState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MESSAGE_STATE_UNSPECIFIED: _ClassVar[MessageState]
    MESSAGE_STATE_PENDING: _ClassVar[MessageState]
    MESSAGE_STATE_LEASED: _ClassVar[MessageState]
    MESSAGE_STATE_SENT: _ClassVar[MessageState]
    MESSAGE_STATE_DELIVERED: _ClassVar[MessageState]
    MESSAGE_STATE_OPENED: _ClassVar[MessageState]
    MESSAGE_STATE_CLICKED: _ClassVar[MessageState]
    MESSAGE_STATE_SUPPRESSED: _ClassVar[MessageState]
    MESSAGE_STATE_DEAD: _ClassVar[MessageState]

class MessageReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MESSAGE_REASON_UNSPECIFIED: _ClassVar[MessageReason]
    MESSAGE_REASON_NO_CONSENT: _ClassVar[MessageReason]
    MESSAGE_REASON_FREQUENCY_CAP: _ClassVar[MessageReason]
    MESSAGE_REASON_CUSTOMER_GONE: _ClassVar[MessageReason]
    MESSAGE_REASON_EXPIRED: _ClassVar[MessageReason]
    MESSAGE_REASON_TEMPLATE_NOT_FOUND: _ClassVar[MessageReason]
    MESSAGE_REASON_TEMPLATE_MISMATCH: _ClassVar[MessageReason]
    MESSAGE_REASON_TOO_LONG: _ClassVar[MessageReason]
    MESSAGE_REASON_FAILED_PERMANENTLY: _ClassVar[MessageReason]
    MESSAGE_REASON_ATTEMPTS_EXHAUSTED: _ClassVar[MessageReason]
    MESSAGE_REASON_SENDER_NOT_SET: _ClassVar[MessageReason]
    MESSAGE_REASON_NO_CONTACT: _ClassVar[MessageReason]

class PostOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POST_OUTCOME_UNSPECIFIED: _ClassVar[PostOutcome]
    POST_OUTCOME_POSTED: _ClassVar[PostOutcome]
    POST_OUTCOME_ALREADY_POSTED: _ClassVar[PostOutcome]
    POST_OUTCOME_CONFLICT: _ClassVar[PostOutcome]
    POST_OUTCOME_EXPIRES_TOO_SOON: _ClassVar[PostOutcome]
    POST_OUTCOME_TEMPLATE_NOT_FOUND: _ClassVar[PostOutcome]
    POST_OUTCOME_TEMPLATE_MISMATCH: _ClassVar[PostOutcome]
    POST_OUTCOME_TOO_LONG: _ClassVar[PostOutcome]
    POST_OUTCOME_SENDER_NOT_SET: _ClassVar[PostOutcome]

class Feedback(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEEDBACK_UNSPECIFIED: _ClassVar[Feedback]
    FEEDBACK_SENT: _ClassVar[Feedback]
    FEEDBACK_DELIVERED: _ClassVar[Feedback]
    FEEDBACK_OPENED: _ClassVar[Feedback]
    FEEDBACK_CLICKED: _ClassVar[Feedback]
    FEEDBACK_FAILED_PERMANENTLY: _ClassVar[Feedback]
    FEEDBACK_FAILED_TEMPORARILY: _ClassVar[Feedback]

class AcknowledgeOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACKNOWLEDGE_OUTCOME_UNSPECIFIED: _ClassVar[AcknowledgeOutcome]
    ACKNOWLEDGE_OUTCOME_APPLIED: _ClassVar[AcknowledgeOutcome]
    ACKNOWLEDGE_OUTCOME_ALREADY_KNOWN: _ClassVar[AcknowledgeOutcome]
    ACKNOWLEDGE_OUTCOME_NOT_FOUND: _ClassVar[AcknowledgeOutcome]
    ACKNOWLEDGE_OUTCOME_NOT_HANDED_OVER: _ClassVar[AcknowledgeOutcome]
    ACKNOWLEDGE_OUTCOME_ENDED: _ClassVar[AcknowledgeOutcome]
    ACKNOWLEDGE_OUTCOME_REQUEST_CONFLICT: _ClassVar[AcknowledgeOutcome]

class RequeueOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REQUEUE_OUTCOME_UNSPECIFIED: _ClassVar[RequeueOutcome]
    REQUEUE_OUTCOME_APPLIED: _ClassVar[RequeueOutcome]
    REQUEUE_OUTCOME_NOT_FOUND: _ClassVar[RequeueOutcome]
    REQUEUE_OUTCOME_NOT_DEAD: _ClassVar[RequeueOutcome]
    REQUEUE_OUTCOME_EXPIRES_TOO_SOON: _ClassVar[RequeueOutcome]
    REQUEUE_OUTCOME_REQUEST_CONFLICT: _ClassVar[RequeueOutcome]
MESSAGE_PURPOSE_UNSPECIFIED: MessagePurpose
MESSAGE_PURPOSE_ADVERTISING: MessagePurpose
MESSAGE_PURPOSE_TRANSACTIONAL: MessagePurpose
MESSAGE_STATE_UNSPECIFIED: MessageState
MESSAGE_STATE_PENDING: MessageState
MESSAGE_STATE_LEASED: MessageState
MESSAGE_STATE_SENT: MessageState
MESSAGE_STATE_DELIVERED: MessageState
MESSAGE_STATE_OPENED: MessageState
MESSAGE_STATE_CLICKED: MessageState
MESSAGE_STATE_SUPPRESSED: MessageState
MESSAGE_STATE_DEAD: MessageState
MESSAGE_REASON_UNSPECIFIED: MessageReason
MESSAGE_REASON_NO_CONSENT: MessageReason
MESSAGE_REASON_FREQUENCY_CAP: MessageReason
MESSAGE_REASON_CUSTOMER_GONE: MessageReason
MESSAGE_REASON_EXPIRED: MessageReason
MESSAGE_REASON_TEMPLATE_NOT_FOUND: MessageReason
MESSAGE_REASON_TEMPLATE_MISMATCH: MessageReason
MESSAGE_REASON_TOO_LONG: MessageReason
MESSAGE_REASON_FAILED_PERMANENTLY: MessageReason
MESSAGE_REASON_ATTEMPTS_EXHAUSTED: MessageReason
MESSAGE_REASON_SENDER_NOT_SET: MessageReason
MESSAGE_REASON_NO_CONTACT: MessageReason
POST_OUTCOME_UNSPECIFIED: PostOutcome
POST_OUTCOME_POSTED: PostOutcome
POST_OUTCOME_ALREADY_POSTED: PostOutcome
POST_OUTCOME_CONFLICT: PostOutcome
POST_OUTCOME_EXPIRES_TOO_SOON: PostOutcome
POST_OUTCOME_TEMPLATE_NOT_FOUND: PostOutcome
POST_OUTCOME_TEMPLATE_MISMATCH: PostOutcome
POST_OUTCOME_TOO_LONG: PostOutcome
POST_OUTCOME_SENDER_NOT_SET: PostOutcome
FEEDBACK_UNSPECIFIED: Feedback
FEEDBACK_SENT: Feedback
FEEDBACK_DELIVERED: Feedback
FEEDBACK_OPENED: Feedback
FEEDBACK_CLICKED: Feedback
FEEDBACK_FAILED_PERMANENTLY: Feedback
FEEDBACK_FAILED_TEMPORARILY: Feedback
ACKNOWLEDGE_OUTCOME_UNSPECIFIED: AcknowledgeOutcome
ACKNOWLEDGE_OUTCOME_APPLIED: AcknowledgeOutcome
ACKNOWLEDGE_OUTCOME_ALREADY_KNOWN: AcknowledgeOutcome
ACKNOWLEDGE_OUTCOME_NOT_FOUND: AcknowledgeOutcome
ACKNOWLEDGE_OUTCOME_NOT_HANDED_OVER: AcknowledgeOutcome
ACKNOWLEDGE_OUTCOME_ENDED: AcknowledgeOutcome
ACKNOWLEDGE_OUTCOME_REQUEST_CONFLICT: AcknowledgeOutcome
REQUEUE_OUTCOME_UNSPECIFIED: RequeueOutcome
REQUEUE_OUTCOME_APPLIED: RequeueOutcome
REQUEUE_OUTCOME_NOT_FOUND: RequeueOutcome
REQUEUE_OUTCOME_NOT_DEAD: RequeueOutcome
REQUEUE_OUTCOME_EXPIRES_TOO_SOON: RequeueOutcome
REQUEUE_OUTCOME_REQUEST_CONFLICT: RequeueOutcome

class Message(_message.Message):
    __slots__ = ("message_id", "customer_id", "channel", "purpose", "template_id", "values", "campaign_id", "variant_id", "enrolment_id", "not_before", "expire_time", "state", "reason", "attempts", "post_time", "sent_time", "delivered_time", "opened_time", "clicked_time", "template_version", "best_time_seconds", "send_time")
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_ID_FIELD_NUMBER: _ClassVar[int]
    ENROLMENT_ID_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    POST_TIME_FIELD_NUMBER: _ClassVar[int]
    SENT_TIME_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_TIME_FIELD_NUMBER: _ClassVar[int]
    OPENED_TIME_FIELD_NUMBER: _ClassVar[int]
    CLICKED_TIME_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_FIELD_NUMBER: _ClassVar[int]
    BEST_TIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    customer_id: str
    channel: str
    purpose: MessagePurpose
    template_id: str
    values: _containers.ScalarMap[str, str]
    campaign_id: str
    variant_id: str
    enrolment_id: str
    not_before: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    state: MessageState
    reason: MessageReason
    attempts: int
    post_time: _timestamp_pb2.Timestamp
    sent_time: _timestamp_pb2.Timestamp
    delivered_time: _timestamp_pb2.Timestamp
    opened_time: _timestamp_pb2.Timestamp
    clicked_time: _timestamp_pb2.Timestamp
    template_version: int
    best_time_seconds: int
    send_time: SendTime
    def __init__(self, message_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., channel: _Optional[str] = ..., purpose: _Optional[_Union[MessagePurpose, str]] = ..., template_id: _Optional[str] = ..., values: _Optional[_Mapping[str, str]] = ..., campaign_id: _Optional[str] = ..., variant_id: _Optional[str] = ..., enrolment_id: _Optional[str] = ..., not_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[MessageState, str]] = ..., reason: _Optional[_Union[MessageReason, str]] = ..., attempts: _Optional[int] = ..., post_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sent_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., delivered_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., opened_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., clicked_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., template_version: _Optional[int] = ..., best_time_seconds: _Optional[int] = ..., send_time: _Optional[_Union[SendTime, _Mapping]] = ...) -> None: ...

class SendTime(_message.Message):
    __slots__ = ("time", "share_millionths", "share_at_once_millionths", "act_count", "tenant_act_count")
    TIME_FIELD_NUMBER: _ClassVar[int]
    SHARE_MILLIONTHS_FIELD_NUMBER: _ClassVar[int]
    SHARE_AT_ONCE_MILLIONTHS_FIELD_NUMBER: _ClassVar[int]
    ACT_COUNT_FIELD_NUMBER: _ClassVar[int]
    TENANT_ACT_COUNT_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    share_millionths: int
    share_at_once_millionths: int
    act_count: int
    tenant_act_count: int
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., share_millionths: _Optional[int] = ..., share_at_once_millionths: _Optional[int] = ..., act_count: _Optional[int] = ..., tenant_act_count: _Optional[int] = ...) -> None: ...

class PostMessageRequest(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: Message
    def __init__(self, message: _Optional[_Union[Message, _Mapping]] = ...) -> None: ...

class PostProblem(_message.Message):
    __slots__ = ("field", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    description: str
    def __init__(self, field: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class PostMessageResponse(_message.Message):
    __slots__ = ("outcome", "problems")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    outcome: PostOutcome
    problems: _containers.RepeatedCompositeFieldContainer[PostProblem]
    def __init__(self, outcome: _Optional[_Union[PostOutcome, str]] = ..., problems: _Optional[_Iterable[_Union[PostProblem, _Mapping]]] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("channels", "max_in_flight", "lease_seconds", "resume_token", "contacts")
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    MAX_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    LEASE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedScalarFieldContainer[str]
    max_in_flight: int
    lease_seconds: int
    resume_token: str
    contacts: bool
    def __init__(self, channels: _Optional[_Iterable[str]] = ..., max_in_flight: _Optional[int] = ..., lease_seconds: _Optional[int] = ..., resume_token: _Optional[str] = ..., contacts: _Optional[bool] = ...) -> None: ...

class Delivery(_message.Message):
    __slots__ = ("message_id", "customer_id", "channel", "purpose", "template_id", "campaign_id", "variant_id", "attempt", "lease_end_time", "expire_time", "values", "rendered", "addresses")
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    LEASE_END_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    RENDERED_FIELD_NUMBER: _ClassVar[int]
    ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    customer_id: str
    channel: str
    purpose: MessagePurpose
    template_id: str
    campaign_id: str
    variant_id: str
    attempt: int
    lease_end_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    values: _containers.ScalarMap[str, str]
    rendered: _messaging_service_pb2.RenderedText
    addresses: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, message_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., channel: _Optional[str] = ..., purpose: _Optional[_Union[MessagePurpose, str]] = ..., template_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., variant_id: _Optional[str] = ..., attempt: _Optional[int] = ..., lease_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., values: _Optional[_Mapping[str, str]] = ..., rendered: _Optional[_Union[_messaging_service_pb2.RenderedText, _Mapping]] = ..., addresses: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ("delivery", "resume_token")
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    delivery: Delivery
    resume_token: str
    def __init__(self, delivery: _Optional[_Union[Delivery, _Mapping]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class Acknowledgement(_message.Message):
    __slots__ = ("request_id", "message_id", "feedback", "occur_time")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    message_id: str
    feedback: Feedback
    occur_time: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., message_id: _Optional[str] = ..., feedback: _Optional[_Union[Feedback, str]] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AcknowledgeRequest(_message.Message):
    __slots__ = ("acknowledgements",)
    ACKNOWLEDGEMENTS_FIELD_NUMBER: _ClassVar[int]
    acknowledgements: _containers.RepeatedCompositeFieldContainer[Acknowledgement]
    def __init__(self, acknowledgements: _Optional[_Iterable[_Union[Acknowledgement, _Mapping]]] = ...) -> None: ...

class AcknowledgeResult(_message.Message):
    __slots__ = ("outcome", "state")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    outcome: AcknowledgeOutcome
    state: MessageState
    def __init__(self, outcome: _Optional[_Union[AcknowledgeOutcome, str]] = ..., state: _Optional[_Union[MessageState, str]] = ...) -> None: ...

class AcknowledgeResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[AcknowledgeResult]
    def __init__(self, results: _Optional[_Iterable[_Union[AcknowledgeResult, _Mapping]]] = ...) -> None: ...

class GetMessageRequest(_message.Message):
    __slots__ = ("message_id",)
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    def __init__(self, message_id: _Optional[str] = ...) -> None: ...

class GetMessageResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: Message
    def __init__(self, message: _Optional[_Union[Message, _Mapping]] = ...) -> None: ...

class ListMessagesRequest(_message.Message):
    __slots__ = ("customer_id", "campaign_id", "state", "page_size", "page_token")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    campaign_id: str
    state: MessageState
    page_size: int
    page_token: str
    def __init__(self, customer_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., state: _Optional[_Union[MessageState, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListMessagesResponse(_message.Message):
    __slots__ = ("messages", "next_page_token")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[Message]
    next_page_token: str
    def __init__(self, messages: _Optional[_Iterable[_Union[Message, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CountMessagesRequest(_message.Message):
    __slots__ = ("campaign_id",)
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    def __init__(self, campaign_id: _Optional[str] = ...) -> None: ...

class SuppressedCount(_message.Message):
    __slots__ = ("reason", "count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: MessageReason
    count: int
    def __init__(self, reason: _Optional[_Union[MessageReason, str]] = ..., count: _Optional[int] = ...) -> None: ...

class VariantMessages(_message.Message):
    __slots__ = ("variant_id", "posted_count", "sent_count", "delivered_count", "opened_count", "clicked_count", "suppressed", "dead")
    VARIANT_ID_FIELD_NUMBER: _ClassVar[int]
    POSTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPENED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CLICKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    DEAD_FIELD_NUMBER: _ClassVar[int]
    variant_id: str
    posted_count: int
    sent_count: int
    delivered_count: int
    opened_count: int
    clicked_count: int
    suppressed: _containers.RepeatedCompositeFieldContainer[SuppressedCount]
    dead: _containers.RepeatedCompositeFieldContainer[SuppressedCount]
    def __init__(self, variant_id: _Optional[str] = ..., posted_count: _Optional[int] = ..., sent_count: _Optional[int] = ..., delivered_count: _Optional[int] = ..., opened_count: _Optional[int] = ..., clicked_count: _Optional[int] = ..., suppressed: _Optional[_Iterable[_Union[SuppressedCount, _Mapping]]] = ..., dead: _Optional[_Iterable[_Union[SuppressedCount, _Mapping]]] = ...) -> None: ...

class CountMessagesResponse(_message.Message):
    __slots__ = ("variants",)
    VARIANTS_FIELD_NUMBER: _ClassVar[int]
    variants: _containers.RepeatedCompositeFieldContainer[VariantMessages]
    def __init__(self, variants: _Optional[_Iterable[_Union[VariantMessages, _Mapping]]] = ...) -> None: ...

class RequeueMessageRequest(_message.Message):
    __slots__ = ("request_id", "message_id", "expire_time")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    message_id: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., message_id: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RequeueMessageResponse(_message.Message):
    __slots__ = ("outcome", "message")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    outcome: RequeueOutcome
    message: Message
    def __init__(self, outcome: _Optional[_Union[RequeueOutcome, str]] = ..., message: _Optional[_Union[Message, _Mapping]] = ...) -> None: ...
