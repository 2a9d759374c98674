import datetime

from buf.validate import validate_pb2 as _validate_pb2
from dangol.events.v1 import event_pb2 as _event_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Favourite(_message.Message):
    __slots__ = ("name", "order_count", "quantity", "amount")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    order_count: int
    quantity: int
    amount: _event_pb2.Money
    def __init__(self, name: _Optional[str] = ..., order_count: _Optional[int] = ..., quantity: _Optional[int] = ..., amount: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class VisitedStore(_message.Message):
    __slots__ = ("store_id", "event_count", "last_time")
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_TIME_FIELD_NUMBER: _ClassVar[int]
    store_id: str
    event_count: int
    last_time: _timestamp_pb2.Timestamp
    def __init__(self, store_id: _Optional[str] = ..., event_count: _Optional[int] = ..., last_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CostToServe(_message.Message):
    __slots__ = ("total", "return_count", "returns", "ticket_count", "ticket_minutes", "tickets", "message_count", "messages", "redemption_count", "discounts")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    RETURN_COUNT_FIELD_NUMBER: _ClassVar[int]
    RETURNS_FIELD_NUMBER: _ClassVar[int]
    TICKET_COUNT_FIELD_NUMBER: _ClassVar[int]
    TICKET_MINUTES_FIELD_NUMBER: _ClassVar[int]
    TICKETS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    REDEMPTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    DISCOUNTS_FIELD_NUMBER: _ClassVar[int]
    total: _event_pb2.Money
    return_count: int
    returns: _event_pb2.Money
    ticket_count: int
    ticket_minutes: str
    tickets: _event_pb2.Money
    message_count: int
    messages: _event_pb2.Money
    redemption_count: int
    discounts: _event_pb2.Money
    def __init__(self, total: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., return_count: _Optional[int] = ..., returns: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., ticket_count: _Optional[int] = ..., ticket_minutes: _Optional[str] = ..., tickets: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., message_count: _Optional[int] = ..., messages: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., redemption_count: _Optional[int] = ..., discounts: _Optional[_Union[_event_pb2.Money, _Mapping]] = ...) -> None: ...

class Facts(_message.Message):
    __slots__ = ("customer_id", "first_seen", "last_seen", "first_purchase", "last_purchase", "order_count", "revenue", "return_count", "returned", "cancel_count", "cancelled", "net_revenue", "purchase_day_count", "purchase_cycle_days", "orders_per_month", "favourite_categories", "favourite_products", "stores", "store_count", "cost_to_serve", "profit", "margin_known", "revenue_share")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    FIRST_PURCHASE_FIELD_NUMBER: _ClassVar[int]
    LAST_PURCHASE_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_FIELD_NUMBER: _ClassVar[int]
    RETURN_COUNT_FIELD_NUMBER: _ClassVar[int]
    RETURNED_FIELD_NUMBER: _ClassVar[int]
    CANCEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    NET_REVENUE_FIELD_NUMBER: _ClassVar[int]
    PURCHASE_DAY_COUNT_FIELD_NUMBER: _ClassVar[int]
    PURCHASE_CYCLE_DAYS_FIELD_NUMBER: _ClassVar[int]
    ORDERS_PER_MONTH_FIELD_NUMBER: _ClassVar[int]
    FAVOURITE_CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    FAVOURITE_PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    STORES_FIELD_NUMBER: _ClassVar[int]
    STORE_COUNT_FIELD_NUMBER: _ClassVar[int]
    COST_TO_SERVE_FIELD_NUMBER: _ClassVar[int]
    PROFIT_FIELD_NUMBER: _ClassVar[int]
    MARGIN_KNOWN_FIELD_NUMBER: _ClassVar[int]
    REVENUE_SHARE_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    first_seen: _timestamp_pb2.Timestamp
    last_seen: _timestamp_pb2.Timestamp
    first_purchase: _timestamp_pb2.Timestamp
    last_purchase: _timestamp_pb2.Timestamp
    order_count: int
    revenue: _event_pb2.Money
    return_count: int
    returned: _event_pb2.Money
    cancel_count: int
    cancelled: _event_pb2.Money
    net_revenue: _event_pb2.Money
    purchase_day_count: int
    purchase_cycle_days: float
    orders_per_month: float
    favourite_categories: _containers.RepeatedCompositeFieldContainer[Favourite]
    favourite_products: _containers.RepeatedCompositeFieldContainer[Favourite]
    stores: _containers.RepeatedCompositeFieldContainer[VisitedStore]
    store_count: int
    cost_to_serve: CostToServe
    profit: _event_pb2.Money
    margin_known: bool
    revenue_share: float
    def __init__(self, customer_id: _Optional[str] = ..., first_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., first_purchase: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_purchase: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order_count: _Optional[int] = ..., revenue: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., return_count: _Optional[int] = ..., returned: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., cancel_count: _Optional[int] = ..., cancelled: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., net_revenue: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., purchase_day_count: _Optional[int] = ..., purchase_cycle_days: _Optional[float] = ..., orders_per_month: _Optional[float] = ..., favourite_categories: _Optional[_Iterable[_Union[Favourite, _Mapping]]] = ..., favourite_products: _Optional[_Iterable[_Union[Favourite, _Mapping]]] = ..., stores: _Optional[_Iterable[_Union[VisitedStore, _Mapping]]] = ..., store_count: _Optional[int] = ..., cost_to_serve: _Optional[_Union[CostToServe, _Mapping]] = ..., profit: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., margin_known: _Optional[bool] = ..., revenue_share: _Optional[float] = ...) -> None: ...

class GetFactsRequest(_message.Message):
    __slots__ = ("customer_id",)
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    def __init__(self, customer_id: _Optional[str] = ...) -> None: ...

class GetFactsResponse(_message.Message):
    __slots__ = ("facts",)
    FACTS_FIELD_NUMBER: _ClassVar[int]
    facts: Facts
    def __init__(self, facts: _Optional[_Union[Facts, _Mapping]] = ...) -> None: ...

class BatchGetFactsRequest(_message.Message):
    __slots__ = ("customer_ids",)
    CUSTOMER_IDS_FIELD_NUMBER: _ClassVar[int]
    customer_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, customer_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchGetFactsResponse(_message.Message):
    __slots__ = ("facts",)
    FACTS_FIELD_NUMBER: _ClassVar[int]
    facts: _containers.RepeatedCompositeFieldContainer[Facts]
    def __init__(self, facts: _Optional[_Iterable[_Union[Facts, _Mapping]]] = ...) -> None: ...

class ListMostProfitableRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ProfitableCustomer(_message.Message):
    __slots__ = ("customer_id", "rank", "order_count", "revenue", "net_revenue", "cost_to_serve", "profit", "cumulative_profit_share")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVENUE_FIELD_NUMBER: _ClassVar[int]
    NET_REVENUE_FIELD_NUMBER: _ClassVar[int]
    COST_TO_SERVE_FIELD_NUMBER: _ClassVar[int]
    PROFIT_FIELD_NUMBER: _ClassVar[int]
    CUMULATIVE_PROFIT_SHARE_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    rank: int
    order_count: int
    revenue: _event_pb2.Money
    net_revenue: _event_pb2.Money
    cost_to_serve: _event_pb2.Money
    profit: _event_pb2.Money
    cumulative_profit_share: float
    def __init__(self, customer_id: _Optional[str] = ..., rank: _Optional[int] = ..., order_count: _Optional[int] = ..., revenue: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., net_revenue: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., cost_to_serve: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., profit: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., cumulative_profit_share: _Optional[float] = ...) -> None: ...

class ListMostProfitableResponse(_message.Message):
    __slots__ = ("customers", "next_page_token", "refresh_time", "customer_count", "total_revenue", "total_profit", "top_fifth_revenue_share", "margin_known")
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TIME_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOTAL_REVENUE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_PROFIT_FIELD_NUMBER: _ClassVar[int]
    TOP_FIFTH_REVENUE_SHARE_FIELD_NUMBER: _ClassVar[int]
    MARGIN_KNOWN_FIELD_NUMBER: _ClassVar[int]
    customers: _containers.RepeatedCompositeFieldContainer[ProfitableCustomer]
    next_page_token: str
    refresh_time: _timestamp_pb2.Timestamp
    customer_count: int
    total_revenue: _event_pb2.Money
    total_profit: _event_pb2.Money
    top_fifth_revenue_share: float
    margin_known: bool
    def __init__(self, customers: _Optional[_Iterable[_Union[ProfitableCustomer, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., refresh_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., customer_count: _Optional[int] = ..., total_revenue: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., total_profit: _Optional[_Union[_event_pb2.Money, _Mapping]] = ..., top_fifth_revenue_share: _Optional[float] = ..., margin_known: _Optional[bool] = ...) -> None: ...

class CostRates(_message.Message):
    __slots__ = ("version", "return_minor_units", "ticket_minute_minor_units", "usual_ticket_minutes", "message_minor_units", "margin_basis_points", "purchases_are_after_discounts")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RETURN_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    TICKET_MINUTE_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    USUAL_TICKET_MINUTES_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    MARGIN_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    PURCHASES_ARE_AFTER_DISCOUNTS_FIELD_NUMBER: _ClassVar[int]
    version: int
    return_minor_units: int
    ticket_minute_minor_units: int
    usual_ticket_minutes: int
    message_minor_units: int
    margin_basis_points: int
    purchases_are_after_discounts: bool
    def __init__(self, version: _Optional[int] = ..., return_minor_units: _Optional[int] = ..., ticket_minute_minor_units: _Optional[int] = ..., usual_ticket_minutes: _Optional[int] = ..., message_minor_units: _Optional[int] = ..., margin_basis_points: _Optional[int] = ..., purchases_are_after_discounts: _Optional[bool] = ...) -> None: ...

class GetCostRatesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCostRatesResponse(_message.Message):
    __slots__ = ("rates",)
    RATES_FIELD_NUMBER: _ClassVar[int]
    rates: CostRates
    def __init__(self, rates: _Optional[_Union[CostRates, _Mapping]] = ...) -> None: ...

class SetCostRatesRequest(_message.Message):
    __slots__ = ("request_id", "rates")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    rates: CostRates
    def __init__(self, request_id: _Optional[str] = ..., rates: _Optional[_Union[CostRates, _Mapping]] = ...) -> None: ...

class SetCostRatesResponse(_message.Message):
    __slots__ = ("rates",)
    RATES_FIELD_NUMBER: _ClassVar[int]
    rates: CostRates
    def __init__(self, rates: _Optional[_Union[CostRates, _Mapping]] = ...) -> None: ...
