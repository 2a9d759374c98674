"""Traces: ids come in, go on, and appear in the log; nothing personal does."""

import json
from typing import Any

import pytest
from dangol_service_kit import logs
from dangol_service_kit.telemetry import Telemetry, current_traceparent, parse_traceparent

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_the_callers_trace_goes_on() -> None:
    """Calls made inside an operation carry the trace id it came with."""
    with Telemetry("test").span("Method", PARENT):
        header = current_traceparent()
    assert header == PARENT
    assert current_traceparent() is None


def test_an_operation_without_parent_starts_a_trace() -> None:
    """Malformed headers are as good as none."""
    telemetry = Telemetry("test")
    headers = []
    for parent in (None, "", "garbage", "00-" + "0" * 32 + "-b7ad6b7169203331-01"):
        with telemetry.span("Method", parent):
            headers.append(current_traceparent())
    assert len(set(headers)) == 4
    assert all(parse_traceparent(header) for header in headers)


async def test_who_asks_decides_what_is_exported_and_of_the_rest_one_in_a_hundred() -> None:
    """Whatever its caller has not sampled is not, but goes on under the caller's trace."""
    telemetry = Telemetry("test", "http://127.0.0.1:9")
    unsampled, own = PARENT[:-1] + "0", 0
    for _ in range(20):
        with telemetry.span("Method", PARENT) as span:
            assert span.is_recording()
        with telemetry.span("Method", unsampled) as span:
            assert not span.is_recording()
            assert current_traceparent() == unsampled
    for _ in range(5_000):
        with telemetry.span("Method", None) as span:
            own += span.is_recording()
    await telemetry.stop(0.1)
    # 50 are expected; more than seven standard deviations to either side.
    assert 0 < own < 110


def test_log_lines_are_json_with_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, with the process and the trace id."""
    logs.configure("test_process")
    with Telemetry("test").span("Method", PARENT):
        logs.get_logger().info("something_happened", count=3)
    line: dict[str, Any] = json.loads(capsys.readouterr().err)
    line.pop("timestamp")
    expected = {
        "event": "something_happened",
        "count": 3,
        "level": "info",
        "process": "test_process",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }
    assert expected == line


def test_errors_are_described_without_their_text() -> None:
    """Messages of drivers quote keys, so only kinds and places are kept."""
    try:
        raise KeyError("kim@example.test")
    except KeyError as error:
        described = logs.describe(error)
    assert described["error_types"] == ["KeyError"]
    assert "kim" not in str(described)
