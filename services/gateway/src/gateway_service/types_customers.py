"""Who the customers are, and everything that hangs on one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Final

import strawberry
from dangol.profile.v1 import customer_service_pb2 as pb
from strawberry.utils.str_converters import to_camel_case

from gateway_service import convert
from gateway_service.connections import Connection
from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.loaders import MaskedKey
from gateway_service.nodes import Node
from gateway_service.selections import selected
from gateway_service.types_common import Int64, Money, Property, money_of, to_properties
from gateway_service.types_consents import (
    Consent,
    ConsentEntry,
    load_consent_log,
    to_consents,
)
from gateway_service.types_customer_offers import CustomerOffers
from gateway_service.types_events import Event
from gateway_service.types_explanations import Explanation, ExplanationLanguage, explain
from gateway_service.types_facts import CustomerFacts, load_facts
from gateway_service.types_products import ViewedProduct, load_recently_viewed
from gateway_service.types_records import (
    LunarDate,
    Preference,
    to_lunar_date,
    to_preferences,
)
from gateway_service.types_segments import Membership, to_membership
from gateway_service.types_timeline import TimelineFilter, TimelineOrder, load_timeline

_PERSONAL: Final = (
    *("display_name", "birth_date", "lunar_birth_date", "postal_address", "note"),
    "personal_fields",
)
# What of profile's customer each field of ours is made of; fields with a resolver have its id.
SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (),
    "version": (),
    "displayName": ("display_name",),
    "gender": ("gender",),
    "birthDate": ("birth_date",),
    "ageBand": ("age_band",),
    "tier": ("tier",),
    "region": ("region",),
    "language": ("language",),
    "tags": ("tags",),
    "fields": ("fields",),
    "member": ("member",),
    "identifierNamespaces": ("identifier_namespaces",),
    "createdAt": ("create_time",),
    "firstSeenAt": ("first_seen",),
    "lastSeenAt": ("last_seen",),
    "lastPurchaseAt": ("last_purchase",),
    "orderCount": ("order_count",),
    "revenue": ("revenue",),
    "consents": ("consents",),
    # Only who reads what is personal learns what of it is kept from him.
    "maskedFields": _PERSONAL,
    "preferences": ("preferences",),
    "lunarBirthDate": ("lunar_birth_date",),
}


@strawberry.enum(description="As the customer stated it.")
class Gender(Enum):
    """Values are those of the contract."""

    FEMALE = 1
    MALE = 2
    OTHER = 3


@strawberry.type(description="A customer of the tenant.")
class Customer(CustomerOffers, Node):
    """Fields that need another service are null, with an error, while that one is down."""

    version: Int64 = strawberry.field(description="Send it back when updating.")
    display_name: str | None = strawberry.field(description="What to call the customer.")
    gender: Gender | None = strawberry.field(description="As stated.")
    birth_date: dt.date | None = strawberry.field(description="As stated.")
    age_band: str | None = strawberry.field(description="For example 25-34.")
    tier: str | None = strawberry.field(description="The loyalty tier.")
    region: str | None = strawberry.field(description="Where the customer lives.")
    language: str | None = strawberry.field(description="BCP 47, for example ko.")
    tags: list[str] = strawberry.field(description="The tenant's own marks.")
    fields: list[Property] = strawberry.field(description="The tenant's own fields.")
    member: bool = strawberry.field(description="False for a visitor who is not known by name.")
    identifier_namespaces: list[str] = strawberry.field(
        description="By what the customer is known, for example device and pos_card."
    )
    created_at: dt.datetime | None = strawberry.field(description="When the record was created.")
    first_seen_at: dt.datetime | None = strawberry.field(description="The first event.")
    last_seen_at: dt.datetime | None = strawberry.field(description="The last event.")
    last_purchase_at: dt.datetime | None = strawberry.field(description="The last purchase.")
    order_count: Int64 = strawberry.field(description="How many orders there were.")
    revenue: Money | None = strawberry.field(description="What they came to.")
    consents: list[Consent] = strawberry.field(description="What this customer allows now.")
    masked_fields: list[str] = strawberry.field(
        description="Personal fields that are known and not shown to your role as they are."
    )
    preferences: list[Preference] = strawberry.field(description="What this customer prefers.")
    lunar_birth_date: LunarDate | None = strawberry.field(
        description="The birth date, where it was given by the Korean lunar calendar."
    )

    @resolver("What this customer allowed and withdrew, newest first.")
    async def consent_log(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[ConsentEntry] | None:
        """A page of the log."""
        return await load_consent_log(info.context, self.id, first, after)

    @resolver("The segments this customer is in now.")
    async def segments(self, info: AppInfo) -> list[Membership] | None:
        """Present memberships."""
        memberships = await info.context.loaders.memberships.load(self.id)
        return [to_membership(message) for message in memberships]

    @resolver("Why this customer is in a segment or not.")
    async def explain(
        self,
        info: AppInfo,
        segment_id: strawberry.ID,
        language: Annotated[
            ExplanationLanguage | None, argument("Of the words; the tenant's if absent.")
        ] = None,
    ) -> Explanation | None:
        """The engine's own reasons."""
        return await explain(info, self.id, segment_id, language)

    @resolver("What happened, newest first unless asked otherwise.")
    async def timeline(
        self,
        info: AppInfo,
        first: int | None = None,
        after: str | None = None,
        *,
        types: list[str] | None = None,
        only: TimelineFilter | None = None,
        order: TimelineOrder | None = None,
    ) -> Connection[Event] | None:
        """A page of events."""
        return await load_timeline(
            info.context, self.id, first, after, types=types, only=only, order=order
        )

    @resolver("What this customer's events come to.")
    async def facts(self, info: AppInfo) -> CustomerFacts | None:
        """Added up when asked for."""
        return await load_facts(info.context, self.id)

    @resolver("Products that this customer looked at, newest first, by whichever identifier.")
    async def recently_viewed(
        self,
        info: AppInfo,
        limit: Annotated[int | None, argument("1 to 100; 20 if absent.")] = None,
        without_bought: Annotated[bool, argument("Without those bought since.")] = False,
    ) -> list[ViewedProduct] | None:
        """Of the newest 1,000 views."""
        return await load_recently_viewed(info.context, self.id, limit, without_bought)


