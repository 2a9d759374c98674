"""ImportService over gRPC."""

from __future__ import annotations

from typing import Final

from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import import_service_pb2 as pb
from dangol.profile.v1.import_service_pb2_grpc import (
    ImportServiceServicer,
    add_ImportServiceServicer_to_server,
)
from dangol_service_kit.auth import Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.server import Server
from dangol_service_kit.validation import collect_violations

from profile_service.domain import settle_birth
from profile_service.imports import ROWS_MAX, RowResult
from profile_service.judging import BATCH_BYTES_MAX, Rejection, RejectionCode
from profile_service.rpc import Context, idempotency, outages
from profile_service.rpc_customer_checks import check_birth_dates, check_fields, refuse_twice
from profile_service.rpc_customers import OUTCOMES
from profile_service.rpc_presenter import from_message
from profile_service.rpc_shop_parts import Ways
from profile_service.sealing import Vault
from profile_service.service_fields import FieldService
from profile_service.service_identify import Wanted
from profile_service.service_imports import Batch, ImportService
from profile_service.store_fields import FieldStore
from profile_service.store_imports import ImportStore
from profile_service.store_intents import IntentStore

SERVICE_NAME = "dangol.profile.v1.ImportService"
_IMPORTERS: Final = (Role.ADMIN, Role.PARTNER, Role.SERVICE)


class ImportRpc(ImportServiceServicer):
    """Admins, partners and services bring in what their tenant had before."""

    def __init__(self, service: ImportService, vault: Vault) -> None:
        self._service = service
        self._vault = vault

    async def ImportCustomers(  # noqa: N802
        self, request: pb.ImportCustomersRequest, _context: Context
    ) -> pb.ImportCustomersResponse:
        """Errors: BATCH_TOO_LARGE and REQUEST_CONFLICT of the whole batch; else each row has its
        own."""
        caller = require(*_IMPORTERS)
        _check_size(request)
        key, fingerprint = idempotency(self._vault, caller, "import", request)
        rows = [self._read(caller, row) for row in request.customers]
        with outages():
            results = await self._service.run(
                Batch(caller.tenant_id, request.import_id, rows), key, fingerprint
            )
        return pb.ImportCustomersResponse(
            results=[
                _to_result(row.line, one)
                for row, one in zip(request.customers, results, strict=True)
            ]
        )

    async def FinishImport(  # noqa: N802
        self, request: pb.FinishImportRequest, _context: Context
    ) -> pb.FinishImportResponse:
        """An import that is not known, or finished before, released nothing."""
        caller = require(*_IMPORTERS)
        with outages():
            released = await self._service.finish(caller.tenant_id, request.import_id)
        return pb.FinishImportResponse(released_batches=released)

    def _read(self, caller: Caller, row: pb.ImportedCustomer) -> Wanted | Rejection:
        """The row, or what is wrong with it, as IdentifyCustomer would say."""
        for field, fix in collect_violations(row):
            return Rejection(RejectionCode.FIELD_INVALID, field, fix)
        names = [(one.namespace, one.value) for one in row.identifiers]
        try:
            refuse_twice(names)
            attributes = settle_birth(from_message(row.attributes))
            check_birth_dates(attributes, "attributes")
            check_fields(attributes, "attributes.fields")
        except RpcFailure as failure:
            field = failure.field or ""
            fix = failure.message.removeprefix(f"{field}: ")
            return Rejection(RejectionCode.FIELD_INVALID, field, fix)
        return self._service.want(caller.tenant_id, names, attributes)


def add_imports(server: Server, database: object, ways: Ways) -> None:
    """ImportService."""
    service = ImportService(
        clock=ways.clock,
        registry=ways.registry,
        identify=ways.identify,
        fields=FieldService(FieldStore(database)),
        requests=ImportStore(database),
        intents=IntentStore(database),
    )
    rpc = ImportRpc(service, ways.vault)
    server.add(add_ImportServiceServicer_to_server, rpc, SERVICE_NAME)


def _check_size(request: pb.ImportCustomersRequest) -> None:
    if len(request.customers) > ROWS_MAX:
        message = f"send at most {ROWS_MAX:,} customers at once, and the rest in further batches"
        raise RpcFailure(Code.BATCH_TOO_LARGE, message, field="customers")
    if request.ByteSize() > BATCH_BYTES_MAX:
        message = "send at most 4 MiB at once, and the rest in further batches"
        raise RpcFailure(Code.BATCH_TOO_LARGE, message, field="customers")


def _to_result(line: int, result: RowResult) -> pb.ImportResult:
    if result.rejection is not None:
        code, field, message = result.rejection
        return pb.ImportResult(line=line, code=code.value, field=field, message=message)
    outcome = (
        customers.IDENTIFY_OUTCOME_UNSPECIFIED
        if result.outcome is None
        else OUTCOMES[result.outcome]
    )
    return pb.ImportResult(line=line, outcome=outcome, customer_id=result.customer_id)
