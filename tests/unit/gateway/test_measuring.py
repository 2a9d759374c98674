"""HTTP requests are counted by what clients cannot invent."""

from __future__ import annotations

from typing import Any

import pytest
from dangol_service_kit.metrics import Metrics
from gateway_service.measuring import MeasuredHttp, Operations


async def answer(scope: Any, _receive: Any, send: Any) -> None:
    """Answers with the status in the path, or fails."""
    if scope["path"] == "/break":
        raise KeyError("kim@example.test")
    await send({"type": "http.response.start", "status": int(scope["path"][1:]), "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def ignore(*_messages: Any) -> Any:
    """Takes what is sent, and has nothing to give."""


async def test_requests_are_counted_by_method_and_status() -> None:
    """Unknown methods are one, and what fails counts as 500."""
    metrics = Metrics("gateway", "127.0.0.1:0")
    app = MeasuredHttp(answer, metrics)
    for method, path in [("POST", "/200"), ("POST", "/200"), ("BREW", "/418")]:
        await app({"type": "http", "method": method, "path": path}, ignore, ignore)
    with pytest.raises(KeyError):
        await app({"type": "http", "method": "GET", "path": "/break"}, ignore, ignore)
    text = metrics.expose()[1].decode()
    name = "http_server_request_duration_seconds_count"
    for method, status, count in [("POST", 200, 2), ("_OTHER", 418, 1), ("GET", 500, 1)]:
        labels = f'http_request_method="{method}",http_response_status_code="{status}"'
        assert f"{name}{{{labels}}} {count}.0" in text
    assert "kim" not in text
    await metrics.stop()


async def test_operations_are_counted_by_the_status_of_their_first_error() -> None:
    """A code of ours stands for its gRPC status; texts of clients and of others do not appear."""
    metrics = Metrics("gateway", "127.0.0.1:0")
    operations = Operations(metrics)
    unavailable: Any = {"errors": [{"message": "kim", "extensions": {"code": "NOT_READY"}}]}
    invented: Any = {"errors": [{"message": "kim", "extensions": {"code": "kim"}}]}
    operations.answered({"data": {}})
    operations.answered([{"data": {}}, unavailable])
    operations.answered(invented)
    with operations.socket():
        text = metrics.expose()[1].decode()
    for status, count in [("OK", 2), ("UNAVAILABLE", 1), ("INVALID_ARGUMENT", 1)]:
        assert f'dangol_gateway_operations_total{{status="{status}"}} {count}.0' in text
    assert "dangol_gateway_sockets 1.0" in text
    assert "dangol_gateway_sockets 0.0" in metrics.expose()[1].decode()
    assert "kim" not in text
    await metrics.stop()
