"""Batches of customers, as an import sends them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from dangol.profile.v1 import customer_service_pb2 as customer_pb
from dangol.profile.v1 import import_service_pb2 as pb
from dangol.profile.v1.import_service_pb2_grpc import ImportServiceStub

from tests.integration.profile.harness import Client, Platform

IMPORT_ID = str(uuid.UUID(int=5))
Names = Sequence[tuple[str, str]]


def row(line: int, *names: tuple[str, str], **attributes: Any) -> pb.ImportedCustomer:
    """One customer."""
    made = pb.ImportedCustomer(line=line, attributes=customer_pb.Customer(**attributes))
    for namespace, value in names:
        made.identifiers.add(namespace=namespace, value=value)
    return made


def batch(rows: Sequence[pb.ImportedCustomer], request_id: str = "") -> pb.ImportCustomersRequest:
    """With a fresh request id unless one is given."""
    return pb.ImportCustomersRequest(
        request_id=request_id or str(uuid.uuid4()), import_id=IMPORT_ID, customers=rows
    )


async def send(
    platform: Platform, client: Client, request: pb.ImportCustomersRequest
) -> list[pb.ImportResult]:
    """ImportCustomers."""
    stub: Any = ImportServiceStub(platform.channel)
    response = await client.call(stub.ImportCustomers, request)
    return list(response.results)


async def finish(platform: Platform, client: Client) -> int:
    """FinishImport; answers how many batches were released."""
    stub: Any = ImportServiceStub(platform.channel)
    response = await client.call(stub.FinishImport, pb.FinishImportRequest(import_id=IMPORT_ID))
    return int(response.released_batches)


def outcome(result: Any) -> str:
    """CREATED, LINKED, ...; the code of a row that was rejected."""
    prefix = len("IDENTIFY_OUTCOME_")
    return getattr(result, "code", "") or customer_pb.IdentifyOutcome.Name(result.outcome)[prefix:]
