"""What can be done. Each mutation is one call to one service."""

from __future__ import annotations

import strawberry
from dangol.offers.v1 import clock_service_pb2 as clock_pb
from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol.profile.v1 import event_service_pb2 as events_pb
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.field_mask_pb2 import FieldMask

from gateway_service import convert, inputs, results
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.mutations_campaigns import CampaignMutations
from gateway_service.mutations_codes import CodeMutations
from gateway_service.mutations_coupons import CouponMutations
from gateway_service.mutations_facts import FactMutations
from gateway_service.mutations_gifts import GiftMutations
from gateway_service.mutations_greetings import GreetingMutations
from gateway_service.mutations_invitations import InvitationMutations
from gateway_service.mutations_messages import MessageMutations
from gateway_service.mutations_offers import OfferMutations
from gateway_service.mutations_points import PointsMutations
from gateway_service.mutations_products import ProductMutations
from gateway_service.mutations_publishable_keys import PublishableKeyMutations
from gateway_service.mutations_records import RecordMutations
from gateway_service.mutations_sandboxes import SandboxMutations
from gateway_service.mutations_segments import SegmentMutations
from gateway_service.mutations_shops import ShopMutations
from gateway_service.mutations_staff import StaffMutations
from gateway_service.mutations_tasks import TaskMutations
from gateway_service.mutations_webhooks import WebhookMutations
from gateway_service.types_common import Int64, from_properties
from gateway_service.types_customers import to_customer
from gateway_service.types_records import from_preferences
from gateway_service.types_segments import to_change

# One step of a virtual clock may fire a day's deadlines of a whole tenant.
_CLOCK_SECONDS = 300.0


@strawberry.type(description="What can be done.")
class Mutation(
    CampaignMutations,
    CodeMutations,
    CouponMutations,
    FactMutations,
    GiftMutations,
    GreetingMutations,
    InvitationMutations,
    MessageMutations,
    OfferMutations,
    PointsMutations,
    ProductMutations,
    PublishableKeyMutations,
    RecordMutations,
    SandboxMutations,
    SegmentMutations,
    ShopMutations,
    StaffMutations,
    TaskMutations,
    WebhookMutations,
):
    """Expected failures are members of the result's union."""

    @mutation("Records what customers did.")
    async def track(self, info: AppInfo, input: inputs.TrackInput) -> results.TrackResult:
        """Profile's RecordEvents."""
        context = info.context
        request = events_pb.RecordEventsRequest(events=[item.to_proto() for item in input.events])
        answer = await results.or_refused(
            context.call(context.clients.events.RecordEvents, request), results.TrackRefused
        )
        if isinstance(answer, results.TrackRefused):
            return answer
        return results.TrackSuccess(
            results=[_to_event_result(result) for result in answer.results],
            changes=[to_change(change) for change in answer.changes],
            changes_pending=answer.changes_pending,
        )

    @mutation("Says that identifiers belong to one customer.")
    async def identify(self, info: AppInfo, input: inputs.IdentifyInput) -> results.IdentifyResult:
        """Profile's IdentifyCustomer."""
        context = info.context
        request = customers_pb.IdentifyCustomerRequest(
            request_id=str(input.request_id),
            identifiers=[identifier.to_proto() for identifier in input.identifiers],
            attributes=customers_pb.Customer(display_name=input.display_name)
            if input.display_name
            else None,
        )
        answer = await results.or_refused(
            context.call(context.clients.customers.IdentifyCustomer, request),
            results.CustomerRefused,
        )
        if isinstance(answer, results.CustomerRefused):
            return answer
        if answer.outcome == customers_pb.IDENTIFY_OUTCOME_CONFLICT:
            return results.CustomerRefused(
                code="IDENTIFIERS_CONFLICT",
                message="the identifiers belong to two members; nothing was changed",
                field="identifiers",
            )
        return results.IdentifySuccess(
            outcome=convert.to_enum(results.IdentifyOutcome, answer.outcome),
            customer=to_customer(answer.customer),
        )

    @mutation("Changes a customer's attributes.")
    async def update_customer(
        self,
        info: AppInfo,
        input: inputs.UpdateCustomerInput,
    ) -> results.UpdateCustomerResult:
        """Profile's UpdateCustomer, with a mask of what was given."""
        context = info.context
        request = _update_request(input)
        answer = await results.or_refused(
            context.call(context.clients.customers.UpdateCustomer, request),
            results.CustomerRefused,
        )
        if isinstance(answer, results.CustomerRefused):
            return answer
        return results.UpdateCustomerSuccess(customer=to_customer(answer.customer))

    @mutation("Writes down what a customer allowed or withdrew; segments change at once.")
    async def set_consent(
        self,
        info: AppInfo,
        input: inputs.SetConsentInput,
    ) -> results.SetConsentResult:
        """Profile's SetConsent."""
        context = info.context
        request = customers_pb.SetConsentRequest(
            request_id=str(input.request_id),
            customer_id=str(input.customer_id),
            entries=[entry.to_proto() for entry in input.entries],
        )
        answer = await results.or_refused(
            context.call(context.clients.customers.SetConsent, request), results.CustomerRefused
        )
        if isinstance(answer, results.CustomerRefused):
            return answer
        return results.SetConsentSuccess(
            customer=to_customer(answer.customer),
            changes=[to_change(change) for change in answer.changes],
            changes_pending=answer.changes_pending,
        )

    @mutation("Moves the clock of a tenant under virtual time, and lets all fall due.")
    async def advance_clock(
        self,
        info: AppInfo,
        input: inputs.AdvanceClockInput,
    ) -> results.AdvanceClockResult:
        """Offers' AdvanceClock, which leads the whole platform's step."""
        context = info.context
        request = clock_pb.AdvanceClockRequest(
            now=convert.to_timestamp(input.now),
            horizon=convert.to_timestamp(input.horizon or input.now),
        )
        answer = await results.or_refused(
            context.call(
                context.clients.clock.AdvanceClock, request, timeout_seconds=_CLOCK_SECONDS
            ),
            results.ClockRefused,
        )
        if isinstance(answer, results.ClockRefused):
            return answer
        return results.AdvanceClockSuccess(
            fired_deadlines=Int64(answer.fired_deadlines),
            consumed_changes=Int64(answer.consumed_changes),
            relayed_events=Int64(answer.relayed_events),
        )


