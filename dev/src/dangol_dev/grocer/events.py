"""Baskets as purchase events, households as customers."""

import uuid
from collections.abc import Iterator, Mapping

import numpy as np
from dangol.events.v1.event_pb2 import CHANNEL_STORE, CustomerRef, Event, Money, PropertyValue
from dangol.profile.v1.customer_service_pb2 import Customer, IdentifyCustomerRequest
from google.protobuf.timestamp_pb2 import Timestamp

from dangol_dev.client import request_id
from dangol_dev.grocer.data import GrocerData

CURRENCY = "USD"
HOUSEHOLD_NAMESPACE = "partner.household"
# Event ids are this UUID's first half and the basket's id, so a repeated run sends the same ones.
_BASKET_ID_PREFIX = uuid.uuid5(uuid.NAMESPACE_URL, "https://dangol.invalid/grocer").bytes[:8]


def household_ref(household: int) -> CustomerRef:
    """The name under which the grocer's register knows a household."""
    return CustomerRef(namespace=HOUSEHOLD_NAMESPACE, value=str(household))


def identify_request(household: int, demographics: Mapping[str, str]) -> IdentifyCustomerRequest:
    """A household as a member, with the demographics there are."""
    fields = {
        name: PropertyValue(text=value) for name, value in demographics.items() if name != "age"
    }
    return IdentifyCustomerRequest(
        request_id=request_id("grocer", "household", household),
        identifiers=[
            household_ref(household),
            CustomerRef(namespace="member", value=f"household-{household}"),
        ],
        attributes=Customer(
            display_name=f"Household {household}",
            age_band=demographics.get("age", ""),
            fields=fields,
        ),
    )


def order_id(basket: int) -> str:
    """The order id under which a basket's purchase is recorded."""
    return str(basket)


def basket_event_id(basket: int) -> str:
    """A version 8 UUID made from the basket's id."""
    value = bytearray(_BASKET_ID_PREFIX + basket.to_bytes(8, "big"))
    value[6] = (value[6] & 0x0F) | 0x80
    value[8] = 0x80
    return str(uuid.UUID(bytes=bytes(value)))


class PurchaseEvents:
    """Builds purchase events from the columns, a range of baskets at a time."""

    def __init__(self, data: GrocerData) -> None:
        self._baskets = data.baskets
        self._lines = data.lines
        self._refs = {household: household_ref(household) for household in data.households}

    def between_days(self, first_day: int, end_day: int) -> range:
        """Indexes of the baskets of days [first_day, end_day), counted from FIRST_DAY."""
        start, end = np.searchsorted(self._baskets.day, [first_day, end_day])
        return range(int(start), int(end))

    def build(self, indexes: range) -> Iterator[Event]:
        """One purchase a basket, in order of time, with all its lines."""
        if not indexes:
            return
        baskets, lines = self._baskets, self._lines
        part = slice(indexes.start, indexes.stop)
        starts = baskets.line_start[indexes.start : indexes.stop + 1].tolist()
        line_part = slice(starts[0], starts[-1])
        products = lines.product[line_part].tolist()
        quantities = lines.quantity[line_part].tolist()
        cents = lines.cents[line_part].tolist()
        categories = lines.category[line_part].tolist()
        first_line = starts[0]
        columns = (baskets.basket, baskets.household, baskets.store, baskets.at_ms, baskets.cents)
        rows = zip(*(column[part].tolist() for column in columns), strict=True)
        for number, (basket, household, store, at_ms, total) in enumerate(rows):
            event = Event(
                event_id=basket_event_id(basket),
                customer=self._refs[household],
                type="purchase",
                occurred_at=Timestamp(seconds=at_ms // 1000, nanos=at_ms % 1000 * 1_000_000),
                channel=CHANNEL_STORE,
                store_id=str(store),
                order_id=order_id(basket),
                amount=Money(currency_code=CURRENCY, minor_units=total),
            )
            add = event.items.add
            for line in range(starts[number] - first_line, starts[number + 1] - first_line):
                quantity, amount = quantities[line], cents[line]
                add(
                    product_id=str(products[line]),
                    category=lines.categories[categories[line]],
                    quantity=quantity,
                    unit_price_minor_units=round(amount / quantity) if quantity else 0,
                    amount_minor_units=amount,
                )
            yield event
