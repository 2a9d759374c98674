"""Calling other services: balanced channels, bounded retries, deadlines that only shrink."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextvars import ContextVar
from typing import Protocol, TypeVar

import grpc

from dangol_service_kit.channels import options, resolved
from dangol_service_kit.errors import Code, RpcFailure, from_rpc_error
from dangol_service_kit.telemetry import TRACEPARENT, current_traceparent
from dangol_service_kit.tls import Identity

# With a stream's initial metadata: where it begins, for those who are cut off before anything came.
RESUME_HEADER = "dangol-resume-token"
FOLLOW_SECONDS = 30.0
_FOLLOW_WAIT_SECONDS = 0.05
_FOLLOW_WAIT_SECONDS_MAX = 1.0
# A stream that was open for so long was no silence, though nothing happened.
_STOOD_SECONDS = 1.0

Request = TypeVar("Request")
Response = TypeVar("Response")

# time.monotonic() at which the RPC in progress has to be answered.
_deadline_at: ContextVar[float | None] = ContextVar("dangol_deadline_at", default=None)


def set_deadline(seconds: float | None) -> None:
    """Bounds every call made from this task: the incoming RPC has `seconds` left."""
    _deadline_at.set(None if seconds is None else time.monotonic() + seconds)


def deadline(seconds: float) -> float:
    """The timeout for a call: `seconds`, or what the incoming RPC has left if that is less."""
    at = _deadline_at.get()
    return seconds if at is None else min(seconds, at - time.monotonic())


def connect(
    target: str, *, no_retry: Sequence[str] = (), identity: Identity | None = None
) -> grpc.aio.Channel:
    """A channel to host:port, balanced over all addresses that the name resolves to.

    identity: for TLS, in which the other side has to show a certificate for that host. Calls are
    tried at most five times, and again only when the service was UNAVAILABLE; those of no_retry
    ("package.Service/Method") once.
    """
    name, settings = resolved(target), options(repeats=True, once=no_retry)
    if identity is None:
        return grpc.aio.insecure_channel(name, options=settings)
    return grpc.aio.secure_channel(name, identity.channel_credentials(), options=settings)


def metadata(token: str) -> tuple[tuple[str, str], ...]:
    """What to send along: the bearer token and the current trace."""
    pair = ("authorization", f"Bearer {token}")
    traceparent = current_traceparent()
    return (pair,) if traceparent is None else (pair, (TRACEPARENT, traceparent))


async def call(
    stub_method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
    request: Request,
    *,
    token: str,
    timeout_seconds: float,
) -> Response:
    """One unary call. Raises RpcFailure, DEADLINE_EXCEEDED at once if no time is left."""
    timeout = deadline(timeout_seconds)
    if timeout <= 0:
        raise RpcFailure(Code.DEADLINE_EXCEEDED, "no time was left for the call")
    try:
        return await stub_method(request, timeout=timeout, metadata=metadata(token))
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error) from None


async def stream(
    stub_method: grpc.aio.UnaryStreamMultiCallable[Request, Response],
    request: Request,
    *,
    token: str,
    timeout_seconds: float | None = None,
) -> AsyncIterator[Response]:
    """The answers of a server-streaming call; None sets no time of its own. Raises RpcFailure."""
    timeout = deadline(float("inf") if timeout_seconds is None else timeout_seconds)
    if timeout <= 0:
        raise RpcFailure(Code.DEADLINE_EXCEEDED, "no time was left for the call")
    bounded = None if timeout == float("inf") else timeout
    answers = stub_method(request, timeout=bounded, metadata=metadata(token))
    try:
        async for response in answers:
            yield response
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error) from None
    finally:
        answers.cancel()


class Resumable(Protocol):
    """A request or an answer of a stream that goes on after a token."""

    resume_token: str


Following = TypeVar("Following", bound=Resumable)
Followed = TypeVar("Followed", bound=Resumable)


async def follow(
    stub_method: grpc.aio.UnaryStreamMultiCallable[Following, Followed],
    request: Following,
    *,
    token: str | Callable[[], str],
    began: Callable[[], None] = lambda: None,
    patience_seconds: float = FOLLOW_SECONDS,
) -> AsyncGenerator[Followed, None]:
    """The answers of a stream that goes on at another replica when its own ends, nothing missed.

    `request` is changed on the way. token: or what gives one whenever the stream is opened. began:
    told each time nothing can be missed any more. Raises RpcFailure, UNAVAILABLE when no replica
    answered for patience_seconds.
    """
    silent_since, wait_seconds = time.monotonic(), _FOLLOW_WAIT_SECONDS
    while True:
        opened_at = math.inf
        credential = token if isinstance(token, str) else token()
        answers = stub_method(request, metadata=metadata(credential))
        try:
            initial = dict(await answers.initial_metadata())
            request.resume_token = str(initial.get(RESUME_HEADER, request.resume_token))
            if RESUME_HEADER in initial:
                opened_at = time.monotonic()
                began()
            async for answer in answers:
                request.resume_token = answer.resume_token
                wait_seconds = _FOLLOW_WAIT_SECONDS
                silent_since = time.monotonic()
                yield answer
        except grpc.aio.AioRpcError as error:
            failure = from_rpc_error(error)
            if time.monotonic() - opened_at >= _STOOD_SECONDS:
                silent_since, wait_seconds = time.monotonic(), _FOLLOW_WAIT_SECONDS
            is_silent = time.monotonic() - silent_since >= patience_seconds
            if failure.code is not Code.UNAVAILABLE or is_silent or not request.resume_token:
                raise failure from None
        else:
            return
        finally:
            answers.cancel()
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(2 * wait_seconds, _FOLLOW_WAIT_SECONDS_MAX)
