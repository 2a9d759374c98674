"""The server around a servicer: trust, validation, errors, deadlines, health, drain."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest, Segment
from dangol_service_kit import logs
from dangol_service_kit.client import call, connect, metadata, set_deadline, stream
from dangol_service_kit.errors import Code, RpcFailure, from_rpc_error
from dangol_service_kit.telemetry import Telemetry
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def _unary(echo: Any, segment_id: str, token: str | None = None) -> Segment:
    request = GetSegmentRequest(segment_id=segment_id)
    answer: Segment = await call(
        echo.methods["unary"], request, token=token or echo.token, timeout_seconds=10.0
    )
    return answer


async def _failure(awaitable: Any) -> RpcFailure:
    with pytest.raises(RpcFailure) as caught:
        await awaitable
    return caught.value


async def _drain(answer: Any) -> None:
    """Waits for the end of a call of any kind."""
    if hasattr(answer, "__aiter__"):
        await _collect(answer, [])
    else:
        await answer


async def _collect(answers: AsyncIterator[Segment], received: list[str]) -> None:
    async for answer in answers:
        received.append(answer.segment_id)


async def _check_for_ever(health: Any) -> None:
    while True:
        await health.Check(health_pb2.HealthCheckRequest(), timeout=5)


async def _requests(*segment_ids: str) -> AsyncIterator[GetSegmentRequest]:
    for segment_id in segment_ids:
        yield GetSegmentRequest(segment_id=segment_id)


async def test_the_caller_comes_from_the_token(echo: Any) -> None:
    """A handler sees the verified tenant."""
    answer = await _unary(echo, "vip")
    assert (answer.segment_id, answer.display_names["tenant"]) == ("vip", "shop")


async def test_nothing_answers_without_a_credential(echo: Any) -> None:
    """All four kinds of methods refuse a caller without a token."""
    codes = []
    for name in ("unary", "server_stream", "client_stream", "both_stream"):
        streaming = name in ("client_stream", "both_stream")
        request = _requests("a") if streaming else GetSegmentRequest(segment_id="a")
        answer = echo.methods[name](request)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _drain(answer)
        codes.append(from_rpc_error(caught.value).code)
    assert codes == [Code.TOKEN_MISSING] * 4


async def test_a_bad_token_is_refused(echo: Any) -> None:
    """The client gets the typed refusal."""
    failure = await _failure(_unary(echo, "vip", token="a.b.c"))
    assert failure.code == Code.TOKEN_INVALID


async def test_a_message_that_cannot_be_read_is_refused_by_name(echo: Any) -> None:
    """Damaged bytes get a typed refusal in all four kinds of methods, and the server lives on."""
    damaged = b"\x0a\xff"

    async def sent() -> AsyncIterator[bytes]:
        yield damaged

    codes = []
    kinds = {
        "unary": "unary_unary",
        "server_stream": "unary_stream",
        "client_stream": "stream_unary",
        "both_stream": "stream_stream",
    }
    for name, kind in kinds.items():
        method = getattr(echo.channel, kind)(f"/dangol.test.v1.EchoService/{name}")
        answer = method(
            sent() if kind.startswith("stream") else damaged, metadata=metadata(echo.token)
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _drain(answer)
        codes.append(from_rpc_error(caught.value).code)
    assert codes == [Code.FIELD_INVALID] * 4
    assert (await _unary(echo, "vip")).segment_id == "vip"


async def test_streams_of_all_kinds_work(echo: Any) -> None:
    """Streaming in, out and both ways pass through the interceptor."""
    request = GetSegmentRequest(segment_id="s")
    served = stream(echo.methods["server_stream"], request, token=echo.token)
    assert [answer.segment_id async for answer in served] == ["s-0", "s-1", "s-2"]
    sent = metadata(echo.token)
    joined = await echo.methods["client_stream"](_requests("a", "b"), metadata=sent)
    assert joined.rule == "a b"
    answers = echo.methods["both_stream"](_requests("a", "b"), metadata=sent)
    assert [answer.display_names["tenant"] async for answer in answers] == ["shop", "shop"]


async def test_validation_names_the_field(echo: Any) -> None:
    """A broken rule is INVALID_ARGUMENT with the field's path, unary or streamed."""
    failure = await _failure(_unary(echo, ""))
    assert (failure.code, failure.field) == (Code.FIELD_INVALID, "segment_id")
    answers = echo.methods["both_stream"](_requests("a", ""), metadata=metadata(echo.token))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in answers:
            pass
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert from_rpc_error(caught.value).field == "segment_id"


