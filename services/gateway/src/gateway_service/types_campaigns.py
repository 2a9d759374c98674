"""Campaigns, who was enrolled, and whether it worked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum

import strawberry
from dangol.offers.v1 import campaign_budget_pb2 as budget_pb
from dangol.offers.v1 import campaign_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.nodes import Node
from gateway_service.types_common import Int64, LocalizedText, to_texts
from gateway_service.types_customers import Customer, load_customer
from gateway_service.types_messages import VariantMessages, count_messages
from gateway_service.types_offers import Offer, load_offer, to_id
from gateway_service.types_reports import CampaignReport, to_report
from gateway_service.types_triggers import Trigger, to_trigger

_REPORT_SECONDS = 60.0


@strawberry.enum(description="Whether a campaign acts.")
class CampaignState(Enum):
    """Values are those of the contract."""

    DRAFT = 1
    RUNNING = 2
    PAUSED = 3
    ENDED = 4


@strawberry.enum(description="What came of an enrolment; every one is counted in its arm.")
class EnrolmentOutcome(Enum):
    """Values are those of the contract."""

    PENDING = 1
    CONTROL = 2
    HOLDOUT = 3
    ISSUED = 4
    TASK_CREATED = 5
    CUSTOMER_CAPPED = 6
    FREQUENCY_CAPPED = 7
    OFFER_ENDED = 8
    OFFER_NOT_FOUND = 9
    OFFER_LIMIT_REACHED = 10
    REFUSED = 11
    MESSAGE_POSTED = 12
    BUDGET_EXHAUSTED = 13


@strawberry.type(description="A task that a variant makes for staff.")
class TaskAction:
    """Something to do about the customer."""

    titles: list[LocalizedText] = strawberry.field(description="What to do, by language.")
    store_id: str | None = strawberry.field(
        description="Which store's staff; null for where the customer was last."
    )
    due_seconds: Int64 = strawberry.field(description="Due so long after the trigger.")


@strawberry.type(description="A message that a variant sends.")
class MessageAction:
    """Consent, quiet hours and caps are the outbox's."""

    channel: str = strawberry.field(description="email, sms, push, kakao, or the tenant's own.")
    template_id: strawberry.ID = strawberry.field(description="What it says.")
    transactional: bool = strawberry.field(
        description="For what the customer is owed; otherwise advertising, which needs consent."
    )
    expire_seconds: Int64 | None = strawberry.field(
        description="Not sent any more so long after the trigger; a week if null."
    )
    best_time_seconds: int | None = strawberry.field(
        description="It may wait so long for the hour that suits its customer best."
    )


@strawberry.type(description="How far a limit is used up: held + spent + left = limit.")
class BudgetUse:
    """Of coupons, or of money in the currency's smallest unit."""

    limit: Int64 = strawberry.field(description="All that there may be.")
    held: Int64 = strawberry.field(description="Being issued, or held by orders.")
    spent: Int64 = strawberry.field(description="Issued, or used by orders.")
    left: Int64 = strawberry.field(description="What is left.")


@strawberry.type(description="What all coupons of a campaign may come to, and how far they do.")
class CampaignBudget:
    """A limit that the campaign does not have is null."""

    coupons: BudgetUse | None = strawberry.field(description="Coupons that it issues.")
    amount: BudgetUse | None = strawberry.field(
        description="Discounts that orders hold and use, in the currency's smallest unit."
    )


