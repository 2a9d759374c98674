"""GET /customers/{id}/export: everything that the platform keeps of one customer, as JSON.

One array of {"section", "data"}, a line an element, sent as it is read, so that no customer is too
large. It is cut off without its closing bracket when a service fails midway: what parses is whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import chain
from typing import Any

import orjson
from dangol.offers.v1 import privacy_service_pb2 as offers_pb
from dangol.profile.v1 import privacy_service_pb2 as profile_pb
from dangol.segmentation.v1 import segment_service_pb2 as segments_pb
from dangol_service_kit.auth import TokenVerifier
from dangol_service_kit.client import call, stream
from dangol_service_kit.errors import RpcFailure
from google.protobuf.json_format import MessageToDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from gateway_service.clients import Clients
from gateway_service.credentials import authorization_of

_SEGMENTS_SECONDS = 10.0
_STATUSES = {
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 409,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 413,
}
_UNAVAILABLE = 503
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


def export_routes(clients: Clients, verifier: TokenVerifier) -> list[BaseRoute]:
    """The route, which asks for the same credential as every query."""

    async def export(request: Request) -> Response:
        customer_id = request.path_params["customer_id"]
        try:
            caller = await verifier.admit(authorization_of(request))
            pieces = _pieces(clients, caller.token, customer_id)
            # Whoever may not, or asks for nobody, is told by a status: the first piece decides.
            first = await anext(pieces)
        except RpcFailure as failure:
            return refusal(failure)
        name = "".join(one for one in customer_id if one in _NAME_CHARACTERS)
        headers = {
            "content-disposition": f'attachment; filename="customer-{name}.json"',
            "cache-control": "no-store",
        }
        body = _array(first, pieces)
        return StreamingResponse(body, media_type="application/json", headers=headers)

    return [Route("/customers/{customer_id}/export", endpoint=export, methods=["GET"])]


async def _pieces(clients: Clients, token: str, customer_id: str) -> AsyncIterator[bytes]:
    profile = profile_pb.ExportCustomerRequest(customer_id=customer_id)
    surviving_id = customer_id
    async for answer in stream(clients.profile_privacy.ExportCustomer, profile, token=token):
        if answer.record.section == "customer":
            surviving_id = orjson.loads(answer.record.json)["customerId"]
        yield _piece(answer.record.section, answer.record.json.encode())
    segments = segments_pb.ListMembershipsRequest(customer_ids=[surviving_id])
    listed = await call(
        clients.segments.ListMemberships, segments, token=token, timeout_seconds=_SEGMENTS_SECONDS
    )
    for membership in chain.from_iterable(one.memberships for one in listed.customers):
        yield _piece("membership", orjson.dumps(MessageToDict(membership)))
    offers = offers_pb.ExportCustomerRequest(customer_id=surviving_id)
    async for part in stream(clients.offers_privacy.ExportCustomer, offers, token=token):
        yield _piece(part.record.section, part.record.json.encode())


def _piece(section: str, content: bytes) -> bytes:
    return b'{"section":' + orjson.dumps(section) + b',"data":' + content + b"}"


async def _array(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield b"[" + first
    async for piece in rest:
        yield b",\n" + piece
    yield b"]\n"


def refusal(failure: RpcFailure) -> Response:
    """The status and the error that a client gets."""
    status = _STATUSES.get(failure.code.status.name, _UNAVAILABLE)
    error: dict[str, Any] = {
        "message": failure.message,
        "extensions": {"code": failure.code.value},
    }
    headers = {"www-authenticate": "Bearer"} if status == _STATUSES["UNAUTHENTICATED"] else None
    return JSONResponse({"errors": [error]}, status_code=status, headers=headers)
