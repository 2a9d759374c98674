"""Stores and their figures."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.profile.v1 import insight_service_pb2 as insight_pb
from dangol.profile.v1 import store_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, LocalizedText, Money, money_of, to_texts


@strawberry.type(description="One of the tenant's shops.")
class Store:
    """Events name it by its id."""

    message: strawberry.Private[pb.Store]

    id: strawberry.ID = strawberry.field(description="As events name it.")
    region: str = strawberry.field(description="Where it stands; empty when unknown.")
    zone: str = strawberry.field(description="The part of the region; empty when unknown.")
    time_zone: str = strawberry.field(description="An IANA name; empty for the tenant's zone.")
    version: Int64 = strawberry.field(description="Send it back when changing it.")
    archived: bool = strawberry.field(description="Whether it was taken out of lists.")
    created_at: dt.datetime | None = strawberry.field(description="When it was first written.")
    updated_at: dt.datetime | None = strawberry.field(description="When it was last changed.")

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, info: AppInfo, language: str | None = None) -> str:
        """The name in one language."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.display_names, wanted, self.id)

    @resolver("Its names in all languages.")
    def display_names(self) -> list[LocalizedText]:
        """All names."""
        return to_texts(dict(self.message.display_names))


def to_store(message: pb.Store) -> Store:
    """A store as frontends see it."""
    return Store(
        message=message,
        id=strawberry.ID(message.store_id),
        region=message.region,
        zone=message.zone,
        time_zone=message.time_zone,
        version=Int64(message.version),
        archived=message.archived,
        created_at=convert.to_datetime(message, "create_time"),
        updated_at=convert.to_datetime(message, "update_time"),
    )


@strawberry.enum(description="What came of one store.")
class UpsertStoreOutcome(Enum):
    """Values are those of the contract."""

    CREATED = 1
    CHANGED = 2
    UNCHANGED = 3
    VERSION_CONFLICT = 4
    REQUEST_CONFLICT = 5


@strawberry.type(description="What came of one store.")
class UpsertStoreResult:
    """In the order of the input."""

    outcome: UpsertStoreOutcome | None = strawberry.field(description="What came of it.")
    store: Store | None = strawberry.field(description="The store as it is now.")


@strawberry.enum(description="Of what figures are.")
class FigureScope(Enum):
    """Values are those of the contract."""

    STORE = 1
    REGION = 2
    TENANT = 3


@strawberry.enum(description="How long a period is.")
class FigureUnit(Enum):
    """Values are those of the contract."""

    DAY = 1
    WEEK = 2
    MONTH = 3


@strawberry.type(description="One period of a store, a region or the tenant (docs/insight.md).")
class StoreFigures:
    """Counts are customers, but for orders."""

    scope_id: strawberry.ID = strawberry.field(
        description="The store or region. Empty for the tenant, and for what no store is named of."
    )
    date: dt.date = strawberry.field(description="The period's first day.")
    order_count: Int64 = strawberry.field(description="Purchases.")
    revenue: Money = strawberry.field(description="What they came to.")
    active_count: Int64 = strawberry.field(description="Who bought.")
    new_count: Int64 = strawberry.field(description="Who bought for the first time.")
    returning_count: Int64 = strawberry.field(description="Who bought again.")
    won_back_count: Int64 = strawberry.field(description="Who was lost, and bought.")
    lost_count: Int64 = strawberry.field(description="Who came to be lost.")
    at_risk_count: Int64 = strawberry.field(description="Who was quiet for long at its end.")
    revenue_at_risk: Money = strawberry.field(
        description="What those bought in the year up to their last purchase."
    )


@strawberry.type(description="Figures over time.")
class StoreFiguresReport:
    """Computed from the events."""

    as_of: dt.datetime = strawberry.field(description="Up to when events count.")
    figures: list[StoreFigures] = strawberry.field(
        description="In order of scope, then of date. Periods without anything are left out."
    )


def to_figures(message: insight_pb.StoreFigures) -> StoreFigures:
    """Figures as frontends see them."""
    return StoreFigures(
        scope_id=strawberry.ID(message.scope_id),
        date=dt.date.fromisoformat(message.date),
        order_count=Int64(message.order_count),
        revenue=money_of(message.revenue),
        active_count=Int64(message.active_count),
        new_count=Int64(message.new_count),
        returning_count=Int64(message.returning_count),
        won_back_count=Int64(message.won_back_count),
        lost_count=Int64(message.lost_count),
        at_risk_count=Int64(message.at_risk_count),
        revenue_at_risk=money_of(message.revenue_at_risk),
    )
