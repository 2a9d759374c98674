import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import membership_pb2 as _membership_pb2
from dangol.offers.v1 import campaign_budget_pb2 as _campaign_budget_pb2
from dangol.offers.v1 import campaign_trigger_pb2 as _campaign_trigger_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CampaignState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAMPAIGN_STATE_UNSPECIFIED: _ClassVar[CampaignState]
    CAMPAIGN_STATE_DRAFT: _ClassVar[CampaignState]
    CAMPAIGN_STATE_RUNNING: _ClassVar[CampaignState]
    CAMPAIGN_STATE_PAUSED: _ClassVar[CampaignState]
    CAMPAIGN_STATE_ENDED: _ClassVar[CampaignState]

class EnrolmentOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENROLMENT_OUTCOME_UNSPECIFIED: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_PENDING: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_CONTROL: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_HOLDOUT: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_ISSUED: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_TASK_CREATED: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_CUSTOMER_CAPPED: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_FREQUENCY_CAPPED: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_OFFER_ENDED: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_OFFER_NOT_FOUND: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_OFFER_LIMIT_REACHED: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_REFUSED: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_MESSAGE_POSTED: _ClassVar[EnrolmentOutcome]
    ENROLMENT_OUTCOME_BUDGET_EXHAUSTED: _ClassVar[EnrolmentOutcome]
CAMPAIGN_STATE_UNSPECIFIED: CampaignState
CAMPAIGN_STATE_DRAFT: CampaignState
CAMPAIGN_STATE_RUNNING: CampaignState
CAMPAIGN_STATE_PAUSED: CampaignState
CAMPAIGN_STATE_ENDED: CampaignState
ENROLMENT_OUTCOME_UNSPECIFIED: EnrolmentOutcome
ENROLMENT_OUTCOME_PENDING: EnrolmentOutcome
ENROLMENT_OUTCOME_CONTROL: EnrolmentOutcome
ENROLMENT_OUTCOME_HOLDOUT: EnrolmentOutcome
ENROLMENT_OUTCOME_ISSUED: EnrolmentOutcome
ENROLMENT_OUTCOME_TASK_CREATED: EnrolmentOutcome
ENROLMENT_OUTCOME_CUSTOMER_CAPPED: EnrolmentOutcome
ENROLMENT_OUTCOME_FREQUENCY_CAPPED: EnrolmentOutcome
ENROLMENT_OUTCOME_OFFER_ENDED: EnrolmentOutcome
ENROLMENT_OUTCOME_OFFER_NOT_FOUND: EnrolmentOutcome
ENROLMENT_OUTCOME_OFFER_LIMIT_REACHED: EnrolmentOutcome
ENROLMENT_OUTCOME_REFUSED: EnrolmentOutcome
ENROLMENT_OUTCOME_MESSAGE_POSTED: EnrolmentOutcome
ENROLMENT_OUTCOME_BUDGET_EXHAUSTED: EnrolmentOutcome

class SegmentTrigger(_message.Message):
    __slots__ = ("segment_id", "kind", "delay_seconds")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DELAY_SECONDS_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    kind: _membership_pb2.ChangeKind
    delay_seconds: int
    def __init__(self, segment_id: _Optional[str] = ..., kind: _Optional[_Union[_membership_pb2.ChangeKind, str]] = ..., delay_seconds: _Optional[int] = ...) -> None: ...

