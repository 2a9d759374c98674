"""Typed errors: one enum of codes, and their way through google.rpc.Status and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

DOMAIN = "dangol"
STATUS_KEY = "grpc-status-details-bin"
# Trailing metadata over 8 KiB may be dropped on the way.
_VIOLATIONS_MAX = 25
MESSAGE_MAX = 1000
_TEXT_MAX = 200

_S = grpc.StatusCode


class Code(Enum):
    """Every stable error code: its name, its gRPC status, and what it means."""

    status: grpc.StatusCode
    meaning: str

    def __new__(cls, name: str, status: grpc.StatusCode, meaning: str) -> Code:
        member = object.__new__(cls)
        member._value_ = name
        member.status = status
        member.meaning = meaning
        return member

    TOKEN_MISSING = "TOKEN_MISSING", _S.UNAUTHENTICATED, "No bearer token was sent."
    TOKEN_INVALID = "TOKEN_INVALID", _S.UNAUTHENTICATED, "The token cannot be trusted."
    TOKEN_EXPIRED = "TOKEN_EXPIRED", _S.UNAUTHENTICATED, "The token's time has run out."

    ROLE_NOT_ALLOWED = (
        "ROLE_NOT_ALLOWED",
        _S.PERMISSION_DENIED,
        "The caller's role may not do this.",
    )

    PUBLISHABLE_KEY_REFUSED = (
        "PUBLISHABLE_KEY_REFUSED",
        _S.PERMISSION_DENIED,
        "The publishable key is unknown or revoked, or not for pages of this origin.",
    )

    TENANT_NOT_FOUND = "TENANT_NOT_FOUND", _S.NOT_FOUND, "There is no such tenant."
    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND", _S.NOT_FOUND, "There is no such customer."
    CUSTOMER_ERASED = (
        "CUSTOMER_ERASED",
        _S.NOT_FOUND,
        "Who had the identifier then was erased; what happened before stays out.",
    )
    PRODUCT_NOT_FOUND = "PRODUCT_NOT_FOUND", _S.NOT_FOUND, "There is no such product."
    SEGMENT_NOT_FOUND = "SEGMENT_NOT_FOUND", _S.NOT_FOUND, "There is no such segment."
    OFFER_NOT_FOUND = "OFFER_NOT_FOUND", _S.NOT_FOUND, "There is no such offer."
    COUPON_NOT_FOUND = "COUPON_NOT_FOUND", _S.NOT_FOUND, "There is no such coupon."
    GIFT_NOT_FOUND = "GIFT_NOT_FOUND", _S.NOT_FOUND, "There is no such gift."
    CAMPAIGN_NOT_FOUND = "CAMPAIGN_NOT_FOUND", _S.NOT_FOUND, "There is no such campaign."
    MESSAGE_NOT_FOUND = "MESSAGE_NOT_FOUND", _S.NOT_FOUND, "There is no such message."
    TEMPLATE_NOT_FOUND = "TEMPLATE_NOT_FOUND", _S.NOT_FOUND, "There is no such template."
    PUBLISHABLE_KEY_NOT_FOUND = (
        "PUBLISHABLE_KEY_NOT_FOUND",
        _S.NOT_FOUND,
        "There is no such publishable key.",
    )
    WEBHOOK_NOT_FOUND = "WEBHOOK_NOT_FOUND", _S.NOT_FOUND, "There is no such webhook endpoint."
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND", _S.NOT_FOUND, "There is no such account."
    CHECKPOINT_NOT_FOUND = (
        "CHECKPOINT_NOT_FOUND",
        _S.NOT_FOUND,
        "There is no such checkpoint, or its list of accounts is not kept any more.",
    )

    STORE_NOT_FOUND = "STORE_NOT_FOUND", _S.NOT_FOUND, "There is no such store."
    SURVEY_NOT_FOUND = "SURVEY_NOT_FOUND", _S.NOT_FOUND, "There is no such survey, or version."

    FIELD_INVALID = "FIELD_INVALID", _S.INVALID_ARGUMENT, "A field breaks its rule."
    RULE_INVALID = "RULE_INVALID", _S.INVALID_ARGUMENT, "A segment's rule cannot be read."
    PAGE_TOKEN_INVALID = (
        "PAGE_TOKEN_INVALID",
        _S.INVALID_ARGUMENT,
        "The page token is not one of ours, or belongs to another list.",
    )
    RESUME_TOKEN_INVALID = (
        "RESUME_TOKEN_INVALID",
        _S.INVALID_ARGUMENT,
        "The resume token is not one of ours.",
    )
    CURRENCY_MISMATCH = (
        "CURRENCY_MISMATCH",
        _S.INVALID_ARGUMENT,
        "The amount is not in the tenant's currency.",
    )
    TIME_AHEAD = "TIME_AHEAD", _S.INVALID_ARGUMENT, "The time lies too far ahead."

    VERSION_CONFLICT = (
        "VERSION_CONFLICT",
        _S.ABORTED,
        "It changed since it was read: read it again.",
    )
    REQUEST_CONFLICT = (
        "REQUEST_CONFLICT",
        _S.ALREADY_EXISTS,
        "The request id was used before with other content.",
    )
    EVENT_CONFLICT = (
        "EVENT_CONFLICT",
        _S.ALREADY_EXISTS,
        "The event id was used before with other content.",
    )
    TENANT_EXISTS = "TENANT_EXISTS", _S.ALREADY_EXISTS, "The tenant exists, and differs."
    SEGMENT_EXISTS = "SEGMENT_EXISTS", _S.ALREADY_EXISTS, "The segment exists, and differs."
    OFFER_EXISTS = "OFFER_EXISTS", _S.ALREADY_EXISTS, "The offer exists, and differs."
    CAMPAIGN_EXISTS = "CAMPAIGN_EXISTS", _S.ALREADY_EXISTS, "The campaign exists, and differs."

    OFFER_ENDED = "OFFER_ENDED", _S.FAILED_PRECONDITION, "The offer's time has run out."
    CAMPAIGN_NOT_LAUNCHABLE = (
        "CAMPAIGN_NOT_LAUNCHABLE",
        _S.FAILED_PRECONDITION,
        "The campaign's state or content does not allow it.",
    )
    SEGMENT_IN_USE = (
        "SEGMENT_IN_USE",
        _S.FAILED_PRECONDITION,
        "Another segment's rule refers to it.",
    )
    CODES_NOT_EXPORTABLE = (
        "CODES_NOT_EXPORTABLE",
        _S.FAILED_PRECONDITION,
        "There is no such batch of codes, or it is not all made, or was exported before.",
    )
    CLOCK_NOT_VIRTUAL = (
        "CLOCK_NOT_VIRTUAL",
        _S.FAILED_PRECONDITION,
        "The tenant lives on wall time.",
    )
    CLOCK_BACKWARDS = "CLOCK_BACKWARDS", _S.FAILED_PRECONDITION, "Clocks only go forward."
    CLOCK_NOT_QUIET = (
        "CLOCK_NOT_QUIET",
        _S.FAILED_PRECONDITION,
        "What the step set off did not come to rest.",
    )
    SANDBOX_REQUIRED = (
        "SANDBOX_REQUIRED",
        _S.FAILED_PRECONDITION,
        "Only a sandbox can be treated like this; the tenant is a real one.",
    )
    SANDBOX_REFUSED = (
        "SANDBOX_REFUSED",
        _S.FAILED_PRECONDITION,
        "A sandbox may not do this: it has no sandboxes, and reaches nobody outside.",
    )
    SANDBOX_LIMIT = (
        "SANDBOX_LIMIT",
        _S.RESOURCE_EXHAUSTED,
        "The tenant has as many sandboxes as it may: reset one of them.",
    )
    DELTA_STALE = "DELTA_STALE", _S.FAILED_PRECONDITION, "The delta is too old to be applied."

    BATCH_TOO_LARGE = "BATCH_TOO_LARGE", _S.RESOURCE_EXHAUSTED, "The request is too large."
    TOO_MANY_REQUESTS = (
        "TOO_MANY_REQUESTS",
        _S.RESOURCE_EXHAUSTED,
        "More was asked for than is allowed at once.",
    )
    SUBSCRIBER_TOO_SLOW = (
        "SUBSCRIBER_TOO_SLOW",
        _S.RESOURCE_EXHAUSTED,
        "It fell too far behind what happens: subscribe again with the last resume token.",
    )

    NOT_READY = "NOT_READY", _S.UNAVAILABLE, "State is being rebuilt: try again."
    UNAVAILABLE = "UNAVAILABLE", _S.UNAVAILABLE, "A service cannot be reached: try again."
    DEADLINE_EXCEEDED = (
        "DEADLINE_EXCEEDED",
        _S.DEADLINE_EXCEEDED,
        "The time given was not enough; what became of a write is unknown, so repeat it.",
    )
    CANCELLED = "CANCELLED", _S.CANCELLED, "The caller gave up."
    UNIMPLEMENTED = "UNIMPLEMENTED", _S.UNIMPLEMENTED, "This service does not offer it."
    INTERNAL = "INTERNAL", _S.INTERNAL, "A fault of ours; it is in the log."


_BY_STATUS = {
    _S.UNAUTHENTICATED: Code.TOKEN_INVALID,
    _S.PERMISSION_DENIED: Code.ROLE_NOT_ALLOWED,
    _S.INVALID_ARGUMENT: Code.FIELD_INVALID,
    _S.RESOURCE_EXHAUSTED: Code.BATCH_TOO_LARGE,
    _S.UNAVAILABLE: Code.UNAVAILABLE,
    _S.DEADLINE_EXCEEDED: Code.DEADLINE_EXCEEDED,
    _S.CANCELLED: Code.CANCELLED,
    _S.UNIMPLEMENTED: Code.UNIMPLEMENTED,
    _S.ABORTED: Code.VERSION_CONFLICT,
}


class RpcFailure(Exception):  # noqa: N818 - it names an answer, not a fault in the code
    """A call that could not be answered.

    message is for the caller's developer and holds no personal data. field names the one field
    at fault; violations holds (field path, what to do) pairs; retry_after_ms says that waiting
    helps; metadata holds further facts by name.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        field: str | None = None,
        violations: Sequence[tuple[str, str]] = (),
        retry_after_ms: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code.value}: {message}")
        self.code = code
        self.message = message
        self.violations = tuple(violations) or (((field, message),) if field else ())
        self.field = field if field is not None else _first_field(self.violations)
        self.retry_after_ms = retry_after_ms
        self.metadata = dict(metadata or {})


