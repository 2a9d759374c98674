import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProductNewsKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRODUCT_NEWS_KIND_UNSPECIFIED: _ClassVar[ProductNewsKind]
    PRODUCT_NEWS_KIND_PRICE_DROPPED: _ClassVar[ProductNewsKind]
    PRODUCT_NEWS_KIND_RESTOCKED: _ClassVar[ProductNewsKind]
    PRODUCT_NEWS_KIND_LAUNCHED: _ClassVar[ProductNewsKind]

class UpsertOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UPSERT_OUTCOME_UNSPECIFIED: _ClassVar[UpsertOutcome]
    UPSERT_OUTCOME_CREATED: _ClassVar[UpsertOutcome]
    UPSERT_OUTCOME_CHANGED: _ClassVar[UpsertOutcome]
    UPSERT_OUTCOME_UNCHANGED: _ClassVar[UpsertOutcome]
    UPSERT_OUTCOME_VERSION_CONFLICT: _ClassVar[UpsertOutcome]
    UPSERT_OUTCOME_REQUEST_CONFLICT: _ClassVar[UpsertOutcome]

class FeedbackKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEEDBACK_KIND_UNSPECIFIED: _ClassVar[FeedbackKind]
    FEEDBACK_KIND_REVIEW: _ClassVar[FeedbackKind]
    FEEDBACK_KIND_RETURN: _ClassVar[FeedbackKind]
    FEEDBACK_KIND_TICKET: _ClassVar[FeedbackKind]

class PairOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PAIR_ORDER_UNSPECIFIED: _ClassVar[PairOrder]
    PAIR_ORDER_COUNT: _ClassVar[PairOrder]
    PAIR_ORDER_LIFT: _ClassVar[PairOrder]
PRODUCT_NEWS_KIND_UNSPECIFIED: ProductNewsKind
PRODUCT_NEWS_KIND_PRICE_DROPPED: ProductNewsKind
PRODUCT_NEWS_KIND_RESTOCKED: ProductNewsKind
PRODUCT_NEWS_KIND_LAUNCHED: ProductNewsKind
UPSERT_OUTCOME_UNSPECIFIED: UpsertOutcome
UPSERT_OUTCOME_CREATED: UpsertOutcome
UPSERT_OUTCOME_CHANGED: UpsertOutcome
UPSERT_OUTCOME_UNCHANGED: UpsertOutcome
UPSERT_OUTCOME_VERSION_CONFLICT: UpsertOutcome
UPSERT_OUTCOME_REQUEST_CONFLICT: UpsertOutcome
FEEDBACK_KIND_UNSPECIFIED: FeedbackKind
FEEDBACK_KIND_REVIEW: FeedbackKind
FEEDBACK_KIND_RETURN: FeedbackKind
FEEDBACK_KIND_TICKET: FeedbackKind
PAIR_ORDER_UNSPECIFIED: PairOrder
PAIR_ORDER_COUNT: PairOrder
PAIR_ORDER_LIFT: PairOrder

