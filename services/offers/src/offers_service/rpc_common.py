"""What the rpc files of this service share: rights, errors, times, money."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from dangol.events.v1 import event_pb2
from dangol_service_kit.auth import ALL_TENANTS, Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp

from offers_service.commit import ContendedError, OutcomeUnknownError
from offers_service.journal import NEVER_MS, JournalFullError
from offers_service.store_accounts import UnstorableError

PAGE_SIZE_DEFAULT = 100
_RETRY_AFTER_MS = 200
AMOUNT_MAX = 1_000_000_000_000
WRITERS = (Role.ADMIN, Role.MARKETER, Role.SERVICE)
# Who sells: they say what became of an order.
SHOPS = (Role.PARTNER, Role.STAFF, Role.ADMIN, Role.SERVICE)
# A customer among these acts only on what is the customer's own.
USERS = (Role.PARTNER, Role.STAFF, Role.ADMIN, Role.SERVICE, Role.MARKETER, Role.CUSTOMER)
READERS = (*USERS, Role.VISITOR)


def authorize(*roles: Role) -> Caller:
    """The caller, bound to one tenant. Raises RpcFailure ROLE_NOT_ALLOWED."""
    caller = require(*roles)
    if caller.tenant_id == ALL_TENANTS:
        raise RpcFailure(Code.ROLE_NOT_ALLOWED, "use a token of the tenant")
    return caller


def authorize_for(customer_id: str, field: str, *roles: Role) -> Caller:
    """The same, where a customer may only name itself in `field`."""
    caller = authorize(*roles)
    if caller.role is Role.CUSTOMER and caller.subject != customer_id:
        raise RpcFailure(Code.ROLE_NOT_ALLOWED, f"{field}: customers act for themselves only")
    return caller


def own_only(caller: Caller) -> str:
    """The only owner whose coupons the caller may see; empty for any."""
    return caller.subject if caller.role is Role.CUSTOMER else ""


def actor(caller: Caller) -> str:
    """Role and subject, as the journal names who did something."""
    return f"{caller.role.value}:{caller.subject}"


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Turns what the ledger raises into RpcFailure."""
    try:
        yield
    except (OutcomeUnknownError, ContendedError):
        raise RpcFailure(
            Code.UNAVAILABLE,
            "what became of the step is not known: repeat it with the same request id",
            retry_after_ms=_RETRY_AFTER_MS,
        ) from None
    except JournalFullError:
        message = "the account has too many steps"
        raise RpcFailure(Code.TOO_MANY_REQUESTS, message) from None
    except UnstorableError:
        message = "a value of the request cannot be stored"
        raise RpcFailure(Code.FIELD_INVALID, message) from None


def page_size(asked: int) -> int:
    """How many to answer; the contract bounds what may be asked."""
    return asked or PAGE_SIZE_DEFAULT


def page_after(token: str, prefix: str = "") -> str:
    """The id behind which a page begins. Raises RpcFailure PAGE_TOKEN_INVALID."""
    if token and (len(token) > 128 or not token.startswith(prefix)):
        raise RpcFailure(Code.PAGE_TOKEN_INVALID, "send a next_page_token as it came")
    return token


def timestamp(unix_ms: int) -> Timestamp | None:
    """A time for the wire; None for none and for never."""
    if not 0 < unix_ms < NEVER_MS:
        return None
    stamp = Timestamp()
    stamp.FromMilliseconds(unix_ms)
    return stamp


def money(minor_units: int, currency: str) -> event_pb2.Money:
    """An amount for the wire."""
    return event_pb2.Money(currency_code=currency, minor_units=minor_units)


def amount(value: event_pb2.Money, currency: str, field: str) -> int:
    """Minor units of an amount that has to be in the tenant's currency, not negative and at most
    10^12. Raises RpcFailure CURRENCY_MISMATCH or FIELD_INVALID."""
    if value.currency_code != currency:
        raise RpcFailure(Code.CURRENCY_MISMATCH, f"use {currency}", field=f"{field}.currency_code")
    if not 0 <= value.minor_units <= AMOUNT_MAX:
        raise RpcFailure(
            Code.FIELD_INVALID, "use 0 to 1,000,000,000,000", field=f"{field}.minor_units"
        )
    return value.minor_units
