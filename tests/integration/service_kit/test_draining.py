"""A server that ends, or asks its clients to connect anew, fails no call."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from dangol.segmentation.v1.segment_service_pb2 import (
    GetSegmentRequest,
    Segment,
    WatchMembershipsRequest,
    WatchMembershipsResponse,
)
from dangol_service_kit.client import FOLLOW_SECONDS, RESUME_HEADER, call, follow, metadata
from dangol_service_kit.draining import until
from dangol_service_kit.errors import Code, RpcFailure, from_rpc_error, to_status

from tests.integration.service_kit.conftest import serve_echo


async def test_endless_streams_are_told_to_go_on_elsewhere(echo: Any) -> None:
    """Everything sent before arrives; then UNAVAILABLE, at once and not after the drain's time."""
    request = GetSegmentRequest(segment_id="endless")
    answers = echo.methods["server_stream"](request, metadata=metadata(echo.token))
    received = [(await answers.read()).segment_id for _ in range(3)]
    stopping = asyncio.create_task(echo.server.stop())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await answers.read()
    failure = from_rpc_error(caught.value)
    assert ["endless-0", "endless-1", "endless-2"] == received
    assert (Code.UNAVAILABLE, 100) == (failure.code, failure.retry_after_ms)
    await stopping


async def test_streams_both_ways_answer_what_they_took(echo: Any) -> None:
    """A partner's stream of batches ends between two of them."""
    sent = echo.methods["both_stream"](metadata=metadata(echo.token))
    await sent.write(GetSegmentRequest(segment_id="a"))
    answer = await sent.read()
    stopping = asyncio.create_task(echo.server.stop())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await sent.read()
    assert "a" == answer.segment_id
    assert Code.UNAVAILABLE == from_rpc_error(caught.value).code
    await stopping


async def _collect(items: AsyncIterator[Any], received: list[Any]) -> None:
    async for item in items:
        received.append(item)


async def test_what_was_taken_is_handed_on_before_the_end() -> None:
    """An item that is there when the process ends is not lost; the source is closed."""
    leaving, closed = asyncio.Event(), []

    async def source() -> AsyncIterator[int]:
        try:
            yield 1
            leaving.set()
            yield 2
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    received: list[int] = []
    with pytest.raises(RpcFailure) as caught:
        await _collect(until(leaving, source()), received)
    assert ([1, 2], [True], Code.UNAVAILABLE) == (received, closed, caught.value.code)


async def test_connections_are_renewed_and_no_call_fails() -> None:
    """Clients under load are moved to new connections, by which they find new replicas."""
    async with serve_echo(connection_age_seconds=0.2) as echo:
        peers: set[str] = set()
        request = GetSegmentRequest(segment_id="vip")

        async def ask() -> None:
            while len(peers) < 4:
                answer = await call(
                    echo.methods["unary"], request, token=echo.token, timeout_seconds=10.0
                )
                peers.add(answer.display_names["peer"])

        await asyncio.gather(*(ask() for _ in range(8)))
    assert 4 <= len(peers)


class _Watch:
    """A stream that is cut off again and again; answers are numbered after the token."""

    def __init__(self, cuts: int, stands_seconds: float = 0.0) -> None:
        self.cuts = cuts
        self.stands_seconds = stands_seconds
        self.began: list[str] = []

    async def watch(
        self, request: WatchMembershipsRequest, context: Any
    ) -> AsyncIterator[WatchMembershipsResponse]:
        """Says where it begins, answers one message, and ends."""
        self.began.append(request.resume_token)
        start = int(request.resume_token or 7)
        await context.send_initial_metadata(((RESUME_HEADER, str(start)),))
        if self.cuts and len(self.began) > 1:
            yield WatchMembershipsResponse(resume_token=str(start + 1))
        if not self.cuts:
            return
        self.cuts -= 1
        await asyncio.sleep(self.stands_seconds)
        failure = RpcFailure(Code.UNAVAILABLE, "this replica ends")
        details = ("grpc-status-details-bin", to_status(failure).SerializeToString())
        await context.abort(grpc.StatusCode.UNAVAILABLE, "this replica ends", (details,))


async def _followed(watch: _Watch, patience_seconds: float = FOLLOW_SECONDS) -> list[str]:
    """The tokens of what a follower is told by this server until it ends."""
    server = grpc.aio.server()
    handler = grpc.unary_stream_rpc_method_handler(
        watch.watch,
        WatchMembershipsRequest.FromString,
        WatchMembershipsResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("a.B", {"W": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        method: Any = channel.unary_stream(
            "/a.B/W", WatchMembershipsRequest.SerializeToString, WatchMembershipsResponse.FromString
        )
        request = WatchMembershipsRequest()
        answers = follow(method, request, token="t", patience_seconds=patience_seconds)
        received = [answer.resume_token async for answer in answers]
    await server.stop(0)
    return received


async def test_a_follower_goes_on_after_its_last_token() -> None:
    """Also one that was cut off before anything came: the stream had said where it begins."""
    watch = _Watch(3)
    assert ["8", "9"] == await _followed(watch)
    assert ["", "7", "8", "9"] == watch.began


async def test_a_stream_on_which_nothing_happened_was_no_silence() -> None:
    """One that was open for longer than a follower waits for a service is opened again."""
    watch = _Watch(1, stands_seconds=1.2)
    assert [] == await _followed(watch, patience_seconds=0.5)
    assert ["", "7"] == watch.began


async def test_a_follower_gives_up_after_its_patience(unused_tcp_port: int) -> None:
    """A service that is away for too long is said to be."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{unused_tcp_port}") as channel:
        method: Any = channel.unary_stream(
            "/a.B/W", WatchMembershipsRequest.SerializeToString, Segment.FromString
        )
        request = WatchMembershipsRequest(resume_token="7")
        answers = follow(method, request, token="t", patience_seconds=0.1)
        with pytest.raises(RpcFailure) as caught:
            await _collect(answers, [])
    assert Code.UNAVAILABLE == caught.value.code