class Product(_message.Message):
    __slots__ = ("product_id", "version", "name", "category", "price", "stock", "launch_time", "create_time", "update_time")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    STOCK_FIELD_NUMBER: _ClassVar[int]
    LAUNCH_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    version: int
    name: str
    category: str
    price: _event_pb2.Money
    stock: int
    launch_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, product_id: _Optional[str] = ..., version: _Optional[int] = ..., name: _Optional[str] = ..., category: _Optional[str] = ..., price: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., stock: _Optional[int] = ..., launch_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ProductUpsert(_message.Message):
    __slots__ = ("product", "update_mask", "expected_version")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    product: Product
    update_mask: _field_mask_pb2.FieldMask
    expected_version: int
    def __init__(self, product: _Optional[_Union[Product, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., expected_version: _Optional[int] = ...) -> None: ...

class UpsertProductsRequest(_message.Message):
    __slots__ = ("request_id", "upserts", "quiet_news", "without_related_buyers")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    UPSERTS_FIELD_NUMBER: _ClassVar[int]
    QUIET_NEWS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_RELATED_BUYERS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    upserts: _containers.RepeatedCompositeFieldContainer[ProductUpsert]
    quiet_news: _containers.RepeatedScalarFieldContainer[ProductNewsKind]
    without_related_buyers: bool
    def __init__(self, request_id: _Optional[str] = ..., upserts: _Optional[_Iterable[_Union[ProductUpsert, _Mapping]]] = ..., quiet_news: _Optional[_Iterable[_Union[ProductNewsKind, str]]] = ..., without_related_buyers: _Optional[bool] = ...) -> None: ...

class UpsertResult(_message.Message):
    __slots__ = ("product_id", "outcome", "version", "news")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    NEWS_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    outcome: UpsertOutcome
    version: int
    news: _containers.RepeatedScalarFieldContainer[ProductNewsKind]
    def __init__(self, product_id: _Optional[str] = ..., outcome: _Optional[_Union[UpsertOutcome, str]] = ..., version: _Optional[int] = ..., news: _Optional[_Iterable[_Union[ProductNewsKind, str]]] = ...) -> None: ...

class UpsertProductsResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[UpsertResult]
    def __init__(self, results: _Optional[_Iterable[_Union[UpsertResult, _Mapping]]] = ...) -> None: ...

class GetProductRequest(_message.Message):
    __slots__ = ("product_id",)
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    def __init__(self, product_id: _Optional[str] = ...) -> None: ...

class GetProductResponse(_message.Message):
    __slots__ = ("product",)
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    product: Product
    def __init__(self, product: _Optional[_Union[Product, _Mapping]] = ...) -> None: ...

class BatchGetProductsRequest(_message.Message):
    __slots__ = ("product_ids",)
    PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    product_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, product_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchGetProductsResponse(_message.Message):
    __slots__ = ("products",)
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[Product]
    def __init__(self, products: _Optional[_Iterable[_Union[Product, _Mapping]]] = ...) -> None: ...

class ListProductsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "category")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    category: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., category: _Optional[str] = ...) -> None: ...

