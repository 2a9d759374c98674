"""Metrics of a real server, scraped over HTTP."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest
from dangol_service_kit.client import metadata
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.metrics_process import Dependencies, Watched

from tests.integration.service_kit.conftest import SERVICE, Running


async def scrape(port: int, path: str = "/metrics", accept: str = "*/*") -> str:
    """What a scraper without a credential is answered, head and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.read()
    writer.close()
    return answer.decode()


def series(text: str, method: str, status: str) -> str:
    """The beginning of the line that counts a method's calls of one status."""
    labels = f'rpc_method="{SERVICE}/{method}",rpc_response_status_code="{status}"'
    found = f"rpc_server_call_duration_seconds_count{{{labels}}}"
    return next((line for line in text.splitlines() if line.startswith(found)), "")


async def test_calls_are_counted_by_method_and_status(echo: Running) -> None:
    """Every call once, under the status that the client saw, streams too."""
    sent = metadata(echo.token)
    await echo.methods["unary"](GetSegmentRequest(segment_id="vip"), metadata=sent)
    for segment_id in ("refuse", "break"):
        with pytest.raises(grpc.aio.AioRpcError):
            await echo.methods["unary"](GetSegmentRequest(segment_id=segment_id), metadata=sent)
    with pytest.raises(grpc.aio.AioRpcError):
        await echo.methods["unary"](GetSegmentRequest(segment_id="vip"))
    answers = echo.methods["server_stream"](GetSegmentRequest(segment_id="a"), metadata=sent)
    assert 3 == len([answer async for answer in answers])
    text = await scrape(echo.server.metrics.port)
    for method, status in [
        ("unary", "OK"),
        ("unary", "NOT_FOUND"),
        ("unary", "INTERNAL"),
        ("unary", "UNAUTHENTICATED"),
        ("server_stream", "OK"),
    ]:
        assert series(text, method, status).endswith(" 1.0"), (method, status)


async def test_only_metrics_are_served(echo: Running) -> None:
    """Anything else is not found, and tenants do not appear."""
    await echo.methods["unary"](GetSegmentRequest(segment_id="vip"), metadata=metadata(echo.token))
    port = echo.server.metrics.port
    assert (await scrape(port, "/")).startswith("HTTP/1.1 404 ")
    text = await scrape(port)
    assert text.startswith("HTTP/1.1 200 OK")
    assert "shop" not in text


async def test_exemplars_carry_the_trace_of_calls_that_are_sampled(echo: Running) -> None:
    """OpenMetrics, for those who ask for it: the bucket of a call names its trace."""
    call = echo.methods["unary"]
    for flags, trace_id in (("01", "a" * 32), ("00", "b" * 32)):
        traceparent = ("traceparent", f"00-{trace_id}-{'1' * 16}-{flags}")
        sent = (*metadata(echo.token), traceparent)
        await call(GetSegmentRequest(segment_id="vip"), metadata=sent)
    accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
    text = await scrape(echo.server.metrics.port, accept=accept)
    assert "Content-Type: application/openmetrics-text" in text
    assert text.endswith("# EOF\n")
    marked = [line for line in text.splitlines() if ' # {trace_id="' in line]
    assert 1 == len(marked)
    assert marked[0].startswith("rpc_server_call_duration_seconds_bucket{")
    assert f'# {{trace_id="{"a" * 32}"}} ' in marked[0]
    assert " # {" not in await scrape(echo.server.metrics.port)


async def test_what_cannot_be_looked_up_is_not_told() -> None:
    """A value is there after a look, and gone after one that failed; a dependency is 1, then 0."""
    metrics = Metrics("watcher", "127.0.0.1:0")
    answers = True

    async def look() -> dict[str, float]:
        if not answers:
            raise ConnectionError
        return {"level": 7.0}

    gauges = {"level": ("test.level", "s", "A level.")}
    Watched(metrics, gauges, look, every_seconds=0.01)
    Dependencies(metrics, {"store": look}, every_seconds=0.01)
    await metrics.start()
    await told(metrics, "test_level_seconds 7.0")
    await told(metrics, 'dangol_dependency_up{dependency="store"} 1.0')
    answers = False
    await told(metrics, 'dangol_dependency_up{dependency="store"} 0.0')
    await told(metrics, "test_level_seconds 7.0", there=False)
    assert "round_trip_seconds{" not in metrics.expose()[1].decode()
    await metrics.stop()


async def told(metrics: Metrics, line: str, *, there: bool = True) -> None:
    """Waits until a line is, or is no longer, among the metrics."""
    async with asyncio.timeout(10):
        while (line in metrics.expose()[1].decode()) is not there:
            await asyncio.sleep(0.01)


async def test_without_a_listener_nothing_is_measured() -> None:
    """Instruments can be used all the same."""
    metrics = Metrics("quiet")
    metrics.counter("things", "Counted.").add(1)
    metrics.gauge("level", "Read.", lambda: 1.0)
    await metrics.start()
    assert (0, b"") == (metrics.port, metrics.expose()[1])
    await metrics.stop()
