"""Products and what is known of them in protobuf, and upserts out of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from dangol.events.v1.event_pb2 import Money
from dangol.profile.v1 import product_service_pb2 as pb
from dangol_service_kit.auth import Caller
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.domain import PURCHASE
from profile_service.judging import AMOUNT_MINOR_UNITS_MAX
from profile_service.product_figures import RETURN, REVIEW, TICKET
from profile_service.product_news import CART_ADD, OUT_OF_STOCK, VIEW, WISHLIST, Telling
from profile_service.products import (
    Answered,
    Details,
    NewsKind,
    Product,
    Upsert,
    check_duplicates,
    check_mask,
)
from profile_service.rpc import to_ms
from profile_service.sealing import Vault
from profile_service.service_product_facts import Facts, Feedback, reason_of
from profile_service.store_product_insight import ProductRow

_KINDS: Final = {
    pb.PRODUCT_NEWS_KIND_PRICE_DROPPED: NewsKind.PRICE_DROPPED,
    pb.PRODUCT_NEWS_KIND_RESTOCKED: NewsKind.RESTOCKED,
    pb.PRODUCT_NEWS_KIND_LAUNCHED: NewsKind.LAUNCHED,
}
_KIND_NUMBERS: Final = {kind: number for number, kind in _KINDS.items()}
FEEDBACK_TYPES: Final = {
    pb.FEEDBACK_KIND_UNSPECIFIED: (REVIEW, RETURN, TICKET),
    pb.FEEDBACK_KIND_REVIEW: (REVIEW,),
    pb.FEEDBACK_KIND_RETURN: (RETURN,),
    pb.FEEDBACK_KIND_TICKET: (TICKET,),
}
_FEEDBACK_KINDS: Final = {
    REVIEW: pb.FEEDBACK_KIND_REVIEW,
    RETURN: pb.FEEDBACK_KIND_RETURN,
    TICKET: pb.FEEDBACK_KIND_TICKET,
}


def to_upserts(
    request: pb.UpsertProductsRequest, caller: Caller, vault: Vault, currency_code: str
) -> list[Upsert]:
    """The upserts of a request in which everything is right.

    Raises RpcFailure FIELD_INVALID, CURRENCY_MISMATCH naming every field at fault.
    """
    wrong = check_duplicates([one.product.product_id for one in request.upserts])
    for position, one in enumerate(request.upserts):
        wrong += check_mask(one.update_mask.paths, position)
        wrong += _check_price(one.product, position)
    if wrong:
        field, message = wrong[0]
        raise RpcFailure(Code.FIELD_INVALID, f"{field}: {message}", violations=wrong)
    _check_currency(request, currency_code)
    name = f"products\0{caller.role}\0{caller.subject}\0{request.request_id}"
    key = hashlib.blake2b(name.encode(), digest_size=16).digest()
    quiet = frozenset(_KINDS[one] for one in request.quiet_news)
    options = f"{sorted(quiet)}\0{request.without_related_buyers}".encode()
    return [
        Upsert(
            caller.tenant_id,
            one.product.product_id,
            _details(one.product, f"upserts[{position}].product"),
            tuple(dict.fromkeys(one.update_mask.paths)) or _present(one.product),
            one.expected_version,
            key,
            vault.fingerprint(caller.tenant_id, one.SerializeToString(deterministic=True), options),
            quiet,
            not request.without_related_buyers,
        )
        for position, one in enumerate(request.upserts)
    ]


def _check_price(product: pb.Product, position: int) -> list[tuple[str, str]]:
    field = f"upserts[{position}].product.price.minor_units"
    amount = product.price.minor_units
    if amount < 0:
        return [(field, "a price is not negative: send 0 or more")]
    if amount > AMOUNT_MINOR_UNITS_MAX:
        return [(field, f"send at most {AMOUNT_MINOR_UNITS_MAX:,} minor units")]
    return []


def _check_currency(request: pb.UpsertProductsRequest, currency_code: str) -> None:
    wrong = [
        (
            f"upserts[{position}].product.price.currency_code",
            f"this tenant's currency is {currency_code}: convert before sending",
        )
        for position, one in enumerate(request.upserts)
        if one.product.HasField("price") and one.product.price.currency_code != currency_code
    ]
    if wrong:
        field, message = wrong[0]
        raise RpcFailure(Code.CURRENCY_MISMATCH, f"{field}: {message}", violations=wrong)


def _details(product: pb.Product, field: str) -> Details:
    return Details(
        product.name,
        product.category,
        product.price.minor_units if product.HasField("price") else None,
        product.stock if product.HasField("stock") else None,
        to_ms(product.launch_time, f"{field}.launch_time")
        if product.HasField("launch_time")
        else None,
    )


def _present(product: pb.Product) -> tuple[str, ...]:
    """Without a mask: the fields that were sent."""
    texts = tuple(one for one in ("name", "category") if getattr(product, one))
    optional = ("price", "stock", "launch_time")
    return (*texts, *(one for one in optional if product.HasField(one)))


def to_result(product_id: str, answer: Answered) -> pb.UpsertResult:
    """What became of one upsert."""
    return pb.UpsertResult(
        product_id=product_id,
        outcome=f"UPSERT_OUTCOME_{answer.outcome}",
        version=answer.version,
        news=[_KIND_NUMBERS[one] for one in answer.news],
    )


def to_message(product: Product, currency_code: str) -> pb.Product:
    """A product as clients see it."""
    details = product.details
    message = pb.Product(
        product_id=product.product_id,
        version=product.version,
        name=details.name,
        category=details.category,
        stock=details.stock,
    )
    if details.price is not None:
        message.price.CopyFrom(_money(details.price, currency_code))
    if details.launch_time is not None:
        message.launch_time.FromMilliseconds(details.launch_time)
    message.create_time.FromMilliseconds(product.created_ms)
    message.update_time.FromMilliseconds(product.updated_ms)
    return message


def to_news(telling: Telling, told_count: int, currency_code: str) -> pb.ProductNews:
    """News, and how far it is."""
    news = telling.news
    message = pb.ProductNews(
        kind=_KIND_NUMBERS[news.kind],
        version=news.version,
        told_count=told_count,
        done=telling.done,
    )
    message.news_time.FromMilliseconds(news.at_ms)
    if news.kind is NewsKind.PRICE_DROPPED and None not in (news.old_price, news.new_price):
        message.old_price.CopyFrom(_money(news.old_price or 0, currency_code))
        message.new_price.CopyFrom(_money(news.new_price or 0, currency_code))
    return message


def to_facts(facts: Facts) -> pb.ProductFacts:
    """What became of a product."""
    counts, ratings = facts.counts, facts.ratings
    reviews = sum(ratings)
    stars = sum(number * count for number, count in enumerate(ratings, 1))
    return pb.ProductFacts(
        product_id=facts.product_id,
        order_count=counts.get(PURCHASE, 0),
        return_count=counts.get(RETURN, 0),
        review_count=reviews,
        mean_rating=round(stars / reviews, 2) if reviews else 0.0,
        ratings=ratings,
        return_reasons=_reasons(facts.return_reasons),
        complaint_count=counts.get(TICKET, 0),
        complaint_reasons=_reasons(facts.complaint_reasons),
        view_count=counts.get(VIEW, 0),
        cart_count=counts.get(CART_ADD, 0),
        wish_count=counts.get(WISHLIST, 0),
        missed_count=counts.get(OUT_OF_STOCK, 0),
    )


def _reasons(reasons: Sequence[tuple[str, int]]) -> list[pb.ReasonCount]:
    return [pb.ReasonCount(reason=reason, count=count) for reason, count in reasons]


def to_feedback(feedback: Feedback) -> pb.ProductFeedback:
    """One review, return or ticket."""
    event = feedback.event
    message = pb.ProductFeedback(
        kind=_FEEDBACK_KINDS[event.type],
        customer_id=feedback.customer_id,
        rating=event.rating,
        reason=reason_of(event),
        text=event.properties["text"].text if "text" in event.properties else "",
        order_id=event.order_id,
        store_id=event.store_id,
    )
    message.feedback_time.FromMilliseconds(feedback.at_ms)
    return message


def to_weak(row: ProductRow) -> pb.WeakProduct:
    """A weak product."""
    tally, weakness = row.tally, row.weakness
    return pb.WeakProduct(
        product_id=row.product_id,
        order_count=tally.orders,
        return_count=tally.returns,
        return_share_at_least=weakness.return_share,
        review_count=tally.reviews,
        ill_review_count=tally.ill,
        ill_share_at_least=weakness.ill_share,
        mean_rating=tally.mean_rating,
        complaint_count=tally.complaints,
        excess=weakness.excess,
    )


def _money(minor_units: int, currency_code: str) -> Money:
    return Money(currency_code=currency_code, minor_units=minor_units)