def _to_event_result(result: events_pb.EventResult) -> results.EventResult:
    return results.EventResult(
        event_id=strawberry.ID(result.event_id),
        outcome=convert.to_enum(results.RecordOutcome, result.outcome),
        code=result.code or None,
        field=result.field or None,
        message=result.message or None,
    )


_CUSTOMER_FIELDS = (
    "display_name",
    "gender",
    "birth_date",
    "age_band",
    "tier",
    "region",
    "language",
    "tags",
    "fields",
    "lunar_birth_date",
    "preferences",
)


def _update_request(given: inputs.UpdateCustomerInput) -> customers_pb.UpdateCustomerRequest:
    paths = [name for name in _CUSTOMER_FIELDS if getattr(given, name) is not strawberry.UNSET]
    if not paths:
        raise RpcFailure(Code.FIELD_INVALID, "name at least one attribute to change", field="input")
    customer = customers_pb.Customer(
        customer_id=str(given.customer_id),
        version=given.version,
        display_name=given.display_name or "",
        gender=f"GENDER_{given.gender.name}" if given.gender else None,
        birth_date=given.birth_date.isoformat() if given.birth_date else "",
        age_band=given.age_band or "",
        tier=given.tier or "",
        region=given.region or "",
        language=given.language or "",
        tags=given.tags or (),
        fields=from_properties(given.fields or None),
        preferences=from_preferences(given.preferences or None),
        lunar_birth_date=given.lunar_birth_date.to_proto() if given.lunar_birth_date else None,
    )
    return customers_pb.UpdateCustomerRequest(
        request_id=str(given.request_id), customer=customer, update_mask=FieldMask(paths=paths)
    )
