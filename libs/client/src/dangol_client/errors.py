"""What a call may fail with: a class for each kind, with the platform's code, field and fix."""

from __future__ import annotations

from dangol_service_kit.errors import Code, RpcFailure
from grpc import StatusCode


class DangolError(RpcFailure):
    """A call that could not be answered.

    code: one of docs/errors.md. message: what is wrong. field: the field at fault, if it is one.
    fix: what to do about it. retry_after_seconds: when the service asked to be left alone that
    long. request_id: of the request that was sent, if it has one: sent again with it, it has one
    effect.
    """

    def __init__(self, failure: RpcFailure, request_id: str = "") -> None:
        super().__init__(
            failure.code,
            failure.message,
            field=failure.field,
            violations=failure.violations,
            retry_after_ms=failure.retry_after_ms,
            metadata=failure.metadata,
        )
        self.request_id = request_id

    @property
    def fix(self) -> str:
        """What to do: of the field at fault, else what the code means."""
        return self.violations[0][1] if self.violations else self.message or self.code.meaning

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the service asked to be left alone."""
        return None if self.retry_after_ms is None else self.retry_after_ms / 1000


class UnauthenticatedError(DangolError):
    """The token is missing, cannot be trusted, or has run out."""


class ForbiddenError(DangolError):
    """The token's role may not do this."""


class NotFoundError(DangolError):
    """There is nothing by this name, or it is another's."""


class InvalidError(DangolError):
    """A field breaks its rule: see field and fix."""


class ConflictError(DangolError):
    """The id was used for something else, or what was read has changed since."""


class StateError(DangolError):
    """Not now: the state of what it is about does not allow it."""


class TooMuchError(DangolError):
    """More than is allowed at once: see retry_after_seconds."""


class UnavailableError(DangolError):
    """A service could not be reached for the whole deadline. A write may have taken effect."""


class DeadlineError(DangolError):
    """No answer in time, or the call was given up. A write may have taken effect."""


class FaultError(DangolError):
    """A fault of the platform's, or a method that it does not have."""


_KINDS: dict[StatusCode, type[DangolError]] = {
    StatusCode.UNAUTHENTICATED: UnauthenticatedError,
    StatusCode.PERMISSION_DENIED: ForbiddenError,
    StatusCode.NOT_FOUND: NotFoundError,
    StatusCode.INVALID_ARGUMENT: InvalidError,
    StatusCode.ABORTED: ConflictError,
    StatusCode.ALREADY_EXISTS: ConflictError,
    StatusCode.FAILED_PRECONDITION: StateError,
    StatusCode.RESOURCE_EXHAUSTED: TooMuchError,
    StatusCode.UNAVAILABLE: UnavailableError,
    StatusCode.DEADLINE_EXCEEDED: DeadlineError,
    StatusCode.CANCELLED: DeadlineError,
}
# What a fresh token may mend.
TOKEN_CODES = frozenset({Code.TOKEN_INVALID, Code.TOKEN_EXPIRED})


def typed(failure: RpcFailure, request_id: str = "") -> DangolError:
    """The failure as the class of its kind."""
    return _KINDS.get(failure.code.status, FaultError)(failure, request_id)
