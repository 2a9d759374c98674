"""Sandboxes: made, moved through time, emptied and ended."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import strawberry
from dangol.offers.v1 import sandbox_service_pb2 as steps_pb
from dangol.profile.v1 import sandbox_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.fields import mutation, resolver
from gateway_service.inputs import REQUEST_ID
from gateway_service.results import Refused, or_refused
from gateway_service.types_common import Int64
from gateway_service.types_sandboxes import Sandbox, to_sandbox

# A step may fire weeks of deadlines, and a reset deletes all that they left.
_STEP_SECONDS = 300.0
_WHICH = "A sandbox of your tenant; your own tenant, if that is one, when absent."


@strawberry.type(description="The sandbox stayed as it was.")
class SandboxRefused(Refused):
    """For example SANDBOX_REQUIRED: a real tenant is neither moved nor erased."""


@strawberry.type(description="The sandbox is there.")
class CreateSandboxSuccess:
    """Made."""

    sandbox: Sandbox = strawberry.field(description="As it begins.")


@strawberry.type(description="The clock was moved, and everything that fell due has happened.")
class AdvanceSandboxSuccess:
    """Advanced."""

    clock_now: dt.datetime = strawberry.field(description="The time of this request.")
    clock_horizon: dt.datetime = strawberry.field(description="Events may lie up to here.")
    fired_deadlines: Int64 = strawberry.field(description="What fell due.")
    consumed_changes: Int64 = strawberry.field(description="Changes that campaigns acted on.")
    relayed_events: Int64 = strawberry.field(description="Events that offers sent back.")


@strawberry.type(description="The sandbox was erased, and an empty one took its place.")
class ResetSandboxSuccess:
    """Reset."""

    sandbox: Sandbox = strawberry.field(description="The new one; it needs tokens of its own.")
    erased: Int64 = strawberry.field(description="Documents and keys that were deleted.")


@strawberry.type(description="The sandbox was erased.")
class EndSandboxSuccess:
    """Ended."""

    erased: Int64 = strawberry.field(description="Documents and keys that were deleted.")


CreateSandboxResult = Annotated[
    CreateSandboxSuccess | SandboxRefused, strawberry.union("CreateSandboxResult")
]
AdvanceSandboxResult = Annotated[
    AdvanceSandboxSuccess | SandboxRefused, strawberry.union("AdvanceSandboxResult")
]
ResetSandboxResult = Annotated[
    ResetSandboxSuccess | SandboxRefused, strawberry.union("ResetSandboxResult")
]
EndSandboxResult = Annotated[
    EndSandboxSuccess | SandboxRefused, strawberry.union("EndSandboxResult")
]


@strawberry.input(description="A sandbox beside your tenant.")
class CreateSandboxInput:
    """It has the tenant's zone, currency and language."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    display_name: str = strawberry.field(description="What people call it.")
    clock_start: dt.datetime | None = strawberry.field(
        default=None, description="Where its clock begins; now if absent."
    )


@strawberry.input(description="A step of a sandbox's clock: either `by` so much or `to` a time.")
class AdvanceSandboxInput:
    """Sent again it goes on to the same time."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    sandbox_id: strawberry.ID | None = strawberry.field(default=None, description=_WHICH)
    by_seconds: Int64 | None = strawberry.field(
        default=None, description="So far on, behind what was asked for before."
    )
    to: dt.datetime | None = strawberry.field(
        default=None, description="Never before the clock's present time."
    )


@strawberry.input(description="A sandbox to be erased.")
class EndSandboxInput:
    """For resetSandbox and endSandbox."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    sandbox_id: strawberry.ID | None = strawberry.field(default=None, description=_WHICH)


@strawberry.type
class SandboxQueries:
    """The part of Query about sandboxes."""

    @resolver("Your tenant's sandboxes, oldest first; in a sandbox that one.")
    async def sandboxes(self, info: AppInfo) -> list[Sandbox] | None:
        """Profile's ListSandboxes."""
        context = info.context
        method = context.clients.sandboxes.ListSandboxes
        answer = await context.call(method, pb.ListSandboxesRequest())
        return [to_sandbox(one) for one in answer.sandboxes]


@strawberry.type
class SandboxMutations:
    """The part of Mutation about sandboxes."""

    @mutation("Makes a sandbox beside your tenant.")
    async def create_sandbox(self, info: AppInfo, input: CreateSandboxInput) -> CreateSandboxResult:
        """Profile's CreateSandbox."""
        context = info.context
        request = pb.CreateSandboxRequest(
            request_id=str(input.request_id), display_name=input.display_name
        )
        if input.clock_start is not None:
            request.clock_start.CopyFrom(convert.to_timestamp(input.clock_start))
        answer = await or_refused(
            context.call(context.clients.sandboxes.CreateSandbox, request), SandboxRefused
        )
        if isinstance(answer, SandboxRefused):
            return answer
        return CreateSandboxSuccess(sandbox=to_sandbox(answer.sandbox))

    @mutation("Moves a sandbox's clock, and answers when all that fell due has happened.")
    async def advance_sandbox(
        self, info: AppInfo, input: AdvanceSandboxInput
    ) -> AdvanceSandboxResult:
        """Offers' AdvanceSandbox."""
        context = info.context
        request = steps_pb.AdvanceSandboxRequest(
            request_id=str(input.request_id), sandbox_id=str(input.sandbox_id or "")
        )
        if input.to is not None:
            request.to.CopyFrom(convert.to_timestamp(input.to))
        elif input.by_seconds is not None:
            request.by.seconds = input.by_seconds
        method = context.clients.sandbox_steps.AdvanceSandbox
        answer = await or_refused(
            context.call(method, request, timeout_seconds=_STEP_SECONDS), SandboxRefused
        )
        if isinstance(answer, SandboxRefused):
            return answer
        return AdvanceSandboxSuccess(
            clock_now=convert.to_required_datetime(answer, "now"),
            clock_horizon=convert.to_required_datetime(answer, "horizon"),
            fired_deadlines=Int64(answer.fired_deadlines),
            consumed_changes=Int64(answer.consumed_changes),
            relayed_events=Int64(answer.relayed_events),
        )

    @mutation("Erases a sandbox, and makes an empty one in its place, with an id of its own.")
    async def reset_sandbox(self, info: AppInfo, input: EndSandboxInput) -> ResetSandboxResult:
        """Offers' ResetSandbox."""
        context = info.context
        request = steps_pb.ResetSandboxRequest(
            request_id=str(input.request_id), sandbox_id=str(input.sandbox_id or "")
        )
        method = context.clients.sandbox_steps.ResetSandbox
        answer = await or_refused(
            context.call(method, request, timeout_seconds=_STEP_SECONDS), SandboxRefused
        )
        if isinstance(answer, SandboxRefused):
            return answer
        return ResetSandboxSuccess(sandbox=to_sandbox(answer.sandbox), erased=Int64(answer.erased))

    @mutation("Erases a sandbox for good.")
    async def end_sandbox(self, info: AppInfo, input: EndSandboxInput) -> EndSandboxResult:
        """Offers' EndSandbox."""
        context = info.context
        request = steps_pb.EndSandboxRequest(
            request_id=str(input.request_id), sandbox_id=str(input.sandbox_id or "")
        )
        method = context.clients.sandbox_steps.EndSandbox
        answer = await or_refused(
            context.call(method, request, timeout_seconds=_STEP_SECONDS), SandboxRefused
        )
        if isinstance(answer, SandboxRefused):
            return answer
        return EndSandboxSuccess(erased=Int64(answer.erased))