class ListTrigger(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Variant(_message.Message):
    __slots__ = ("variant_id", "weight", "offer_id", "task", "message")
    VARIANT_ID_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    variant_id: str
    weight: int
    offer_id: str
    task: _campaign_trigger_pb2.TaskAction
    message: _campaign_trigger_pb2.MessageAction
    def __init__(self, variant_id: _Optional[str] = ..., weight: _Optional[int] = ..., offer_id: _Optional[str] = ..., task: _Optional[_Union[_campaign_trigger_pb2.TaskAction, _Mapping]] = ..., message: _Optional[_Union[_campaign_trigger_pb2.MessageAction, _Mapping]] = ...) -> None: ...

class Campaign(_message.Message):
    __slots__ = ("campaign_id", "display_names", "segment", "list", "event", "birthday", "tier", "product", "date", "coupon_ending", "control_basis_points", "variants", "conversion_window_seconds", "state", "create_time", "launch_time", "budget", "customer_cap", "outside_frequency_cap", "trigger_segment_id", "next_occurrence_time", "end_time")
    class DisplayNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAMES_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    LIST_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    BIRTHDAY_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    COUPON_ENDING_FIELD_NUMBER: _ClassVar[int]
    CONTROL_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    VARIANTS_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_WINDOW_SECONDS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAUNCH_TIME_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_CAP_FIELD_NUMBER: _ClassVar[int]
    OUTSIDE_FREQUENCY_CAP_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    NEXT_OCCURRENCE_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    display_names: _containers.ScalarMap[str, str]
    segment: SegmentTrigger
    list: ListTrigger
    event: _campaign_trigger_pb2.EventTrigger
    birthday: _campaign_trigger_pb2.BirthdayTrigger
    tier: _campaign_trigger_pb2.TierTrigger
    product: _campaign_trigger_pb2.ProductTrigger
    date: _campaign_trigger_pb2.DateTrigger
    coupon_ending: _campaign_trigger_pb2.CouponEndingTrigger
    control_basis_points: int
    variants: _containers.RepeatedCompositeFieldContainer[Variant]
    conversion_window_seconds: int
    state: CampaignState
    create_time: _timestamp_pb2.Timestamp
    launch_time: _timestamp_pb2.Timestamp
    budget: _campaign_budget_pb2.CampaignBudget
    customer_cap: int
    outside_frequency_cap: bool
    trigger_segment_id: str
    next_occurrence_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, campaign_id: _Optional[str] = ..., display_names: _Optional[_Mapping[str, str]] = ..., segment: _Optional[_Union[SegmentTrigger, _Mapping]] = ..., list: _Optional[_Union[ListTrigger, _Mapping]] = ..., event: _Optional[_Union[_campaign_trigger_pb2.EventTrigger, _Mapping]] = ..., birthday: _Optional[_Union[_campaign_trigger_pb2.BirthdayTrigger, _Mapping]] = ..., tier: _Optional[_Union[_campaign_trigger_pb2.TierTrigger, _Mapping]] = ..., product: _Optional[_Union[_campaign_trigger_pb2.ProductTrigger, _Mapping]] = ..., date: _Optional[_Union[_campaign_trigger_pb2.DateTrigger, _Mapping]] = ..., coupon_ending: _Optional[_Union[_campaign_trigger_pb2.CouponEndingTrigger, _Mapping]] = ..., control_basis_points: _Optional[int] = ..., variants: _Optional[_Iterable[_Union[Variant, _Mapping]]] = ..., conversion_window_seconds: _Optional[int] = ..., state: _Optional[_Union[CampaignState, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., launch_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., budget: _Optional[_Union[_campaign_budget_pb2.CampaignBudget, _Mapping]] = ..., customer_cap: _Optional[int] = ..., outside_frequency_cap: _Optional[bool] = ..., trigger_segment_id: _Optional[str] = ..., next_occurrence_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateCampaignRequest(_message.Message):
    __slots__ = ("request_id", "campaign")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    campaign: Campaign
    def __init__(self, request_id: _Optional[str] = ..., campaign: _Optional[_Union[Campaign, _Mapping]] = ...) -> None: ...

class CreateCampaignResponse(_message.Message):
    __slots__ = ("campaign",)
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    campaign: Campaign
    def __init__(self, campaign: _Optional[_Union[Campaign, _Mapping]] = ...) -> None: ...

class GetCampaignRequest(_message.Message):
    __slots__ = ("campaign_id",)
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    def __init__(self, campaign_id: _Optional[str] = ...) -> None: ...

class GetCampaignResponse(_message.Message):
    __slots__ = ("campaign",)
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    campaign: Campaign
    def __init__(self, campaign: _Optional[_Union[Campaign, _Mapping]] = ...) -> None: ...

class ListCampaignsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCampaignsResponse(_message.Message):
    __slots__ = ("campaigns", "next_page_token")
    CAMPAIGNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    campaigns: _containers.RepeatedCompositeFieldContainer[Campaign]
    next_page_token: str
    def __init__(self, campaigns: _Optional[_Iterable[_Union[Campaign, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class LaunchCampaignRequest(_message.Message):
    __slots__ = ("request_id", "campaign_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    campaign_id: str
    def __init__(self, request_id: _Optional[str] = ..., campaign_id: _Optional[str] = ...) -> None: ...

class LaunchCampaignResponse(_message.Message):
    __slots__ = ("campaign",)
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    campaign: Campaign
    def __init__(self, campaign: _Optional[_Union[Campaign, _Mapping]] = ...) -> None: ...

class PauseCampaignRequest(_message.Message):
    __slots__ = ("request_id", "campaign_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    campaign_id: str
    def __init__(self, request_id: _Optional[str] = ..., campaign_id: _Optional[str] = ...) -> None: ...

class PauseCampaignResponse(_message.Message):
    __slots__ = ("campaign",)
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    campaign: Campaign
    def __init__(self, campaign: _Optional[_Union[Campaign, _Mapping]] = ...) -> None: ...

class EndCampaignRequest(_message.Message):
    __slots__ = ("request_id", "campaign_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    campaign_id: str
    def __init__(self, request_id: _Optional[str] = ..., campaign_id: _Optional[str] = ...) -> None: ...

class EndCampaignResponse(_message.Message):
    __slots__ = ("campaign",)
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    campaign: Campaign
    def __init__(self, campaign: _Optional[_Union[Campaign, _Mapping]] = ...) -> None: ...

class EnrolCustomersRequest(_message.Message):
    __slots__ = ("request_id", "campaign_id", "customer_ids")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    campaign_id: str
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., customer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class EnrolCustomersResponse(_message.Message):
    __slots__ = ("enrolled_count",)
    ENROLLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    enrolled_count: int
    def __init__(self, enrolled_count: _Optional[int] = ...) -> None: ...

class CampaignSettings(_message.Message):
    __slots__ = ("holdout_basis_points", "contacts_max", "contact_window_seconds", "version", "holdout_since")
    HOLDOUT_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_MAX_FIELD_NUMBER: _ClassVar[int]
    CONTACT_WINDOW_SECONDS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HOLDOUT_SINCE_FIELD_NUMBER: _ClassVar[int]
    holdout_basis_points: int
    contacts_max: int
    contact_window_seconds: int
    version: int
    holdout_since: _timestamp_pb2.Timestamp
    def __init__(self, holdout_basis_points: _Optional[int] = ..., contacts_max: _Optional[int] = ..., contact_window_seconds: _Optional[int] = ..., version: _Optional[int] = ..., holdout_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetCampaignSettingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCampaignSettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: CampaignSettings
    def __init__(self, settings: _Optional[_Union[CampaignSettings, _Mapping]] = ...) -> None: ...

class UpdateCampaignSettingsRequest(_message.Message):
    __slots__ = ("request_id", "settings")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    settings: CampaignSettings
    def __init__(self, request_id: _Optional[str] = ..., settings: _Optional[_Union[CampaignSettings, _Mapping]] = ...) -> None: ...

class UpdateCampaignSettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: CampaignSettings
    def __init__(self, settings: _Optional[_Union[CampaignSettings, _Mapping]] = ...) -> None: ...

class Enrolment(_message.Message):
    __slots__ = ("enrolment_id", "campaign_id", "customer_id", "segment_id", "stint", "control", "variant_id", "triggered_at", "coupon_id", "holdout", "outcome", "task_id", "message_id")
    ENROLMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    STINT_FIELD_NUMBER: _ClassVar[int]
    CONTROL_FIELD_NUMBER: _ClassVar[int]
    VARIANT_ID_FIELD_NUMBER: _ClassVar[int]
    TRIGGERED_AT_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    HOLDOUT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    enrolment_id: str
    campaign_id: str
    customer_id: str
    segment_id: str
    stint: int
    control: bool
    variant_id: str
    triggered_at: _timestamp_pb2.Timestamp
    coupon_id: str
    holdout: bool
    outcome: EnrolmentOutcome
    task_id: str
    message_id: str
    def __init__(self, enrolment_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., segment_id: _Optional[str] = ..., stint: _Optional[int] = ..., control: _Optional[bool] = ..., variant_id: _Optional[str] = ..., triggered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., coupon_id: _Optional[str] = ..., holdout: _Optional[bool] = ..., outcome: _Optional[_Union[EnrolmentOutcome, str]] = ..., task_id: _Optional[str] = ..., message_id: _Optional[str] = ...) -> None: ...

class ListEnrolmentsRequest(_message.Message):
    __slots__ = ("campaign_id", "page_size", "page_token")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    page_size: int
    page_token: str
    def __init__(self, campaign_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEnrolmentsResponse(_message.Message):
    __slots__ = ("enrolments", "next_page_token")
    ENROLMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    enrolments: _containers.RepeatedCompositeFieldContainer[Enrolment]
    next_page_token: str
    def __init__(self, enrolments: _Optional[_Iterable[_Union[Enrolment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReportCampaignRequest(_message.Message):
    __slots__ = ("campaign_id",)
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    def __init__(self, campaign_id: _Optional[str] = ...) -> None: ...

class ArmFigures(_message.Message):
    __slots__ = ("arm", "triggered_count", "converted_count", "revenue_minor_units", "issued_count", "redeemed_count", "cost_minor_units", "measured_count", "enrolment_count", "acted_count", "suppressed_counts", "task_count", "messages")
    class SuppressedCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    ARM_FIELD_NUMBER: _ClassVar[int]
    TRIGGERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONVERTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    ISSUED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REDEEMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    COST_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    MEASURED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENROLMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_COUNTS_FIELD_NUMBER: _ClassVar[int]
    TASK_COUNT_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    arm: str
    triggered_count: int
    converted_count: int
    revenue_minor_units: int
    issued_count: int
    redeemed_count: int
    cost_minor_units: int
    measured_count: int
    enrolment_count: int
    acted_count: int
    suppressed_counts: _containers.ScalarMap[str, int]
    task_count: int
    messages: MessageFigures
    def __init__(self, arm: _Optional[str] = ..., triggered_count: _Optional[int] = ..., converted_count: _Optional[int] = ..., revenue_minor_units: _Optional[int] = ..., issued_count: _Optional[int] = ..., redeemed_count: _Optional[int] = ..., cost_minor_units: _Optional[int] = ..., measured_count: _Optional[int] = ..., enrolment_count: _Optional[int] = ..., acted_count: _Optional[int] = ..., suppressed_counts: _Optional[_Mapping[str, int]] = ..., task_count: _Optional[int] = ..., messages: _Optional[_Union[MessageFigures, _Mapping]] = ...) -> None: ...

class MessageFigures(_message.Message):
    __slots__ = ("posted_count", "sent_count", "delivered_count", "opened_count", "clicked_count", "suppressed_counts", "dead_counts")
    class SuppressedCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class DeadCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    POSTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPENED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CLICKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_COUNTS_FIELD_NUMBER: _ClassVar[int]
    DEAD_COUNTS_FIELD_NUMBER: _ClassVar[int]
    posted_count: int
    sent_count: int
    delivered_count: int
    opened_count: int
    clicked_count: int
    suppressed_counts: _containers.ScalarMap[str, int]
    dead_counts: _containers.ScalarMap[str, int]
    def __init__(self, posted_count: _Optional[int] = ..., sent_count: _Optional[int] = ..., delivered_count: _Optional[int] = ..., opened_count: _Optional[int] = ..., clicked_count: _Optional[int] = ..., suppressed_counts: _Optional[_Mapping[str, int]] = ..., dead_counts: _Optional[_Mapping[str, int]] = ...) -> None: ...

class ArmEffect(_message.Message):
    __slots__ = ("arm", "conversion_lift", "revenue_lift")
    ARM_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_LIFT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_LIFT_FIELD_NUMBER: _ClassVar[int]
    arm: str
    conversion_lift: Interval
    revenue_lift: Interval
    def __init__(self, arm: _Optional[str] = ..., conversion_lift: _Optional[_Union[Interval, _Mapping]] = ..., revenue_lift: _Optional[_Union[Interval, _Mapping]] = ...) -> None: ...

class CostInterval(_message.Message):
    __slots__ = ("estimate", "lower", "upper")
    ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    LOWER_FIELD_NUMBER: _ClassVar[int]
    UPPER_FIELD_NUMBER: _ClassVar[int]
    estimate: float
    lower: float
    upper: float
    def __init__(self, estimate: _Optional[float] = ..., lower: _Optional[float] = ..., upper: _Optional[float] = ...) -> None: ...

class GiftFigures(_message.Message):
    __slots__ = ("recipient_arm", "recipient_count", "converted_count", "revenue_minor_units", "new_member_count", "new_member_converted_count", "new_member_revenue_minor_units")
    RECIPIENT_ARM_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONVERTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    NEW_MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEW_MEMBER_CONVERTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEW_MEMBER_REVENUE_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    recipient_arm: str
    recipient_count: int
    converted_count: int
    revenue_minor_units: int
    new_member_count: int
    new_member_converted_count: int
    new_member_revenue_minor_units: int
    def __init__(self, recipient_arm: _Optional[str] = ..., recipient_count: _Optional[int] = ..., converted_count: _Optional[int] = ..., revenue_minor_units: _Optional[int] = ..., new_member_count: _Optional[int] = ..., new_member_converted_count: _Optional[int] = ..., new_member_revenue_minor_units: _Optional[int] = ...) -> None: ...

class SegmentFigures(_message.Message):
    __slots__ = ("segment_id", "arms")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ARMS_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    arms: _containers.RepeatedCompositeFieldContainer[ArmFigures]
    def __init__(self, segment_id: _Optional[str] = ..., arms: _Optional[_Iterable[_Union[ArmFigures, _Mapping]]] = ...) -> None: ...

class Interval(_message.Message):
    __slots__ = ("estimate", "lower", "upper")
    ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    LOWER_FIELD_NUMBER: _ClassVar[int]
    UPPER_FIELD_NUMBER: _ClassVar[int]
    estimate: float
    lower: float
    upper: float
    def __init__(self, estimate: _Optional[float] = ..., lower: _Optional[float] = ..., upper: _Optional[float] = ...) -> None: ...

class ReportCampaignResponse(_message.Message):
    __slots__ = ("campaign", "arms", "conversion_lift", "incremental_customers", "cost_per_incremental_customer", "sample_ratio_p_value", "minimum_detectable_effect", "coupons_issued", "coupons_redeemed", "coupons_gifted", "effects", "cost_interval", "minimum_detectable_revenue", "sample_ratio_mismatch", "gifts", "conversion_lift_without_recipients", "segments")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    ARMS_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_LIFT_FIELD_NUMBER: _ClassVar[int]
    INCREMENTAL_CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    COST_PER_INCREMENTAL_CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATIO_P_VALUE_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_DETECTABLE_EFFECT_FIELD_NUMBER: _ClassVar[int]
    COUPONS_ISSUED_FIELD_NUMBER: _ClassVar[int]
    COUPONS_REDEEMED_FIELD_NUMBER: _ClassVar[int]
    COUPONS_GIFTED_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    COST_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_DETECTABLE_REVENUE_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATIO_MISMATCH_FIELD_NUMBER: _ClassVar[int]
    GIFTS_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_LIFT_WITHOUT_RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    campaign: Campaign
    arms: _containers.RepeatedCompositeFieldContainer[ArmFigures]
    conversion_lift: Interval
    incremental_customers: float
    cost_per_incremental_customer: float
    sample_ratio_p_value: float
    minimum_detectable_effect: float
    coupons_issued: int
    coupons_redeemed: int
    coupons_gifted: int
    effects: _containers.RepeatedCompositeFieldContainer[ArmEffect]
    cost_interval: CostInterval
    minimum_detectable_revenue: float
    sample_ratio_mismatch: bool
    gifts: _containers.RepeatedCompositeFieldContainer[GiftFigures]
    conversion_lift_without_recipients: Interval
    segments: _containers.RepeatedCompositeFieldContainer[SegmentFigures]
    def __init__(self, campaign: _Optional[_Union[Campaign, _Mapping]] = ..., arms: _Optional[_Iterable[_Union[ArmFigures, _Mapping]]] = ..., conversion_lift: _Optional[_Union[Interval, _Mapping]] = ..., incremental_customers: _Optional[float] = ..., cost_per_incremental_customer: _Optional[float] = ..., sample_ratio_p_value: _Optional[float] = ..., minimum_detectable_effect: _Optional[float] = ..., coupons_issued: _Optional[int] = ..., coupons_redeemed: _Optional[int] = ..., coupons_gifted: _Optional[int] = ..., effects: _Optional[_Iterable[_Union[ArmEffect, _Mapping]]] = ..., cost_interval: _Optional[_Union[CostInterval, _Mapping]] = ..., minimum_detectable_revenue: _Optional[float] = ..., sample_ratio_mismatch: _Optional[bool] = ..., gifts: _Optional[_Iterable[_Union[GiftFigures, _Mapping]]] = ..., conversion_lift_without_recipients: _Optional[_Union[Interval, _Mapping]] = ..., segments: _Optional[_Iterable[_Union[SegmentFigures, _Mapping]]] = ...) -> None: ...

class ReportHoldoutRequest(_message.Message):
    __slots__ = ("start_time", "end_time", "window_seconds")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    WINDOW_SECONDS_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    window_seconds: int
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., window_seconds: _Optional[int] = ...) -> None: ...

class ReportHoldoutResponse(_message.Message):
    __slots__ = ("holdout", "reached", "conversion_lift", "revenue_lift", "incremental_customers", "cost_interval", "sample_ratio_p_value", "sample_ratio_mismatch", "minimum_detectable_effect", "minimum_detectable_revenue", "campaign_count")
    HOLDOUT_FIELD_NUMBER: _ClassVar[int]
    REACHED_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_LIFT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_LIFT_FIELD_NUMBER: _ClassVar[int]
    INCREMENTAL_CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    COST_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATIO_P_VALUE_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATIO_MISMATCH_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_DETECTABLE_EFFECT_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_DETECTABLE_REVENUE_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_COUNT_FIELD_NUMBER: _ClassVar[int]
    holdout: ArmFigures
    reached: ArmFigures
    conversion_lift: Interval
    revenue_lift: Interval
    incremental_customers: float
    cost_interval: CostInterval
    sample_ratio_p_value: float
    sample_ratio_mismatch: bool
    minimum_detectable_effect: float
    minimum_detectable_revenue: float
    campaign_count: int
    def __init__(self, holdout: _Optional[_Union[ArmFigures, _Mapping]] = ..., reached: _Optional[_Union[ArmFigures, _Mapping]] = ..., conversion_lift: _Optional[_Union[Interval, _Mapping]] = ..., revenue_lift: _Optional[_Union[Interval, _Mapping]] = ..., incremental_customers: _Optional[float] = ..., cost_interval: _Optional[_Union[CostInterval, _Mapping]] = ..., sample_ratio_p_value: _Optional[float] = ..., sample_ratio_mismatch: _Optional[bool] = ..., minimum_detectable_effect: _Optional[float] = ..., minimum_detectable_revenue: _Optional[float] = ..., campaign_count: _Optional[int] = ...) -> None: ...
