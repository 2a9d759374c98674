"""Logs: one JSON object a line on stderr, with trace ids and without personal data."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from opentelemetry import trace

_FRAMES_MAX = 12


def configure(process_name: str, level: str = "info") -> None:
    """Sets up structlog and the standard library's logging for this process."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)

    def add_process(
        _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event["process"] = process_name
        return event

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            add_process,
            _add_trace,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_StderrLogger,
        cache_logger_on_first_use=True,
    )
    handler = _LibraryHandler()
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """A logger: log.info("what_happened", name=value)."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger


def describe(error: BaseException) -> dict[str, Any]:
    """An unexpected error for the log: its kinds and places.

    Messages of drivers quote keys and values, so they stay out.
    """
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_MAX:]
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        kinds.append(type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}" for frame in frames
    ]
    return {"error_types": kinds, "places": places}


def process_name() -> str:
    """The package this process was started as, for example profile_service."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return (spec.parent if spec is not None else "") or "dangol"


def _add_trace(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = f"{span.trace_id:032x}"
    return event


class _StderrLogger:
    """Writes finished lines to whatever stderr is now."""

    def __init__(self, *_args: Any) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = self.msg

    def msg(self, line: str) -> None:
        """Writes one line."""
        sys.stderr.write(line + "\n")


class _LibraryHandler(logging.Handler):
    """Passes what libraries log on as JSON: the constant text, never its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        facts = describe(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        event = str(record.msg).splitlines()[0][:200] if record.msg else ""
        method = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(structlog.get_logger(), method)(event, logger=record.name, **facts)
