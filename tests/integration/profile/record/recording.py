"""Short words for writing customers and fields."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol.profile.v1 import field_service_pb2 as field_pb
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import Client


def update(
    customer: pb.Customer, *paths: str, request_id: str = "", **changes: Any
) -> pb.UpdateCustomerRequest:
    """A request that changes what paths name; fields.x and personal_fields.x by numbers or text."""
    changed = pb.Customer(customer_id=customer.customer_id, version=customer.version, **changes)
    request = pb.UpdateCustomerRequest(request_id=request_id or str(uuid.uuid4()), customer=changed)
    request.update_mask.paths.extend(paths)
    return request


async def change(client: Client, request: pb.UpdateCustomerRequest) -> pb.Customer:
    """UpdateCustomer."""
    response = await client.call(client.customers.UpdateCustomer, request)
    customer: pb.Customer = response.customer
    return customer


async def declare(client: Client, name: str, kind: int, **more: Any) -> field_pb.Field:
    """DeclareField."""
    field = field_pb.Field(name=name, type=kind, **more)  # type: ignore[arg-type]
    request = field_pb.DeclareFieldRequest(request_id=str(uuid.uuid4()), field=field)
    response = await client.call(client.fields.DeclareField, request)
    declared: field_pb.Field = response.field
    return declared


async def refused(attempt: Any, code: Code, field: str | None) -> RpcFailure:
    """The failure of a call, which has this code and names this field."""
    with pytest.raises(RpcFailure) as failure:
        await attempt
    assert (code, field) == (failure.value.code, failure.value.field)
    return failure.value
