"""What can be asked about campaigns, messages, tasks and staff's discounts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import strawberry
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import delivery_service_pb2 as delivery_pb
from dangol.offers.v1 import messaging_service_pb2 as messaging_pb

from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.inputs_messages import MessageValueInput
from gateway_service.missing import or_none
from gateway_service.queries_offers import End, Start, Window
from gateway_service.types_campaign_settings import (
    CampaignSettings,
    load_campaign_settings,
    report_holdout,
)
from gateway_service.types_campaigns import Campaign, to_campaign
from gateway_service.types_messages import (
    MessageState,
    OutboxMessage,
    load_messages,
    to_message,
)
from gateway_service.types_reports import HoldoutReport
from gateway_service.types_staff import (
    StaffAllowanceLeft,
    StaffDiscount,
    StaffDiscountFigures,
    load_allowance,
    load_staff_discounts,
    report_staff_discounts,
)
from gateway_service.types_tasks import (
    CalendarEntry,
    Task,
    TaskState,
    load_calendar,
    load_task,
    load_tasks,
)
from gateway_service.types_templates import (
    MessageTemplate,
    MessagingSettings,
    RenderedMessage,
    load_settings,
    load_template,
    load_templates,
    to_rendered,
)
from gateway_service.types_webhooks import WebhookEndpoint, load_endpoint, load_endpoints

StaffId = Annotated[strawberry.ID, argument("The subject of the member's tokens.")]


@strawberry.type
class CampaignQueries:
    """The part of Query that offers answers to marketers and staff."""

    @resolver("All campaigns.")
    async def campaigns(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Campaign] | None:
        """A page of campaigns."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.Campaign]:
            request = pb.ListCampaignsRequest(page_size=page_size, page_token=page_token)
            answer = await context.call(context.clients.campaigns.ListCampaigns, request)
            return Page(answer.campaigns, answer.next_page_token)

        return await connect(first, after, load, to_campaign)

    @resolver("One campaign; null when there is none.")
    async def campaign(self, info: AppInfo, id: strawberry.ID) -> Campaign | None:
        """By its id."""
        message = await info.context.loaders.campaigns.load(id)
        return to_campaign(message) if message else None

    @resolver("The share of customers whom no campaign acts on, and the cap of contacts.")
    async def campaign_settings(self, info: AppInfo) -> CampaignSettings | None:
        """The tenant's own."""
        return await load_campaign_settings(info.context)

    @resolver("The effect of all campaigns together, against who is held out.")
    async def holdout_report(
        self,
        info: AppInfo,
        starts_at: Start = None,
        ends_at: End = None,
        window_seconds: Window = None,
    ) -> HoldoutReport | None:
        """First triggers in that time."""
        return await report_holdout(info.context, starts_at, ends_at, window_seconds)

    @resolver("Holidays, sales and seasons, and days on which campaigns act; at most 800 days.")
    async def calendar(
        self, info: AppInfo, first_date: dt.date, last_date: dt.date
    ) -> list[CalendarEntry] | None:
        """In order of the first day."""
        return await load_calendar(info.context, first_date, last_date)

    @resolver("What staff are to do, by due time. Staff see the tasks of their stores.")
    async def tasks(
        self,
        info: AppInfo,
        first: int | None = None,
        after: str | None = None,
        *,
        store_id: Annotated[str | None, argument("All that the caller may see if absent.")] = None,
        state: Annotated[TaskState | None, argument("Open ones if absent.")] = None,
        due_before: dt.datetime | None = None,
    ) -> Connection[Task] | None:
        """A page of tasks."""
        return await load_tasks(
            info.context, first, after, store_id=store_id, state=state, due_before=due_before
        )

    @resolver("One task; null when there is none.")
    async def task(self, info: AppInfo, id: strawberry.ID) -> Task | None:
        """By its id."""
        return await load_task(info.context, id)

    @resolver("What a member of staff may still give. Staff see their own.")
    async def staff_allowance(self, info: AppInfo, staff_id: StaffId) -> StaffAllowanceLeft | None:
        """As of now."""
        return await load_allowance(info.context, staff_id)

    @resolver("Discounts that a member of staff gave. Staff see their own.")
    async def staff_discounts(
        self,
        info: AppInfo,
        staff_id: StaffId,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[StaffDiscount] | None:
        """A page of discounts."""
        return await load_staff_discounts(info.context, staff_id, first, after)

    @resolver("What staff gave in the store, and what became of it, by member.")
    async def staff_discount_report(
        self, info: AppInfo, starts_at: Start = None, ends_at: End = None
    ) -> list[StaffDiscountFigures] | None:
        """Discounts that were given in that time."""
        return await report_staff_discounts(info.context, starts_at, ends_at)

    @resolver("The newest version of each template.")
    async def message_templates(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[MessageTemplate] | None:
        """A page of templates."""
        return await load_templates(info.context, first, after)

    @resolver("One template; null when there is none.")
    async def message_template(
        self,
        info: AppInfo,
        id: strawberry.ID,
        version: Annotated[int | None, argument("The newest if absent.")] = None,
    ) -> MessageTemplate | None:
        """By its id."""
        return await load_template(info.context, id, version)

    @resolver("A template as a customer would get it; null when there is none.")
    async def preview_message(
        self,
        info: AppInfo,
        template_id: strawberry.ID,
        channel: str,
        *,
        version: Annotated[int | None, argument("The newest if absent.")] = None,
        language: Annotated[str | None, argument("The tenant's if absent.")] = None,
        advertising: bool = False,
        values: list[MessageValueInput] | None = None,
        customer_name: Annotated[str | None, argument("A word for any customer if absent.")] = None,
    ) -> RenderedMessage | None:
        """Writes nothing."""
        request = messaging_pb.PreviewTemplateRequest(
            template_id=template_id,
            version=version or 0,
            channel=channel,
            language=language or "",
            advertising=advertising,
            values={value.name: value.text for value in values or ()},
            customer_name=customer_name or "",
        )
        method = info.context.clients.messaging.PreviewTemplate
        answer = await or_none(info.context.call(method, request))
        return to_rendered(answer.rendered) if answer else None

    @resolver("Who signs the tenant's messages, how to opt out, and how many there may be.")
    async def messaging_settings(self, info: AppInfo) -> MessagingSettings | None:
        """The tenant's own."""
        return await load_settings(info.context)

    @resolver("Messages of a customer or a campaign, newest first, or those of one state.")
    async def messages(
        self,
        info: AppInfo,
        first: int | None = None,
        after: str | None = None,
        *,
        customer_id: strawberry.ID | None = None,
        campaign_id: strawberry.ID | None = None,
        state: Annotated[MessageState | None, argument("DEAD for dead letters.")] = None,
    ) -> Connection[OutboxMessage] | None:
        """A page of messages; give at least one of the three."""
        return await load_messages(
            info.context,
            first,
            after,
            customer_id=customer_id,
            campaign_id=campaign_id,
            state=state,
        )

    @resolver("One message; null when there is none.")
    async def message(self, info: AppInfo, id: strawberry.ID) -> OutboxMessage | None:
        """By its id."""
        request = delivery_pb.GetMessageRequest(message_id=id)
        answer = await or_none(info.context.call(info.context.clients.delivery.GetMessage, request))
        return to_message(answer.message) if answer else None

    @resolver("Where messages are posted to, at most 20.")
    async def webhook_endpoints(self, info: AppInfo) -> list[WebhookEndpoint] | None:
        """In order of id."""
        return await load_endpoints(info.context)

    @resolver("One endpoint; null when there is none.")
    async def webhook_endpoint(self, info: AppInfo, id: strawberry.ID) -> WebhookEndpoint | None:
        """By its id."""
        return await load_endpoint(info.context, id)