class ListProductsResponse(_message.Message):
    __slots__ = ("products", "next_page_token")
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[Product]
    next_page_token: str
    def __init__(self, products: _Optional[_Iterable[_Union[Product, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListProductNewsRequest(_message.Message):
    __slots__ = ("product_id", "page_size", "page_token")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    page_size: int
    page_token: str
    def __init__(self, product_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ProductNews(_message.Message):
    __slots__ = ("kind", "version", "news_time", "old_price", "new_price", "told_count", "done")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    NEWS_TIME_FIELD_NUMBER: _ClassVar[int]
    OLD_PRICE_FIELD_NUMBER: _ClassVar[int]
    NEW_PRICE_FIELD_NUMBER: _ClassVar[int]
    TOLD_COUNT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    kind: ProductNewsKind
    version: int
    news_time: _timestamp_pb2.Timestamp
    old_price: _event_pb2.Money
    new_price: _event_pb2.Money
    told_count: int
    done: bool
    def __init__(self, kind: _Optional[_Union[ProductNewsKind, str]] = ..., version: _Optional[int] = ..., news_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., old_price: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., new_price: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., told_count: _Optional[int] = ..., done: _Optional[bool] = ...) -> None: ...

class ListProductNewsResponse(_message.Message):
    __slots__ = ("news", "next_page_token")
    NEWS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    news: _containers.RepeatedCompositeFieldContainer[ProductNews]
    next_page_token: str
    def __init__(self, news: _Optional[_Iterable[_Union[ProductNews, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetProductFactsRequest(_message.Message):
    __slots__ = ("product_ids",)
    PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    product_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, product_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ReasonCount(_message.Message):
    __slots__ = ("reason", "count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    count: int
    def __init__(self, reason: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class ProductFacts(_message.Message):
    __slots__ = ("product_id", "order_count", "return_count", "review_count", "mean_rating", "ratings", "return_reasons", "complaint_count", "complaint_reasons", "view_count", "cart_count", "wish_count", "missed_count")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    RETURN_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVIEW_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEAN_RATING_FIELD_NUMBER: _ClassVar[int]
    RATINGS_FIELD_NUMBER: _ClassVar[int]
    RETURN_REASONS_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_REASONS_FIELD_NUMBER: _ClassVar[int]
    VIEW_COUNT_FIELD_NUMBER: _ClassVar[int]
    CART_COUNT_FIELD_NUMBER: _ClassVar[int]
    WISH_COUNT_FIELD_NUMBER: _ClassVar[int]
    MISSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    order_count: int
    return_count: int
    review_count: int
    mean_rating: float
    ratings: _containers.RepeatedScalarFieldContainer[int]
    return_reasons: _containers.RepeatedCompositeFieldContainer[ReasonCount]
    complaint_count: int
    complaint_reasons: _containers.RepeatedCompositeFieldContainer[ReasonCount]
    view_count: int
    cart_count: int
    wish_count: int
    missed_count: int
    def __init__(self, product_id: _Optional[str] = ..., order_count: _Optional[int] = ..., return_count: _Optional[int] = ..., review_count: _Optional[int] = ..., mean_rating: _Optional[float] = ..., ratings: _Optional[_Iterable[int]] = ..., return_reasons: _Optional[_Iterable[_Union[ReasonCount, _Mapping]]] = ..., complaint_count: _Optional[int] = ..., complaint_reasons: _Optional[_Iterable[_Union[ReasonCount, _Mapping]]] = ..., view_count: _Optional[int] = ..., cart_count: _Optional[int] = ..., wish_count: _Optional[int] = ..., missed_count: _Optional[int] = ...) -> None: ...

class GetProductFactsResponse(_message.Message):
    __slots__ = ("facts",)
    FACTS_FIELD_NUMBER: _ClassVar[int]
    facts: _containers.RepeatedCompositeFieldContainer[ProductFacts]
    def __init__(self, facts: _Optional[_Iterable[_Union[ProductFacts, _Mapping]]] = ...) -> None: ...

class ListProductFeedbackRequest(_message.Message):
    __slots__ = ("product_id", "kind", "rating_max", "page_size", "page_token")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    RATING_MAX_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    kind: FeedbackKind
    rating_max: int
    page_size: int
    page_token: str
    def __init__(self, product_id: _Optional[str] = ..., kind: _Optional[_Union[FeedbackKind, str]] = ..., rating_max: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ProductFeedback(_message.Message):
    __slots__ = ("kind", "customer_id", "feedback_time", "rating", "reason", "text", "order_id", "store_id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    FEEDBACK_TIME_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    kind: FeedbackKind
    customer_id: str
    feedback_time: _timestamp_pb2.Timestamp
    rating: int
    reason: str
    text: str
    order_id: str
    store_id: str
    def __init__(self, kind: _Optional[_Union[FeedbackKind, str]] = ..., customer_id: _Optional[str] = ..., feedback_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., rating: _Optional[int] = ..., reason: _Optional[str] = ..., text: _Optional[str] = ..., order_id: _Optional[str] = ..., store_id: _Optional[str] = ...) -> None: ...

class ListProductFeedbackResponse(_message.Message):
    __slots__ = ("feedback", "next_page_token")
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    feedback: _containers.RepeatedCompositeFieldContainer[ProductFeedback]
    next_page_token: str
    def __init__(self, feedback: _Optional[_Iterable[_Union[ProductFeedback, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListWeakProductsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class WeakProduct(_message.Message):
    __slots__ = ("product_id", "order_count", "return_count", "return_share_at_least", "review_count", "ill_review_count", "ill_share_at_least", "mean_rating", "complaint_count", "excess")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    RETURN_COUNT_FIELD_NUMBER: _ClassVar[int]
    RETURN_SHARE_AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    REVIEW_COUNT_FIELD_NUMBER: _ClassVar[int]
    ILL_REVIEW_COUNT_FIELD_NUMBER: _ClassVar[int]
    ILL_SHARE_AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    MEAN_RATING_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCESS_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    order_count: int
    return_count: int
    return_share_at_least: float
    review_count: int
    ill_review_count: int
    ill_share_at_least: float
    mean_rating: float
    complaint_count: int
    excess: float
    def __init__(self, product_id: _Optional[str] = ..., order_count: _Optional[int] = ..., return_count: _Optional[int] = ..., return_share_at_least: _Optional[float] = ..., review_count: _Optional[int] = ..., ill_review_count: _Optional[int] = ..., ill_share_at_least: _Optional[float] = ..., mean_rating: _Optional[float] = ..., complaint_count: _Optional[int] = ..., excess: _Optional[float] = ...) -> None: ...

class ListWeakProductsResponse(_message.Message):
    __slots__ = ("products", "next_page_token", "refresh_time", "return_share", "ill_share")
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TIME_FIELD_NUMBER: _ClassVar[int]
    RETURN_SHARE_FIELD_NUMBER: _ClassVar[int]
    ILL_SHARE_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[WeakProduct]
    next_page_token: str
    refresh_time: _timestamp_pb2.Timestamp
    return_share: float
    ill_share: float
    def __init__(self, products: _Optional[_Iterable[_Union[WeakProduct, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., refresh_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., return_share: _Optional[float] = ..., ill_share: _Optional[float] = ...) -> None: ...

class ListBoughtTogetherRequest(_message.Message):
    __slots__ = ("product_id", "order", "limit")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    order: PairOrder
    limit: int
    def __init__(self, product_id: _Optional[str] = ..., order: _Optional[_Union[PairOrder, str]] = ..., limit: _Optional[int] = ...) -> None: ...

class ProductPair(_message.Message):
    __slots__ = ("product_id", "other_product_id", "count", "support", "confidence", "lift")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    OTHER_PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    LIFT_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    other_product_id: str
    count: int
    support: float
    confidence: float
    lift: float
    def __init__(self, product_id: _Optional[str] = ..., other_product_id: _Optional[str] = ..., count: _Optional[int] = ..., support: _Optional[float] = ..., confidence: _Optional[float] = ..., lift: _Optional[float] = ...) -> None: ...

class ListBoughtTogetherResponse(_message.Message):
    __slots__ = ("pairs", "refresh_time", "order_count")
    PAIRS_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TIME_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    pairs: _containers.RepeatedCompositeFieldContainer[ProductPair]
    refresh_time: _timestamp_pb2.Timestamp
    order_count: int
    def __init__(self, pairs: _Optional[_Iterable[_Union[ProductPair, _Mapping]]] = ..., refresh_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order_count: _Optional[int] = ...) -> None: ...

class ListRecentlyViewedRequest(_message.Message):
    __slots__ = ("customer_id", "without_bought", "limit")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_BOUGHT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    without_bought: bool
    limit: int
    def __init__(self, customer_id: _Optional[str] = ..., without_bought: _Optional[bool] = ..., limit: _Optional[int] = ...) -> None: ...

class ViewedProduct(_message.Message):
    __slots__ = ("product_id", "view_time", "view_count", "product")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    VIEW_TIME_FIELD_NUMBER: _ClassVar[int]
    VIEW_COUNT_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    view_time: _timestamp_pb2.Timestamp
    view_count: int
    product: Product
    def __init__(self, product_id: _Optional[str] = ..., view_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., view_count: _Optional[int] = ..., product: _Optional[_Union[Product, _Mapping]] = ...) -> None: ...

class ListRecentlyViewedResponse(_message.Message):
    __slots__ = ("products",)
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[ViewedProduct]
    def __init__(self, products: _Optional[_Iterable[_Union[ViewedProduct, _Mapping]]] = ...) -> None: ...
