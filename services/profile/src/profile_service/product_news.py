"""Who is told news of a product, why, and the event that tells it. Pure."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from dangol.events.v1.event_pb2 import Event

from profile_service.domain import CUSTOMER, PURCHASE
from profile_service.products import News

# Whoever wanted a product longer ago has most likely got over it, or bought it elsewhere.
WANTED_MS: Final = 180 * 24 * 3600 * 1000
OFTEN_VIEWS: Final = 3
AUDIENCE_MAX: Final = 100_000
RELATED_MAX: Final = 10_000
PARTNERS_MAX: Final = 5
CATEGORY_PRODUCTS_MAX: Final = 20

CART_ADD: Final = "cart_add"
CART_REMOVE: Final = "cart_remove"
WISHLIST: Final = "wishlist"
OUT_OF_STOCK: Final = "out_of_stock"
VIEW: Final = "product_view"
WANTING: Final = (CART_ADD, WISHLIST, OUT_OF_STOCK, VIEW)
WEIGHED: Final = (*WANTING, CART_REMOVE, PURCHASE)


class Reason(StrEnum):
    """Why a customer is told; the event's property reason."""

    CARTED = "carted"
    WISHED = "wished"
    MISSED = "missed"
    VIEWED_OFTEN = "viewed_often"
    RELATED = "related"


class Touch(NamedTuple):
    """Events of one type, of one identifier, about one product: how many, and when the newest."""

    identifier_hash: bytes
    event_type: str
    times: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Telling:
    """One piece of news on its way to the customers.

    after: identifiers up to this one were dealt with. related_begun: whoever wanted the product was
    told, buyers of what goes with it follow.
    """

    tenant_id: str
    product_id: str
    category: str
    news: News
    after: bytes = b""
    related_begun: bool = False
    revision: int = 1
    done: bool = False


def event_id_of(telling: Telling) -> str:
    """The id of the event by which this news is told, the same for everybody and on every try."""
    news = telling.news
    name = f"{telling.tenant_id}\0{telling.product_id}\0{news.version}\0{news.kind}"
    digest = hashlib.blake2b(name.encode(), digest_size=16, person=b"product-news").digest()
    return str(uuid.UUID(bytes=digest, version=5))


def reason_for(touches: Iterable[Touch]) -> Reason | None:
    """Why one customer waits for a product, from all that the customer did with it; None if not.

    Whoever bought it since waits no more; neither does who took it out of the cart.
    """
    last: dict[str, int] = {}
    views = 0
    for one in touches:
        last[one.event_type] = max(one.last_ms, last.get(one.event_type, -1))
        views += one.times if one.event_type == VIEW else 0
    bought_ms = last.get(PURCHASE, -1)
    if last.get(CART_ADD, -1) > max(bought_ms, last.get(CART_REMOVE, -1)):
        return Reason.CARTED
    if last.get(WISHLIST, -1) > bought_ms:
        return Reason.WISHED
    if last.get(OUT_OF_STOCK, -1) > bought_ms:
        return Reason.MISSED
    if views >= OFTEN_VIEWS and last[VIEW] > bought_ms:
        return Reason.VIEWED_OFTEN
    return None


def related_reason(touches: Iterable[Touch]) -> Reason | None:
    """For buyers of what goes with a product: all but those who have it, or were told before."""
    touches = list(touches)
    bought = any(one.event_type == PURCHASE for one in touches)
    return None if bought or reason_for(touches) else Reason.RELATED


def reasons(
    telling: Telling, touches_by_customer: Mapping[str, Iterable[Touch]]
) -> dict[str, Reason]:
    """Who is told of these customers, and why."""
    decide = related_reason if telling.related_begun else reason_for
    found = {one: decide(touches) for one, touches in touches_by_customer.items()}
    return {one: reason for one, reason in found.items() if reason is not None}


def to_event(telling: Telling, customer_id: str, reason: Reason) -> Event:
    """The news as an event of one customer, with the product as its item, which is what triggers
    of campaigns look at."""
    news = telling.news
    event = Event(event_id=event_id_of(telling), type=news.kind.value)
    event.customer.namespace, event.customer.value = CUSTOMER, customer_id
    event.occurred_at.FromMilliseconds(news.at_ms)
    item = event.items.add(product_id=telling.product_id, category=telling.category, quantity=1)
    event.properties["reason"].text = reason.value
    if news.new_price is not None:
        item.unit_price_minor_units = news.new_price
        event.properties["new_price_minor_units"].number = str(news.new_price)
    if news.old_price is not None:
        event.properties["old_price_minor_units"].number = str(news.old_price)
    return event