@strawberry.type(description="One of the actions that a campaign compares.")
class Variant:
    """An arm of the experiment."""

    id: strawberry.ID = strawberry.field(description="The variant's name in reports.")
    weight: int = strawberry.field(description="Its share against the other weights.")
    offer_id: strawberry.ID | None = strawberry.field(description="A coupon of this offer.")
    task: TaskAction | None = strawberry.field(description="Something for staff to do.")
    message: MessageAction | None = strawberry.field(
        description="A message; beside an offer it tells of the coupon."
    )

    @resolver("A coupon of this offer.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id or "")


@strawberry.type(description="A customer whom the campaign was triggered for.")
class Enrolment:
    """Recorded for the control group too."""

    id: strawberry.ID = strawberry.field(description="One for each stay in the segment.")
    customer_id: strawberry.ID = strawberry.field(description="Who.")
    segment_id: strawberry.ID | None = strawberry.field(description="By which segment.")
    stint: Int64 = strawberry.field(description="By which stay in it.")
    control: bool = strawberry.field(description="Whether in the group that gets nothing.")
    variant_id: strawberry.ID | None = strawberry.field(description="Which variant.")
    triggered_at: dt.datetime = strawberry.field(description="When.")
    coupon_id: strawberry.ID | None = strawberry.field(description="What was issued.")
    holdout: bool = strawberry.field(description="Whether no campaign acts on the customer.")
    outcome: EnrolmentOutcome | None = strawberry.field(description="What came of it.")
    task_id: strawberry.ID | None = strawberry.field(description="The task that was made.")
    message_id: strawberry.ID | None = strawberry.field(description="The message in the outbox.")

    @resolver("Who.")
    async def customer(self, info: AppInfo) -> Customer | None:
        """The customer; null when erased."""
        return await load_customer(info, self.customer_id)


@strawberry.type(description="Who is offered what, when, and whether it worked.")
class Campaign(Node):
    """With a control group that gets nothing."""

    message: strawberry.Private[pb.Campaign]

    id: strawberry.ID = strawberry.field(description="The campaign's name in links.")
    trigger: Trigger = strawberry.field(description="What starts it.")
    control_basis_points: int = strawberry.field(
        description="Hundredths of a percent of triggered customers who get nothing."
    )
    variants: list[Variant] = strawberry.field(description="What the others get.")
    conversion_window_seconds: Int64 = strawberry.field(
        description="A purchase within this time after the trigger counts as conversion."
    )
    state: CampaignState | None = strawberry.field(description="Whether it acts.")
    created_at: dt.datetime | None = strawberry.field(description="When it was created.")
    launched_at: dt.datetime | None = strawberry.field(description="When it was launched.")
    ended_at: dt.datetime | None = strawberry.field(description="When it was ended for good.")
    next_occurrence_at: dt.datetime | None = strawberry.field(
        description="When a campaign by date acts next."
    )
    trigger_segment_id: strawberry.ID | None = strawberry.field(
        description="The segment whose changes trigger it."
    )
    customer_cap: int | None = strawberry.field(
        description="At most so many times it acts on one customer; null for no limit."
    )
    outside_frequency_cap: bool = strawberry.field(
        description="It acts whatever the tenant's frequency cap says."
    )

    @resolver("The control group's share in percent.")
    def control_percent(self) -> Decimal:
        """The percentage."""
        return Decimal(self.control_basis_points).scaleb(-2)

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, info: AppInfo, language: str | None = None) -> str:
        """The name in one language."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.display_names, wanted, self.id)

    @resolver("Its names in all languages.")
    def display_names(self) -> list[LocalizedText]:
        """All names."""
        return to_texts(dict(self.message.display_names))

    @resolver("Whether it worked.")
    async def report(self, info: AppInfo) -> CampaignReport | None:
        """Asks offers for the report."""
        context = info.context
        request = pb.ReportCampaignRequest(campaign_id=self.id)
        method = context.clients.campaigns.ReportCampaign
        answer = await context.call(method, request, timeout_seconds=_REPORT_SECONDS)
        return to_report(answer, await context.currency_code())

    @resolver("How far its budget is used up; null limits where it has none.")
    async def budget(self, info: AppInfo) -> CampaignBudget | None:
        """As of now."""
        context = info.context
        request = budget_pb.GetCampaignBudgetRequest(campaign_id=self.id)
        answer = await context.call(context.clients.campaigns.GetCampaignBudget, request)
        return CampaignBudget(
            coupons=_to_use(answer.coupons) if answer.HasField("coupons") else None,
            amount=_to_use(answer.amount) if answer.HasField("amount") else None,
        )

    @resolver("How many of its messages ended how, by variant.")
    async def messages(self, info: AppInfo) -> list[VariantMessages] | None:
        """From the outbox."""
        return await count_messages(info.context, self.id)

    @resolver("Whom it was triggered for, in order of time.")
    async def enrolments(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Enrolment] | None:
        """A page of enrolments."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.Enrolment]:
            request = pb.ListEnrolmentsRequest(
                campaign_id=self.id, page_size=page_size, page_token=page_token
            )
            method = context.clients.campaigns.ListEnrolments
            answer = await context.call(method, request)
            # The service always tells where to go on, also for those who wait for more.
            if len(answer.enrolments) < page_size:
                return Page(answer.enrolments, "")
            request.page_size, request.page_token = 1, answer.next_page_token
            behind = await context.call(method, request)
            return Page(answer.enrolments, answer.next_page_token if behind.enrolments else "")

        return await connect(first, after, load, to_enrolment)


def to_campaign(message: pb.Campaign) -> Campaign:
    """A campaign as frontends see it."""
    return Campaign(
        message=message,
        id=strawberry.ID(message.campaign_id),
        trigger=to_trigger(message),
        control_basis_points=message.control_basis_points,
        variants=[_to_variant(variant) for variant in message.variants],
        conversion_window_seconds=Int64(message.conversion_window_seconds),
        state=convert.to_enum(CampaignState, message.state),
        created_at=convert.to_datetime(message, "create_time"),
        launched_at=convert.to_datetime(message, "launch_time"),
        ended_at=convert.to_datetime(message, "end_time"),
        next_occurrence_at=convert.to_datetime(message, "next_occurrence_time"),
        trigger_segment_id=to_id(message.trigger_segment_id),
        customer_cap=message.customer_cap or None,
        outside_frequency_cap=message.outside_frequency_cap,
    )


def _to_variant(message: pb.Variant) -> Variant:
    task = message.task if message.HasField("task") else None
    sent = message.message if message.HasField("message") else None
    return Variant(
        id=strawberry.ID(message.variant_id),
        weight=message.weight,
        offer_id=to_id(message.offer_id),
        task=TaskAction(
            titles=to_texts(dict(task.titles)),
            store_id=task.store_id or None,
            due_seconds=Int64(task.due_seconds),
        )
        if task
        else None,
        message=MessageAction(
            channel=sent.channel,
            template_id=strawberry.ID(sent.template_id),
            transactional=sent.transactional,
            expire_seconds=Int64(sent.expire_seconds) or None,
            best_time_seconds=sent.best_time_seconds or None,
        )
        if sent
        else None,
    )


def _to_use(message: budget_pb.BudgetUse) -> BudgetUse:
    return BudgetUse(
        limit=Int64(message.limit),
        held=Int64(message.held),
        spent=Int64(message.spent),
        left=Int64(message.left),
    )


def to_enrolment(message: pb.Enrolment) -> Enrolment:
    """An enrolment as frontends see it."""
    return Enrolment(
        id=strawberry.ID(message.enrolment_id),
        customer_id=strawberry.ID(message.customer_id),
        segment_id=to_id(message.segment_id),
        stint=Int64(message.stint),
        control=message.control,
        variant_id=to_id(message.variant_id),
        triggered_at=convert.to_required_datetime(message, "triggered_at"),
        coupon_id=to_id(message.coupon_id),
        holdout=message.holdout,
        outcome=convert.to_enum(EnrolmentOutcome, message.outcome),
        task_id=to_id(message.task_id),
        message_id=to_id(message.message_id),
    )