def _first_field(violations: Sequence[tuple[str, str]]) -> str | None:
    return violations[0][0] if violations else None


def to_status(failure: RpcFailure) -> status_pb2.Status:
    """The failure as google.rpc.Status with ErrorInfo, BadRequest and RetryInfo."""
    info = error_details_pb2.ErrorInfo(
        reason=failure.code.value, domain=DOMAIN, metadata=failure.metadata
    )
    details = [_pack(info)]
    if failure.violations:
        bad_request = error_details_pb2.BadRequest()
        for field, description in failure.violations[:_VIOLATIONS_MAX]:
            bad_request.field_violations.add(
                field=field[:_TEXT_MAX], description=description[:_TEXT_MAX]
            )
        details.append(_pack(bad_request))
    if failure.retry_after_ms is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(failure.retry_after_ms)
        details.append(_pack(error_details_pb2.RetryInfo(retry_delay=delay)))
    number: int = failure.code.status.value[0]
    return status_pb2.Status(code=number, message=failure.message[:MESSAGE_MAX], details=details)


def _pack(
    message: error_details_pb2.ErrorInfo
    | error_details_pb2.BadRequest
    | error_details_pb2.RetryInfo,
) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


def from_rpc_error(error: grpc.aio.AioRpcError | grpc.Call) -> RpcFailure:
    """Decodes what a service (or the transport) answered; never raises."""
    status = _status_of(error)
    if status is None:
        return RpcFailure(_BY_STATUS.get(error.code(), Code.INTERNAL), error.details() or "")
    return from_status(status, error.code())


def from_status(status: status_pb2.Status, grpc_code: grpc.StatusCode) -> RpcFailure:
    """The failure that a google.rpc.Status describes; codes unknown here go by gRPC status."""
    info = error_details_pb2.ErrorInfo()
    bad_request = error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    for detail in status.details:
        for message in (info, bad_request, retry):
            if detail.Is(message.DESCRIPTOR):
                detail.Unpack(message)
    if info.domain == DOMAIN and info.reason in Code.__members__:
        code = Code[info.reason]
    else:
        code = _BY_STATUS.get(grpc_code, Code.INTERNAL)
    violations = [(item.field, item.description) for item in bad_request.field_violations]
    delay_ms = retry.retry_delay.ToMilliseconds() if retry.HasField("retry_delay") else None
    return RpcFailure(
        code,
        status.message,
        violations=violations,
        retry_after_ms=delay_ms,
        metadata=dict(info.metadata),
    )


def _status_of(error: grpc.aio.AioRpcError | grpc.Call) -> status_pb2.Status | None:
    for key, value in error.trailing_metadata() or ():
        if key == STATUS_KEY and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except Exception:
                return None
    return None
