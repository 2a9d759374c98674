"""What can be done with the fields that a tenant declares."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.profile.v1 import field_service_pb2 as pb

from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.inputs import REQUEST_ID
from gateway_service.results import Refused, or_refused
from gateway_service.types_records import FieldDeclaration, FieldType, Survivor, to_declaration


@strawberry.type(description="The field stayed as it was.")
class FieldRefused(Refused):
    """Nothing was changed."""


@strawberry.type(description="The field as it is now.")
class FieldSuccess:
    """Also when it was so before."""

    declaration: FieldDeclaration = strawberry.field(description="The field.")


FieldResult = Annotated[FieldSuccess | FieldRefused, strawberry.union("FieldResult")]


@strawberry.input(description="A field of the tenant's own; type and personal stay as first said.")
class DeclareFieldInput:
    """Sent again with other options or words, it changes those."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    name: str = strawberry.field(description="In snake_case, at most 64 characters.")
    type: FieldType = strawberry.field(description="What it holds.")
    personal: bool = strawberry.field(default=False, description="Sealed, and never seen by rules.")
    options: list[str] | None = strawberry.field(default=None, description="What a CHOICE may be.")
    description: str | None = strawberry.field(default=None, description="What it is for.")
    survivor: Survivor | None = strawberry.field(
        default=None, description="What survives a merge; the member's value if absent."
    )


@strawberry.input(description="A field that is to be set no more.")
class RetireFieldInput:
    """What customers hold stays readable."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    name: str = strawberry.field(description="Which.")


@strawberry.type
class RecordMutations:
    """The part of Mutation about declared fields."""

    @mutation("Declares a field of the tenant's own, or changes what may change of it.")
    async def declare_field(self, info: AppInfo, input: DeclareFieldInput) -> FieldResult:
        """Profile's DeclareField."""
        context = info.context
        field = pb.Field(
            name=input.name,
            type=f"FIELD_TYPE_{input.type.name}",
            personal=input.personal,
            options=input.options or (),
            description=input.description or "",
            survivor=f"SURVIVOR_{input.survivor.name}" if input.survivor else None,
        )
        request = pb.DeclareFieldRequest(request_id=str(input.request_id), field=field)
        answer = await or_refused(
            context.call(context.clients.fields.DeclareField, request), FieldRefused
        )
        if isinstance(answer, FieldRefused):
            return answer
        return FieldSuccess(declaration=to_declaration(answer.field))

    @mutation("Takes a field out of use.")
    async def retire_field(self, info: AppInfo, input: RetireFieldInput) -> FieldResult:
        """Profile's RetireField."""
        context = info.context
        request = pb.RetireFieldRequest(request_id=str(input.request_id), name=input.name)
        answer = await or_refused(
            context.call(context.clients.fields.RetireField, request), FieldRefused
        )
        if isinstance(answer, FieldRefused):
            return answer
        return FieldSuccess(declaration=to_declaration(answer.field))
