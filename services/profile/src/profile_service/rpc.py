"""What all of this service's RPCs share: outages as a status, times, the caller's own customer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from dangol_service_kit.auth import Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.sealing import Vault
from profile_service.store import StoreUnavailableError

Context = grpc.aio.ServicerContext[Any, Any]

RETRY_AFTER_MS = 1000


@contextmanager
def outages() -> Iterator[None]:
    """An outage of the database is UNAVAILABLE; the same request may be sent again."""
    try:
        yield
    except StoreUnavailableError:
        raise RpcFailure(
            Code.UNAVAILABLE,
            "the database did not answer: send the same request again",
            retry_after_ms=RETRY_AFTER_MS,
        ) from None


def own_customer(caller: Caller) -> str | None:
    """The only customer that the caller may see; None when there is no such limit."""
    return caller.subject if caller.role is Role.CUSTOMER else None


def may_see(caller: Caller, customer_id: str) -> bool:
    """Whether the customer is one of those that the caller may see."""
    own = own_customer(caller)
    return own is None or own == customer_id


def reader() -> Caller:
    """The caller, whose role may read customers. Raises RpcFailure ROLE_NOT_ALLOWED."""
    return require(Role.ADMIN, Role.MARKETER, Role.STAFF, Role.PARTNER, Role.SERVICE, Role.CUSTOMER)


def idempotency(vault: Vault, caller: Caller, kind: str, request: Any) -> tuple[bytes, bytes]:
    """The key of a request with an id, by caller, and the fingerprint of its content."""
    name = f"{kind}\0{caller.role}\0{caller.subject}\0{request.request_id}"
    key = hashlib.blake2b(name.encode(), digest_size=16).digest()
    content = request.SerializeToString(deterministic=True)
    return key, vault.fingerprint(caller.tenant_id, content)


def customer_not_found() -> RpcFailure:
    """For customers that do not exist, and for those that the caller may not see."""
    return RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")


def to_ms(stamp: Timestamp, field: str) -> int:
    """UTC milliseconds of a time from 1970 to 9999. Raises RpcFailure FIELD_INVALID."""
    if not 0 <= stamp.seconds < 253_402_300_800 or not 0 <= stamp.nanos < 1_000_000_000:
        raise RpcFailure(Code.FIELD_INVALID, "send a time between 1970 and 9999", field=field)
    return stamp.seconds * 1000 + stamp.nanos // 1_000_000
