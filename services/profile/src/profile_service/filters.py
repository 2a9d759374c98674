"""The terms under which customers are found by filters. Pure.

A term is a text: tag:running, tier:gold, text:size:M, flag:vip:true, consent:marketing.email,
member:true. Everybody who was not merged away has `live`. Numbers stand apart, to be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from profile_service.consents import granted
from profile_service.domain import Customer, FieldKind

LIVE: Final = "live"
PROFILE_NAMES: Final = ("gender", "age_band", "tier", "region", "language")


def terms(customer: Customer) -> list[str]:
    """Under what a customer is found; nothing for one who was merged away."""
    return [] if customer.merged_into else [*dict.fromkeys(_terms(customer))]


def numbers(customer: Customer) -> list[tuple[str, Decimal]]:
    """The fields that are numbers, by name; none of one who was merged away."""
    if customer.merged_into:
        return []
    return [
        (name, Decimal(str(one.value)))
        for name, one in customer.attributes.fields.items()
        if one.kind is FieldKind.NUMBER
    ]


def _terms(customer: Customer) -> Iterator[str]:
    attributes = customer.attributes
    yield LIVE
    yield f"member:{flag(customer.member)}"
    for name in PROFILE_NAMES:
        if value := getattr(attributes, name):
            yield f"{name}:{value}"
    for tag in attributes.tags:
        yield f"tag:{tag}"
    for consent in granted(customer.consents):
        yield f"consent:{consent}"
    for name, one in attributes.fields.items():
        if one.kind is FieldKind.FLAG:
            yield f"flag:{name}:{flag(bool(one.value))}"
        elif one.kind is FieldKind.TEXT:
            yield f"text:{name}:{one.value}"


def flag(value: bool) -> str:
    """How a term spells a flag."""
    return "true" if value else "false"
