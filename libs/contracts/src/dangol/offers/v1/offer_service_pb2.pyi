import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MinimumBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MINIMUM_BASIS_UNSPECIFIED: _ClassVar[MinimumBasis]
    MINIMUM_BASIS_SCOPE: _ClassVar[MinimumBasis]
    MINIMUM_BASIS_CART: _ClassVar[MinimumBasis]

class RestorePolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESTORE_POLICY_UNSPECIFIED: _ClassVar[RestorePolicy]
    RESTORE_POLICY_RESTORE: _ClassVar[RestorePolicy]
    RESTORE_POLICY_RESTORE_IF_VALID: _ClassVar[RestorePolicy]
    RESTORE_POLICY_KEEP_REDEEMED: _ClassVar[RestorePolicy]
MINIMUM_BASIS_UNSPECIFIED: MinimumBasis
MINIMUM_BASIS_SCOPE: MinimumBasis
MINIMUM_BASIS_CART: MinimumBasis
RESTORE_POLICY_UNSPECIFIED: RestorePolicy
RESTORE_POLICY_RESTORE: RestorePolicy
RESTORE_POLICY_RESTORE_IF_VALID: RestorePolicy
RESTORE_POLICY_KEEP_REDEEMED: RestorePolicy

class FreeShipping(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GiftItem(_message.Message):
    __slots__ = ("product_id", "quantity")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    quantity: int
    def __init__(self, product_id: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class PointsReward(_message.Message):
    __slots__ = ("points", "per_amount")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    PER_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    points: int
    per_amount: _event_pb2.Money
    def __init__(self, points: _Optional[int] = ..., per_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class Scope(_message.Message):
    __slots__ = ("product_ids", "categories", "excluded_product_ids", "excluded_categories")
    PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    product_ids: _containers.RepeatedScalarFieldContainer[str]
    categories: _containers.RepeatedScalarFieldContainer[str]
    excluded_product_ids: _containers.RepeatedScalarFieldContainer[str]
    excluded_categories: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, product_ids: _Optional[_Iterable[str]] = ..., categories: _Optional[_Iterable[str]] = ..., excluded_product_ids: _Optional[_Iterable[str]] = ..., excluded_categories: _Optional[_Iterable[str]] = ...) -> None: ...

class Offer(_message.Message):
    __slots__ = ("offer_id", "display_names", "percent_basis_points", "fixed_amount", "free_shipping", "gift_item", "points", "minimum_order", "valid_for_seconds", "valid_until", "giftable", "create_time", "maximum_discount", "scope", "minimum_basis", "valid_from", "valid_for_days", "stacking_group", "stackable_with", "restore_policy", "restore_grace_seconds", "per_customer_limit", "gift_times_max")
    class DisplayNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAMES_FIELD_NUMBER: _ClassVar[int]
    PERCENT_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    FIXED_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    FREE_SHIPPING_FIELD_NUMBER: _ClassVar[int]
    GIFT_ITEM_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_ORDER_FIELD_NUMBER: _ClassVar[int]
    VALID_FOR_SECONDS_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    GIFTABLE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_BASIS_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_FOR_DAYS_FIELD_NUMBER: _ClassVar[int]
    STACKING_GROUP_FIELD_NUMBER: _ClassVar[int]
    STACKABLE_WITH_FIELD_NUMBER: _ClassVar[int]
    RESTORE_POLICY_FIELD_NUMBER: _ClassVar[int]
    RESTORE_GRACE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PER_CUSTOMER_LIMIT_FIELD_NUMBER: _ClassVar[int]
    GIFT_TIMES_MAX_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    display_names: _containers.ScalarMap[str, str]
    percent_basis_points: int
    fixed_amount: _event_pb2.Money
    free_shipping: FreeShipping
    gift_item: GiftItem
    points: PointsReward
    minimum_order: _event_pb2.Money
    valid_for_seconds: int
    valid_until: _timestamp_pb2.Timestamp
    giftable: bool
    create_time: _timestamp_pb2.Timestamp
    maximum_discount: _event_pb2.Money
    scope: Scope
    minimum_basis: MinimumBasis
    valid_from: _timestamp_pb2.Timestamp
    valid_for_days: int
    stacking_group: str
    stackable_with: _containers.RepeatedScalarFieldContainer[str]
    restore_policy: RestorePolicy
    restore_grace_seconds: int
    per_customer_limit: int
    gift_times_max: int
    def __init__(self, offer_id: _Optional[str] = ..., display_names: _Optional[_Mapping[str, str]] = ..., percent_basis_points: _Optional[int] = ..., fixed_amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., free_shipping: _Optional[_Union[FreeShipping, _Mapping]] = ..., gift_item: _Optional[_Union[GiftItem, _Mapping]] = ..., points: _Optional[_Union[PointsReward, _Mapping]] = ..., minimum_order: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., valid_for_seconds: _Optional[int] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., giftable: _Optional[bool] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., maximum_discount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., scope: _Optional[_Union[Scope, _Mapping]] = ..., minimum_basis: _Optional[_Union[MinimumBasis, str]] = ..., valid_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_for_days: _Optional[int] = ..., stacking_group: _Optional[str] = ..., stackable_with: _Optional[_Iterable[str]] = ..., restore_policy: _Optional[_Union[RestorePolicy, str]] = ..., restore_grace_seconds: _Optional[int] = ..., per_customer_limit: _Optional[int] = ..., gift_times_max: _Optional[int] = ...) -> None: ...

class CreateOfferRequest(_message.Message):
    __slots__ = ("request_id", "offer")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    offer: Offer
    def __init__(self, request_id: _Optional[str] = ..., offer: _Optional[_Union[Offer, _Mapping]] = ...) -> None: ...

class CreateOfferResponse(_message.Message):
    __slots__ = ("offer",)
    OFFER_FIELD_NUMBER: _ClassVar[int]
    offer: Offer
    def __init__(self, offer: _Optional[_Union[Offer, _Mapping]] = ...) -> None: ...

class GetOfferRequest(_message.Message):
    __slots__ = ("offer_id",)
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    def __init__(self, offer_id: _Optional[str] = ...) -> None: ...

class GetOfferResponse(_message.Message):
    __slots__ = ("offer",)
    OFFER_FIELD_NUMBER: _ClassVar[int]
    offer: Offer
    def __init__(self, offer: _Optional[_Union[Offer, _Mapping]] = ...) -> None: ...

class ListOffersRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "current_only")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CURRENT_ONLY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    current_only: bool
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., current_only: _Optional[bool] = ...) -> None: ...

class ListOffersResponse(_message.Message):
    __slots__ = ("offers", "next_page_token")
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    offers: _containers.RepeatedCompositeFieldContainer[Offer]
    next_page_token: str
    def __init__(self, offers: _Optional[_Iterable[_Union[Offer, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class BatchGetOffersRequest(_message.Message):
    __slots__ = ("offer_ids",)
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, offer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchGetOffersResponse(_message.Message):
    __slots__ = ("offers",)
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    offers: _containers.RepeatedCompositeFieldContainer[Offer]
    def __init__(self, offers: _Optional[_Iterable[_Union[Offer, _Mapping]]] = ...) -> None: ...
