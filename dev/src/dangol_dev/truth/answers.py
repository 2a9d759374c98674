"""Raw events in DuckDB tables, and who is in which segment at an instant."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
from dangol.events.v1.event_pb2 import CHANNEL_APP, CHANNEL_CALL, CHANNEL_STORE, CHANNEL_WEB, Event

from dangol_dev.truth.queries import MACROS

_CHANNELS = {CHANNEL_WEB: "web", CHANNEL_APP: "app", CHANNEL_STORE: "store", CHANNEL_CALL: "call"}
_TEXT, _NUMBER = pa.string(), pa.int64()
CUSTOMERS = pa.schema(
    {
        "customer": _TEXT,
        "region": _TEXT,
        "birthday": _TEXT,
        "known_ms": _NUMBER,
        "member_ms": _NUMBER,
    }
)
EVENTS = pa.schema(
    {
        "event": _TEXT,
        "customer": _TEXT,
        "type": _TEXT,
        "at_ms": _NUMBER,
        "channel": _TEXT,
        "session_id": _TEXT,
        "cart_id": _TEXT,
        "order_id": _TEXT,
        "store_id": _TEXT,
        "amount": _NUMBER,
        "rating": _NUMBER,
        "offer_id": _TEXT,
        "coupon_id": _TEXT,
    }
)
ITEMS = pa.schema(
    {
        "event": _TEXT,
        "customer": _TEXT,
        "type": _TEXT,
        "at_ms": _NUMBER,
        "product_id": _TEXT,
        "category": _TEXT,
    }
)

Row = Mapping[str, Any]


class Answers:
    """Answers the queries over one shop's raw events. Close it at the end, or use `with`.

    amounts are the thresholds $vip and $champion in minor units.
    """

    def __init__(self, time_zone: ZoneInfo, amounts: Mapping[str, int]) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(MACROS)
        self._time_zone = time_zone
        self._amounts = dict(amounts)

    def __enter__(self) -> "Answers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    def load(self, name: str, rows: Iterable[Row], schema: pa.Schema) -> None:
        """Fill the table `name`; what a row lacks is null."""
        table = pa.Table.from_pylist([dict(row) for row in rows], schema)
        self.connection.register("arriving", table)
        self.connection.execute(f"create table {name} as from arriving")
        self.connection.unregister("arriving")

    def load_shop(self, customers: Iterable[Row], events: Iterable[tuple[str, Event]]) -> None:
        """Fill the three tables from customers' rows and (customer, event) pairs."""
        known = list(events)
        self.load("customers", customers, CUSTOMERS)
        self.load("events", (event_row(customer, event) for customer, event in known), EVENTS)
        items = (row for customer, event in known for row in item_rows(customer, event))
        self.load("items", items, ITEMS)

    def members(self, query: str, now_ms: int) -> set[str]:
        """The customers whom a query finds at the instant."""
        today = datetime.fromtimestamp(now_ms / 1000, self._time_zone).date().isoformat()
        known: dict[str, Any] = {"now_ms": now_ms, "today": today, **self._amounts}
        used = {name: value for name, value in known.items() if f"${name}" in query}
        return {str(found[0]) for found in self.connection.execute(query, used).fetchall()}


def event_row(customer: str, event: Event) -> Row:
    """An event as a row of `events`."""
    return {
        "event": event.event_id,
        "customer": customer,
        "type": event.type,
        "at_ms": event.occurred_at.ToMilliseconds(),
        "channel": _CHANNELS.get(event.channel),
        "session_id": event.session_id or None,
        "cart_id": event.cart_id or None,
        "order_id": event.order_id or None,
        "store_id": event.store_id or None,
        "amount": event.amount.minor_units if event.HasField("amount") else None,
        "rating": event.rating or None,
        "offer_id": _own(event, "offer_id"),
        "coupon_id": _own(event, "coupon_id"),
    }


def item_rows(customer: str, event: Event) -> Iterable[Row]:
    """An event's items as rows of `items`."""
    for item in event.items:
        yield {
            "event": event.event_id,
            "customer": customer,
            "type": event.type,
            "at_ms": event.occurred_at.ToMilliseconds(),
            "product_id": item.product_id or None,
            "category": item.category or None,
        }


def _own(event: Event, name: str) -> str | None:
    return event.properties[name].text if name in event.properties else None
