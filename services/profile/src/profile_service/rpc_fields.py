"""FieldService over gRPC."""

from __future__ import annotations

from typing import Any, Final

from dangol.profile.v1 import field_service_pb2 as pb
from dangol.profile.v1.field_service_pb2_grpc import (
    FieldServiceServicer,
    add_FieldServiceServicer_to_server,
)
from dangol_service_kit.auth import Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.server import Server

from profile_service.domain import AnsweredRequest
from profile_service.fields import (
    Declaration,
    FieldSchema,
    FieldType,
    SchemaOutcome,
    check_declaration,
    check_survivors,
)
from profile_service.rpc import Context, idempotency, outages
from profile_service.sealing import Vault
from profile_service.service_fields import FieldService
from profile_service.store_fields import FieldStore
from profile_service.survivorship import Survivor

SERVICE_NAME = "dangol.profile.v1.FieldService"
_READERS: Final = (Role.ADMIN, Role.MARKETER, Role.STAFF, Role.PARTNER, Role.SERVICE)
_FAILURES: Final = {
    SchemaOutcome.REQUEST_CONFLICT: (
        *(Code.REQUEST_CONFLICT, "request_id"),
        "this request id was used with other content: send a fresh one",
    ),
    SchemaOutcome.TYPE_DIFFERS: (
        *(Code.FIELD_INVALID, "field.type"),
        "the type, and whether it is personal, stay as they are: declare a field of another name",
    ),
    SchemaOutcome.TOO_MANY: (
        *(Code.FIELD_INVALID, "field.name"),
        "there are 200 fields: use one that is declared",
    ),
    SchemaOutcome.BUILT_IN: (
        *(Code.FIELD_INVALID, "field.name"),
        "insight keeps this field: choose another name",
    ),
    SchemaOutcome.NOT_FOUND: (Code.FIELD_INVALID, "name", "no such field is declared"),
}


class FieldRpc(FieldServiceServicer):
    """Admins declare; everybody who works for the shop may read."""

    def __init__(self, service: FieldService, vault: Vault) -> None:
        self._service = service
        self._vault = vault

    async def DeclareField(  # noqa: N802
        self, request: pb.DeclareFieldRequest, _context: Context
    ) -> pb.DeclareFieldResponse:
        """Errors: FIELD_INVALID, REQUEST_CONFLICT."""
        caller = require(Role.ADMIN)
        wanted = _from_field(request.field)
        _refuse(check_declaration(wanted))
        answered = self._answered(caller, "declare-field", request)
        with outages():
            schema, outcome = await self._service.declare(caller.tenant_id, wanted, answered)
        _settled(outcome)
        return pb.DeclareFieldResponse(field=_to_field(schema.declared[wanted.name]))

    async def RetireField(  # noqa: N802
        self, request: pb.RetireFieldRequest, _context: Context
    ) -> pb.RetireFieldResponse:
        """Errors: FIELD_INVALID, REQUEST_CONFLICT."""
        caller = require(Role.ADMIN)
        answered = self._answered(caller, "retire-field", request)
        with outages():
            schema, outcome = await self._service.retire(caller.tenant_id, request.name, answered)
        _settled(outcome)
        return pb.RetireFieldResponse(field=_to_field(schema.declared[request.name]))

    async def ListFields(  # noqa: N802
        self, _request: pb.ListFieldsRequest, _context: Context
    ) -> pb.ListFieldsResponse:
        """All at once: there are few."""
        caller = require(*_READERS)
        with outages():
            schema = await self._service.get(caller.tenant_id)
        fields = sorted(schema.declared.values(), key=lambda one: one.name)
        return pb.ListFieldsResponse(
            fields=[_to_field(one) for one in fields], survivorship=_to_survivorship(schema)
        )

    async def SetSurvivorship(  # noqa: N802
        self, request: pb.SetSurvivorshipRequest, _context: Context
    ) -> pb.SetSurvivorshipResponse:
        """Errors: FIELD_INVALID, REQUEST_CONFLICT."""
        caller = require(Role.ADMIN)
        named = [(one.attribute, _survivor(one.survivor)) for one in request.survivorship]
        _refuse(check_survivors(named))
        answered = self._answered(caller, "set-survivorship", request)
        with outages():
            schema, outcome = await self._service.set_survivors(
                caller.tenant_id, dict(named), answered
            )
        _settled(outcome)
        return pb.SetSurvivorshipResponse(survivorship=_to_survivorship(schema))

    def _answered(self, caller: Caller, kind: str, request: object) -> AnsweredRequest:
        return AnsweredRequest(*idempotency(self._vault, caller, kind, request))


def add_fields(server: Server, database: object, vault: Vault) -> FieldService:
    """Puts the service into the process."""
    service = FieldService(FieldStore(database))
    server.add(add_FieldServiceServicer_to_server, FieldRpc(service, vault), SERVICE_NAME)
    return service


def _refuse(wrong: list[tuple[str, str]]) -> None:
    if wrong:
        raise RpcFailure(Code.FIELD_INVALID, f"{wrong[0][0]}: {wrong[0][1]}", violations=wrong)


def _settled(outcome: SchemaOutcome) -> None:
    if outcome in _FAILURES:
        code, field, message = _FAILURES[outcome]
        raise RpcFailure(code, message, field=field)


def _survivor(number: int) -> Survivor:
    name = pb.Survivor.Name(number).removeprefix("SURVIVOR_")
    return Survivor.DEFAULT if name == "UNSPECIFIED" else Survivor(name.lower())


def _survivor_number(survivor: Survivor) -> Any:
    if survivor is Survivor.DEFAULT:
        return pb.SURVIVOR_UNSPECIFIED
    return pb.Survivor.Value(f"SURVIVOR_{survivor.name}")


def _from_field(message: pb.Field) -> Declaration:
    return Declaration(
        message.name,
        FieldType(pb.FieldType.Name(message.type).removeprefix("FIELD_TYPE_").lower()),
        message.personal,
        tuple(message.options),
        message.description,
        _survivor(message.survivor),
    )


def _to_field(declared: Declaration) -> pb.Field:
    return pb.Field(
        name=declared.name,
        type=f"FIELD_TYPE_{declared.type.name}",
        personal=declared.personal,
        options=declared.options,
        description=declared.description,
        survivor=_survivor_number(declared.survivor),
        retired=declared.retired,
    )


def _to_survivorship(schema: FieldSchema) -> list[pb.Survivorship]:
    return [
        pb.Survivorship(attribute=name, survivor=_survivor_number(one))
        for name, one in sorted(schema.survivors.items())
    ]