async def test_typed_failures_arrive_typed(echo: Any) -> None:
    """What a handler raises is what the client gets, in the middle of a stream too."""
    failure = await _failure(_unary(echo, "refuse"))
    assert (failure.code, failure.message) == (Code.SEGMENT_NOT_FOUND, "there is no such segment")
    received: list[str] = []
    request = GetSegmentRequest(segment_id="refuse")
    with pytest.raises(RpcFailure) as caught:
        await _collect(stream(echo.methods["server_stream"], request, token=echo.token), received)
    assert (received, caught.value.code) == (["refuse-0"], Code.RESUME_TOKEN_INVALID)


async def test_unexpected_errors_are_masked(echo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The client learns nothing, the log gets kind and place, neither gets the text."""
    logs.configure("echo")
    failure = await _failure(_unary(echo, "break"))
    assert failure.code == Code.INTERNAL
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    failed = next(line for line in lines if line["event"] == "rpc_failed")
    assert failed["error_types"] == ["KeyError"]
    assert "kim@example.test" not in failure.message + json.dumps(lines)


async def test_deadlines_reach_the_handler(echo: Any) -> None:
    """What a handler may still spend is what its caller has left."""
    request = GetSegmentRequest(segment_id="time")
    answer = await call(echo.methods["unary"], request, token=echo.token, timeout_seconds=20.0)
    assert 0 < answer.version <= 21_000


async def test_deadlines_propagate_through_a_service(echo: Any) -> None:
    """A call made inside an RPC cannot outlive it, whatever timeout it asks for."""
    inner = await call(
        echo.methods["unary"],
        GetSegmentRequest(segment_id="downstream"),
        token=echo.token,
        timeout_seconds=10.0,
    )
    assert 0 < inner.version <= 11_000
    set_deadline(0.0)
    failure = await _failure(_unary(echo, "vip"))
    set_deadline(None)
    assert failure.code == Code.DEADLINE_EXCEEDED


async def test_traces_go_on(echo: Any) -> None:
    """The handler works under the caller's trace."""
    with Telemetry("client").span("query", PARENT):
        answer = await _unary(echo, "vip")
    assert answer.display_names["trace"] == PARENT


async def test_drain_finishes_calls_in_flight(echo: Any) -> None:
    """Stopping lets a running call finish, and takes no new ones."""
    running = asyncio.create_task(_unary(echo, "wait"))
    await echo.servicer.entered.wait()
    stopping = asyncio.create_task(echo.server.stop())
    health = health_pb2_grpc.HealthStub(echo.channel)
    with pytest.raises(grpc.aio.AioRpcError):
        await _check_for_ever(health)
    assert not running.done()
    echo.servicer.go_on.set()
    assert (await running).segment_id == "wait"
    await stopping


async def test_health_follows_readiness(echo: Any) -> None:
    """Per service name and for the whole, without a credential."""
    health = health_pb2_grpc.HealthStub(echo.channel)
    seen = []
    for ready in (True, False, True):
        await echo.server.set_ready(ready)
        for name in ("", "dangol.test.v1.EchoService"):
            answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
            seen.append(answer.status)
    assert seen == [1, 1, 2, 2, 1, 1]


async def test_reflection_lists_the_services(echo: Any) -> None:
    """Tools such as grpcurl find the service, with a credential only."""
    request = reflection_pb2.ServerReflectionRequest(list_services="")

    async def requests() -> AsyncIterator[Any]:
        yield request

    stub = reflection_pb2_grpc.ServerReflectionStub(echo.channel)
    async for answer in stub.ServerReflectionInfo(requests(), metadata=metadata(echo.token)):
        names = [service.name for service in answer.list_services_response.service]
    assert "dangol.test.v1.EchoService" in names
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(aiter(stub.ServerReflectionInfo(requests())))
    assert from_rpc_error(caught.value).code == Code.TOKEN_MISSING


async def test_unknown_methods_are_unimplemented(echo: Any) -> None:
    """What does not exist says so."""
    method = echo.channel.unary_unary("/dangol.test.v1.EchoService/Missing")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await method(b"")
    assert from_rpc_error(caught.value).code == Code.UNIMPLEMENTED


async def test_an_unreachable_service_is_unavailable(unused_tcp_port: int) -> None:
    """After its bounded retries a call fails typed."""
    async with connect(f"127.0.0.1:{unused_tcp_port}") as channel:
        method: Any = channel.unary_unary("/a.B/C")
        failure = await _failure(call(method, b"", token="t", timeout_seconds=10.0))
    assert failure.code == Code.UNAVAILABLE
