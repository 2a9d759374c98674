from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CampaignBudget(_message.Message):
    __slots__ = ("coupon_count", "amount")
    COUPON_COUNT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    coupon_count: int
    amount: _event_pb2.Money
    def __init__(self, coupon_count: _Optional[int] = ..., amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class BudgetUse(_message.Message):
    __slots__ = ("limit", "held", "spent", "left")
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    SPENT_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    limit: int
    held: int
    spent: int
    left: int
    def __init__(self, limit: _Optional[int] = ..., held: _Optional[int] = ..., spent: _Optional[int] = ..., left: _Optional[int] = ...) -> None: ...

class GetCampaignBudgetRequest(_message.Message):
    __slots__ = ("campaign_id",)
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    def __init__(self, campaign_id: _Optional[str] = ...) -> None: ...

class GetCampaignBudgetResponse(_message.Message):
    __slots__ = ("coupons", "amount")
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    coupons: BudgetUse
    amount: BudgetUse
    def __init__(self, coupons: _Optional[_Union[BudgetUse, _Mapping]] = ..., amount: _Optional[_Union[BudgetUse, _Mapping]] = ...) -> None: ...
