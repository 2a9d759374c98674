"""What follows from a failure: another attempt, after a pause, or an error. Does no I/O."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

import grpc
from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure, from_rpc_error
from dangol_service_kit.retries import UNKNOWN_OR_PASSING, Attempts, Patience

from dangol_client.calls import Call
from dangol_client.connections import Timing
from dangol_client.errors import TOKEN_CODES, typed

WATCH = "dangol.offers.v1.DeliveryService/Watch"
# For how long a stream is opened again while no service answers.
PATIENCE_SECONDS = 300.0
# A stream that was open for so long had an answer, though nothing fell due: no connection takes
# longer to fail.
_STOOD_SECONDS = 10.0

# Drops a token that was refused; whether another can be had.
Renew = Callable[[], bool]


class Tries:
    """Attempts that may follow each other. A refused token is replaced once: nothing was done."""

    def __init__(self, patience: Patience, passing: Collection[Code], request_id: str = "") -> None:
        self._attempts = Attempts(patience, passing)
        self._request_id = request_id
        self._renewed = False

    def left_seconds(self) -> float:
        """Until patience ends."""
        return self._attempts.left_seconds()

    def pause_after(self, failure: RpcFailure, renew: Renew) -> float:
        """Seconds to wait before the next attempt. Raises DangolError if there is to be none."""
        if failure.code in TOKEN_CODES and not self._renewed and renew():
            self._renewed = True
            return 0.0
        try:
            return self._attempts.pause_after(failure)
        except RpcFailure:
            raise typed(failure, self._request_id) from None


class Sending:
    """One call on its way."""

    def __init__(self, call: Call[Any], timing: Timing) -> None:
        passing = UNKNOWN_OR_PASSING if call.repeatable else frozenset[Code]()
        patience = Patience(total_seconds=timing.deadline_seconds)
        self._attempt_seconds = timing.attempt_seconds
        self._tries = Tries(patience, passing, call.request_id)

    def timeout_seconds(self) -> float:
        """For the next attempt."""
        return max(0.0, min(self._attempt_seconds, self._tries.left_seconds()))

    def pause_after(self, error: grpc.RpcError, renew: Renew) -> float:
        """As Tries has it."""
        return self._tries.pause_after(_failure(error), renew)


class Following:
    """A stream of deliveries that goes on after its last one when it breaks."""

    def __init__(self, request: pb.WatchRequest, patience_seconds: float) -> None:
        self._request = request
        self._patience = Patience(total_seconds=patience_seconds)
        self._begin()

    def _begin(self) -> None:
        self._tries = Tries(self._patience, UNKNOWN_OR_PASSING)
        self._opened_at = time.monotonic()

    def open(self) -> pb.WatchRequest:
        """The request with which the stream is opened now."""
        self._opened_at = time.monotonic()
        return self._request

    def advance(self, watched: pb.WatchResponse) -> None:
        """This one came: patience begins anew, and after a break those after it come."""
        self._request.resume_token = watched.resume_token
        self._begin()

    def pause_after(self, error: grpc.RpcError | None, renew: Renew) -> float:
        """As Tries has it; None: the service ended the stream without an error."""
        if time.monotonic() - self._opened_at >= _STOOD_SECONDS:
            self._begin()
        ended = RpcFailure(Code.UNAVAILABLE, "the stream ended")
        return self._tries.pause_after(ended if error is None else _failure(error), renew)


def _failure(error: Any) -> RpcFailure:
    """What gRPC raised, in either form; both know code, details and trailing metadata."""
    return from_rpc_error(error)