def to_customer(message: pb.Customer) -> Customer:
    """A customer as frontends see one."""
    return Customer(
        id=strawberry.ID(message.customer_id),
        version=Int64(message.version),
        display_name=message.display_name or None,
        gender=convert.to_enum(Gender, message.gender),
        birth_date=_to_date(message.birth_date),
        age_band=message.age_band or None,
        tier=message.tier or None,
        region=message.region or None,
        language=message.language or None,
        tags=list(message.tags),
        fields=to_properties(dict(message.fields)),
        member=message.member,
        identifier_namespaces=list(message.identifier_namespaces),
        created_at=convert.to_datetime(message, "create_time"),
        first_seen_at=convert.to_datetime(message, "first_seen"),
        last_seen_at=convert.to_datetime(message, "last_seen"),
        last_purchase_at=convert.to_datetime(message, "last_purchase"),
        order_count=Int64(message.order_count),
        revenue=money_of(message.revenue) if message.HasField("revenue") else None,
        consents=to_consents(list(message.consents)),
        masked_fields=[to_camel_case(one) for one in message.masked],
        preferences=to_preferences(message),
        lunar_birth_date=to_lunar_date(message),
    )


def _to_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None


def read_mask(info: AppInfo, *path: str) -> frozenset[str]:
    """What of profile's customer the query selects there, so that no more is read."""
    names = selected(info, *path)
    # An empty mask would be all there is.
    return frozenset({"customer_id"}.union(*(SOURCES.get(name, ()) for name in names)))


async def load_customer(info: AppInfo, customer_id: str) -> Customer | None:
    """What the query selects of one customer, batched with others asked for now. Raises
    RpcFailure."""
    if not customer_id:
        return None
    key = MaskedKey(customer_id, read_mask(info))
    message = await info.context.loaders.customers.load(key)
    return to_customer(message) if message else None
