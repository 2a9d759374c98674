"""Metrics of a real server, scraped over HTTP."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest
from dangol_service_kit.client import metadata
from dangol_service_kit.metrics import Metrics

from tests.integration.service_kit.conftest import SERVICE, Running


async def scrape(port: int, path: str = "/metrics") -> str:
    """What a scraper without a credential is answered, head and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
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


async def test_without_a_listener_nothing_is_measured() -> None:
    """Instruments can be used all the same."""
    metrics = Metrics("quiet")
    metrics.counter("things", "Counted.").add(1)
    metrics.gauge("level", "Read.", lambda: 1.0)
    await metrics.start()
    assert (0, b"") == (metrics.port, metrics.expose())
    await metrics.stop()
