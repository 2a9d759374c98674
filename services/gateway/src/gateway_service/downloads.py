"""Files that are streamed as offers makes them: codes of a batch, entries of the journal, and a
checkpoint with its accounts.

POST /code-batches/{id}/export   {"requestId"}   CSV; one request only may have it
GET  /ledger/entries.csv, /ledger/entries.jsonl  with the filter and resumeToken in the query string
GET  /ledger/checkpoints/{number}                the signed note, a blank line, a line an account

What breaks off midway is cut: the connection ends without its last chunk.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, TypeVar

import orjson
from dangol.offers.v1 import code_service_pb2 as codes_pb
from dangol.offers.v1 import ledger_service_pb2 as ledger_pb
from dangol_service_kit.auth import Caller, TokenVerifier
from dangol_service_kit.client import stream
from dangol_service_kit.errors import Code, RpcFailure
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from gateway_service import convert
from gateway_service.clients import Clients
from gateway_service.exports import refusal

_CSV, _LINES = "text/csv; charset=utf-8", "application/jsonl"
_BODY_BYTES_MAX = 4096
_FILTER_TEXTS = ("accountId", "orderId", "customerId", "campaignId")

Answer = TypeVar("Answer")


def download_routes(clients: Clients, verifier: TokenVerifier) -> list[BaseRoute]:
    """The routes, which ask for the same credential as every query."""

    async def codes(request: Request) -> Response:
        caller = verifier.verify_header(request.headers.get("authorization"))
        wanted = codes_pb.ExportCodesRequest(
            request_id=await _request_id(request), batch_id=request.path_params["batch_id"]
        )
        answers = stream(clients.codes.ExportCodes, wanted, token=caller.token)
        return await _file(answers, lambda one: one.data, _CSV, "codes.csv")

    def entries(form: ledger_pb.EntryFormat, media: str, name: str) -> Callable[..., Any]:
        async def entries_of(request: Request) -> Response:
            caller: Caller = verifier.verify_header(request.headers.get("authorization"))
            wanted = ledger_pb.ExportEntriesRequest(
                filter=_filter(request),
                format=form,
                resume_token=request.query_params.get("resumeToken", ""),
            )
            answers = stream(clients.ledger.ExportEntries, wanted, token=caller.token)
            return await _file(answers, lambda one: one.data, media, name)

        return entries_of

    async def checkpoint(request: Request) -> Response:
        caller = verifier.verify_header(request.headers.get("authorization"))
        number = request.path_params["number"]
        wanted = ledger_pb.ExportCheckpointRequest(number=number)
        answers = stream(clients.ledger.ExportCheckpoint, wanted, token=caller.token)
        return await _file(answers, _checkpoint_piece, "text/plain; charset=utf-8", f"{number}.txt")

    csv = entries(ledger_pb.ENTRY_FORMAT_CSV, _CSV, "entries.csv")
    lines = entries(ledger_pb.ENTRY_FORMAT_JSON_LINES, _LINES, "entries.jsonl")
    return [
        Route("/code-batches/{batch_id}/export", endpoint=_refusing(codes), methods=["POST"]),
        Route("/ledger/entries.csv", endpoint=_refusing(csv), methods=["GET"]),
        Route("/ledger/entries.jsonl", endpoint=_refusing(lines), methods=["GET"]),
        Route("/ledger/checkpoints/{number:int}", endpoint=_refusing(checkpoint), methods=["GET"]),
    ]


def _refusing(endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            response: Response = await endpoint(request)
        except RpcFailure as failure:
            return refusal(failure)
        return response

    return answer


async def _file(
    answers: AsyncIterator[Answer], piece_of: Callable[[Answer], bytes], media: str, name: str
) -> Response:
    """Whoever may not, or asks for what is not there, is told by a status: the first piece
    decides. Raises RpcFailure."""
    first = await anext(answers, None)
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }

    async def body() -> AsyncIterator[bytes]:
        if first is not None:
            yield piece_of(first)
        async for answer in answers:
            yield piece_of(answer)

    return StreamingResponse(body(), media_type=media, headers=headers)


def _checkpoint_piece(answer: ledger_pb.ExportCheckpointResponse) -> bytes:
    if not answer.HasField("checkpoint"):
        return answer.accounts
    return answer.checkpoint.note.encode() + b"\n" + answer.accounts


async def _request_id(request: Request) -> str:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _BODY_BYTES_MAX:
            raise RpcFailure(Code.BATCH_TOO_LARGE, "send the request id and nothing else")
    try:
        return str(uuid.UUID(orjson.loads(body)["requestId"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        text = 'send {"requestId": "a UUID of yours"}'
        raise RpcFailure(Code.FIELD_INVALID, text, field="requestId") from None


def _filter(request: Request) -> ledger_pb.EntryFilter:
    account, order, customer, campaign = [
        request.query_params.get(name, "") for name in _FILTER_TEXTS
    ]
    return ledger_pb.EntryFilter(
        account_id=account,
        order_id=order,
        customer_id=customer,
        campaign_id=campaign,
        start_time=convert.optional_timestamp(_time(request, "startsAt")),
        end_time=convert.optional_timestamp(_time(request, "endsAt")),
    )


def _time(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        message = "write the time as 2026-11-27T00:00:00Z"
        raise RpcFailure(Code.FIELD_INVALID, message, field=name) from None
