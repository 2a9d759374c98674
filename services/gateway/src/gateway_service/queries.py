"""What can be asked. Every field is nullable: one service down leaves the others' answers."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.profile.v1 import customer_service_pb2 as customers_pb

from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.inputs import IdentifierInput
from gateway_service.missing import or_none
from gateway_service.mutations_sandboxes import SandboxQueries
from gateway_service.queries_campaigns import CampaignQueries
from gateway_service.queries_facts import FactQueries
from gateway_service.queries_nodes import NodeQueries
from gateway_service.queries_offers import OfferQueries
from gateway_service.queries_products import ProductQueries
from gateway_service.queries_records import RecordQueries
from gateway_service.queries_segments import SegmentQueries
from gateway_service.queries_shops import ShopQueries
from gateway_service.types_customers import (
    Customer,
    load_customer,
    read_mask,
    to_customer,
)
from gateway_service.types_events import Event
from gateway_service.types_greetings import GreetingRules, load_rules
from gateway_service.types_ledger import Ledger
from gateway_service.types_publishable_keys import PublishableKeyQueries
from gateway_service.types_timeline import TimelineFilter, TimelineOrder, load_timeline
from gateway_service.types_viewer import Viewer


@strawberry.type(description="What can be asked.")
class Query(
    SegmentQueries,
    OfferQueries,
    CampaignQueries,
    ProductQueries,
    PublishableKeyQueries,
    FactQueries,
    RecordQueries,
    NodeQueries,
    SandboxQueries,
    ShopQueries,
):
    """Resolvers call one service each."""

    @resolver("Who is asking, and for which tenant.")
    async def me(self, info: AppInfo) -> Viewer:
        """From the token alone."""
        caller = info.context.caller
        return Viewer(
            tenant_id=strawberry.ID(caller.tenant_id),
            role=caller.role.value,
            subject=caller.subject,
            stores=list(caller.stores),
        )

    @resolver("What the shop's pages say first, to whom.")
    async def greeting_rules(self, info: AppInfo) -> GreetingRules | None:
        """The tenant's own."""
        return await load_rules(info.context)

    @resolver("One customer; null when there is none.")
    async def customer(self, info: AppInfo, id: strawberry.ID) -> Customer | None:
        """By Dangol's id."""
        return await load_customer(info, id)

    @resolver("One customer by an identifier, such as a member number.")
    async def customer_by_identifier(
        self, info: AppInfo, identifier: IdentifierInput
    ) -> Customer | None:
        """By any linked name."""
        context = info.context
        request = customers_pb.GetCustomerRequest(identifier=identifier.to_proto())
        request.read_mask.paths.extend(sorted(read_mask(info)))
        answer = await or_none(context.call(context.clients.customers.GetCustomer, request))
        return to_customer(answer.customer) if answer else None

    @resolver("Customers, optionally those with one tag or for whom a filter holds.")
    async def customers(
        self,
        info: AppInfo,
        first: int | None = None,
        after: str | None = None,
        *,
        tag: str | None = None,
        filter: Annotated[
            str | None, argument("A rule of docs/rules.md that speaks of attributes alone.")
        ] = None,
    ) -> Connection[Customer] | None:
        """A page of customers."""
        context = info.context
        mask = read_mask(info, "nodes") | read_mask(info, "edges", "node")

        async def load(page_size: int, page_token: str) -> Page[customers_pb.Customer]:
            request = customers_pb.ListCustomersRequest(
                page_size=page_size, page_token=page_token, tag=tag or "", filter=filter or ""
            )
            request.read_mask.paths.extend(sorted(mask))
            answer = await context.call(context.clients.customers.ListCustomers, request)
            total = None if answer.total_is_more else answer.total_size
            return Page(answer.customers, answer.next_page_token, total)

        return await connect(first, after, load, to_customer)

    @resolver("What happened to one customer, newest first unless asked otherwise.")
    async def timeline(
        self,
        info: AppInfo,
        customer_id: strawberry.ID,
        first: int | None = None,
        after: str | None = None,
        *,
        types: list[str] | None = None,
        only: TimelineFilter | None = None,
        order: TimelineOrder | None = None,
    ) -> Connection[Event] | None:
        """A page of events."""
        return await load_timeline(
            info.context, customer_id, first, after, types=types, only=only, order=order
        )

    @resolver("The journal of coupons, for auditors.")
    def ledger(self) -> Ledger:
        """Its fields ask."""
        return Ledger()
