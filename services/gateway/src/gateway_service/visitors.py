"""POST /visitors: a page's publishable key buys a visitor a short-lived token (ADR 0063).

    {"key": "pk_...", "visitorId": "v_..."}    with the page's Origin; visitorId when there is one
    {"token": "...", "visitorId": "v_...", "expiresInSeconds": 900}

The token records what this visitor does, from pages of this origin, and reads nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from typing import Any

import orjson
from dangol.profile.v1 import publishable_key_service_pb2 as pb
from dangol_service_kit import logs
from dangol_service_kit.auth import Caller
from dangol_service_kit.client import call
from dangol_service_kit.config import ConfigError
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.gcra import Quota
from dangol_service_kit.quotas import Quotas, Share
from dangol_service_kit.token_text import read_token
from dangol_service_kit.write_tokens import WriteCredentials
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway_service.clients import Clients
from gateway_service.config import GatewayConfig
from gateway_service.rates import Asked

# The only fields that callers who may only write may ask for.
WRITES = frozenset({"mutation.track", "mutation.identify"})
_KEY = re.compile(r"pk_([a-z][a-z0-9-]{1,38}[a-z0-9])_[a-z2-7]{32}")
_VISITOR = re.compile(r"v_[A-Za-z0-9_-]{22}")
_VISITOR_BYTES = 16
_BODY_BYTES_MAX = 2_048
_ORIGIN_MAX = 256
_CHECK_SECONDS = 5.0
# Of one address, and of all pages of one key: many visitors may share an address.
_ADDRESS_QUOTA = Quota(1.0, 30)
_KEY_QUOTA = Quota(100.0, 1_000)
_STATUSES = {
    "INVALID_ARGUMENT": 400,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "UNIMPLEMENTED": 501,
}
_UNAVAILABLE = 503

_log = logs.get_logger()


def visitor_routes(
    config: GatewayConfig, clients: Clients, quotas: Quotas | None
) -> list[BaseRoute]:
    """The route; without a key to sign with it answers that visitors are off.

    Raises ConfigError for a key that cannot be used.
    """
    till = Till(_credentials(config), clients, quotas)

    async def sell(request: Request) -> Response:
        try:
            answer = await till.sell(request)
        except RpcFailure as failure:
            return _refusal(failure)
        return JSONResponse(answer, headers={"cache-control": "no-store"})

    return [Route("/visitors", endpoint=sell, methods=["POST"])]


class Till:
    """Sells tokens. credentials: None sells none."""

    def __init__(
        self, credentials: WriteCredentials | None, clients: Clients, quotas: Quotas | None
    ) -> None:
        self._credentials = credentials
        self._clients = clients
        self._quotas = quotas

    async def sell(self, request: Request) -> dict[str, Any]:
        """What is answered. Raises RpcFailure."""
        credentials = self._credentials
        if credentials is None:
            message = "visitors' tokens are off here: the operator sets DANGOL_VISITOR_KEY_FILE"
            raise RpcFailure(Code.UNIMPLEMENTED, message)
        key, visitor_id = await _read(request)
        origin = request.headers.get("origin", "")
        found = _KEY.fullmatch(key)
        if found is None or not 0 < len(origin) <= _ORIGIN_MAX:
            message = "the key is not good for pages of this origin"
            raise RpcFailure(Code.PUBLISHABLE_KEY_REFUSED, message)
        await self._count(request, found[1], key)
        visitor_id = visitor_id or f"v_{secrets.token_urlsafe(_VISITOR_BYTES)}"
        # It leaves only if profile, asked with it, knows the key.
        token = credentials.token(found[1], visitor_id, origin)
        await call(
            self._clients.publishable_keys.CheckPublishableKey,
            pb.CheckPublishableKeyRequest(publishable_key=key, origin=origin),
            token=token,
            timeout_seconds=_CHECK_SECONDS,
        )
        seconds = credentials.ttl_seconds
        return {"token": token, "visitorId": visitor_id, "expiresInSeconds": seconds}

    async def _count(self, request: Request, tenant_id: str, key: str) -> None:
        if self._quotas is None:
            return
        address = request.client.host if request.client else ""
        shares = [
            Share(f"visitors:{_hash(address)}", _ADDRESS_QUOTA),
            Share(f"visitors:{_hash(key)}", _KEY_QUOTA),
        ]
        await self._quotas.take(tenant_id, shares)


def refuse_reading(caller: Caller, asked: Iterable[Asked]) -> None:
    """Raises RpcFailure where a caller who may only write asks for any other field."""
    if caller.write_only:
        names = {one.name for one in asked}
        if not names or not WRITES.issuperset(names):
            raise RpcFailure(Code.ROLE_NOT_ALLOWED, f"role {caller.role} may not ask for this")


def refuse_origin(caller: Caller, origin: str | None) -> None:
    """Raises RpcFailure where a visitor's token is used from pages that it was not sold to."""
    if caller.write_only and read_token(caller.token).claims.get("origin") != origin:
        message = "the token is not good for pages of this origin"
        raise RpcFailure(Code.PUBLISHABLE_KEY_REFUSED, message)


def _credentials(config: GatewayConfig) -> WriteCredentials | None:
    if config.visitor_key_file is None:
        _log.info("visitors_off", reason="DANGOL_VISITOR_KEY_FILE is not set")
        return None
    try:
        return WriteCredentials(
            config.visitor_key_file,
            config.auth_issuer,
            config.auth_audience,
            config.visitor_token_seconds,
        )
    except (OSError, ValueError) as error:
        name = type(error).__name__
        raise ConfigError([f"DANGOL_VISITOR_KEY_FILE cannot be used: {name}"]) from None


async def _read(request: Request) -> tuple[str, str]:
    """(key, the visitor's id or "")."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RpcFailure(Code.FIELD_INVALID, "send content-type: application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_BYTES_MAX:
            raise RpcFailure(Code.FIELD_INVALID, "the request is too large")
    try:
        value = orjson.loads(bytes(body))
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("key"), str):
        raise RpcFailure(Code.FIELD_INVALID, 'send {"key": "pk_..."}', field="key")
    visitor_id = value.get("visitorId") or ""
    if visitor_id and not (isinstance(visitor_id, str) and _VISITOR.fullmatch(visitor_id)):
        message = "send the visitorId of an earlier answer, or none"
        raise RpcFailure(Code.FIELD_INVALID, message, field="visitorId")
    return value["key"], visitor_id


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _refusal(failure: RpcFailure) -> Response:
    extensions: dict[str, Any] = {"code": failure.code.name}
    headers = {"cache-control": "no-store"}
    if failure.field:
        extensions["field"] = failure.field
    if failure.retry_after_ms is not None:
        seconds = -(-failure.retry_after_ms // 1000)
        extensions["retryAfterSeconds"] = seconds
        headers["retry-after"] = str(seconds)
    status = _STATUSES.get(failure.code.status.name, _UNAVAILABLE)
    message = failure.code.meaning if status == _UNAVAILABLE else failure.message
    errors = [{"message": message, "extensions": extensions}]
    return JSONResponse({"errors": errors}, status_code=status, headers=headers)
