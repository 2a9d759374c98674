"""What surrounds every RPC: trace, caller, deadline, validation, errors. One wrapper for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError
from opentelemetry import trace

from dangol_service_kit import logs, validation
from dangol_service_kit.auth import Caller, TokenVerifier, set_caller
from dangol_service_kit.client import set_deadline
from dangol_service_kit.draining import until
from dangol_service_kit.errors import (
    MESSAGE_MAX,
    STATUS_KEY,
    Code,
    RpcFailure,
    from_rpc_error,
    to_status,
)
from dangol_service_kit.metrics import Metrics, RpcResult
from dangol_service_kit.quotas import CallQuotas, items_in
from dangol_service_kit.telemetry import TRACEPARENT, Telemetry
from dangol_service_kit.trace_trust import TraceTrust

AUTHORIZATION = "authorization"
OPEN_PREFIX = "/grpc.health.v1.Health/"

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

_log = logs.get_logger()


class RpcInterceptor(grpc.aio.ServerInterceptor):
    """Wraps each method's handler once; only health answers without a credential.

    endless: paths of methods whose streams go on for as long as the client wants. Once `leaving` is
    set they end, as do streams in both directions after what they have taken is answered.
    write_only: paths of the only methods that callers who may only write may call.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        telemetry: Telemetry,
        metrics: Metrics,
        quotas: CallQuotas,
    ) -> None:
        self._verifier = verifier
        self._quotas = quotas
        self._telemetry = telemetry
        self._metrics = metrics
        self._trust = TraceTrust()
        self.endless: set[str] = set()
        self.write_only: set[str] = set()
        self.leaving = asyncio.Event()
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """The wrapped handler; whatever no service of ours offers stays UNIMPLEMENTED."""
        method: str = handler_call_details.method
        wrapped = self._wrapped.get(method)
        if wrapped is not None:
            return wrapped
        handler = await continuation(handler_call_details)
        # Only methods that exist are remembered, so that callers cannot fill the memory.
        if handler is None or method.startswith(OPEN_PREFIX):
            return handler
        wrapped = self._wrapped[method] = self._wrap(handler, method)
        return wrapped

    def _wrap(self, handler: Handler, method: str) -> Handler:
        behaviour: Any
        if handler.response_streaming:
            behaviour = handler.stream_stream if handler.request_streaming else handler.unary_stream
            surround = self._surround_stream(behaviour, method, handler.request_streaming)
            factory: Any = (
                grpc.stream_stream_rpc_method_handler
                if handler.request_streaming
                else grpc.unary_stream_rpc_method_handler
            )
        else:
            behaviour = handler.stream_unary if handler.request_streaming else handler.unary_unary
            surround = self._surround_unary(behaviour, method, handler.request_streaming)
            factory = (
                grpc.stream_unary_rpc_method_handler
                if handler.request_streaming
                else grpc.unary_unary_rpc_method_handler
            )
        wrapped: Handler = factory(
            surround, _reading(handler.request_deserializer), handler.response_serializer
        )
        return wrapped

    def _surround_unary(self, behaviour: Any, method: str, request_streaming: bool) -> Any:
        async def surround(request: Any, context: Context) -> Any:
            headers, caller = await self._admit(context)
            span = self._telemetry.span(method, self._parent(headers, caller))
            with span, self._metrics.rpc(method) as result:
                try:
                    caller = self._enter(caller, method, context)
                    request = await self._checked(request, caller, request_streaming)
                    return await behaviour(request, context)
                except Exception as error:
                    await _abort(context, method, error, result)

        return surround

    def _surround_stream(self, behaviour: Any, method: str, request_streaming: bool) -> Any:
        async def surround(request: Any, context: Context) -> AsyncIterator[Any]:
            headers, caller = await self._admit(context)
            span = self._telemetry.span(method, self._parent(headers, caller))
            with span, self._metrics.rpc(method) as result:
                try:
                    caller = self._enter(caller, method, context)
                    if request_streaming:
                        request = until(self.leaving, request)
                    request = await self._checked(request, caller, request_streaming)
                    answers = behaviour(request, context)
                    if method in self.endless:
                        answers = until(self.leaving, answers)
                    if hasattr(answers, "__aiter__"):
                        async for response in answers:
                            yield response
                    else:
                        await answers
                except Exception as error:
                    await _abort(context, method, error, result)

        return surround

    async def _admit(self, context: Context) -> tuple[dict[str, Any], Caller | RpcFailure]:
        pairs = context.invocation_metadata() or ()
        headers: dict[str, Any] = dict(pairs)
        try:
            # Of two tokens, somebody on the way may have looked at the other one.
            if sum(name == AUTHORIZATION for name, _ in pairs) > 1:
                raise RpcFailure(Code.TOKEN_INVALID, "send one authorization header")
            return headers, await self._verifier.admit(headers.get(AUTHORIZATION))
        except RpcFailure as failure:
            return headers, failure

    def _parent(self, headers: dict[str, Any], caller: Caller | RpcFailure) -> str | None:
        known = caller if isinstance(caller, Caller) else None
        return self._trust.judge(headers.get(TRACEPARENT), known)

    async def _checked(self, request: Any, caller: Caller, request_streaming: bool) -> Any:
        if request_streaming:
            return self._checked_stream(request, caller)
        await self._check(request, caller)
        return request

    async def _checked_stream(
        self, requests: AsyncIterator[Any], caller: Caller
    ) -> AsyncIterator[Any]:
        async for request in requests:
            await self._check(request, caller)
            yield request

    async def _check(self, request: Any, caller: Caller) -> None:
        if request is None:
            message = "the message is damaged, or nested deeper than 100 levels"
            raise RpcFailure(Code.FIELD_INVALID, message)
        await self._quotas.take(caller, items_in(request))
        validation.check(request)

    def _enter(self, caller: Caller | RpcFailure, method: str, context: Context) -> Caller:
        if isinstance(caller, RpcFailure):
            raise caller
        if caller.write_only and method not in self.write_only:
            raise RpcFailure(Code.ROLE_NOT_ALLOWED, f"role {caller.role} may not do this")
        set_caller(caller)
        set_deadline(context.time_remaining())
        return caller


def _reading(deserialize: Any) -> Any:
    """The deserializer, which answers None for what it cannot read: gRPC would hang up unsaid."""

    def read(data: bytes) -> Any:
        try:
            return deserialize(data)
        except DecodeError:
            return None

    return read


async def _abort(context: Context, method: str, error: Exception, result: RpcResult) -> None:
    """Ends the RPC with the error as google.rpc.Status; unexpected ones are logged and masked."""
    if isinstance(error, grpc.aio.AbortError):
        result.status = "UNKNOWN"
        raise error
    if isinstance(error, RpcFailure):
        failure = error
    elif isinstance(error, grpc.aio.AioRpcError):
        failure = from_rpc_error(error)
    elif isinstance(error, asyncio.TimeoutError):
        failure = RpcFailure(Code.DEADLINE_EXCEEDED, "the work took longer than the time given")
    else:
        _log.error("rpc_failed", method=method, **logs.describe(error))
        failure = RpcFailure(Code.INTERNAL, "an internal error; the log has its trace id")
    result.status = failure.code.status.name
    trace.get_current_span().set_status(trace.StatusCode.ERROR, failure.code.name)
    details = (STATUS_KEY, to_status(failure).SerializeToString())
    await context.abort(failure.code.status, failure.message[:MESSAGE_MAX], (details,))
