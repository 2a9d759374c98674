"""What is wrong with a rule, and where; and the limits that rules keep."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS

MAX_TEXT_LENGTH = 8_192
MAX_NESTING = 16
MAX_PARTS = 100
MAX_WINDOW_MS = 730 * DAY_MS
MAX_COUNT = 1_000
MAX_STRING_LENGTH = 256
MAX_LIST_LENGTH = 50
MAX_NAME_LENGTH = 64
MAX_DAYS_AHEAD = 180
MAX_SEGMENT_NESTING = 8
MAX_SEGMENT_CONDITIONS = 1_000
MAX_SHOWN = 40


class RuleError(ValueError):
    """A rule that can't be used. Line and column count from 1; the hint says what to do.

    Of a rule sent as a tree they count in its canonical text, and path names the node.
    """

    def __init__(
        self, line: int, column: int, message: str, hint: str = "", path: str = ""
    ) -> None:
        where = path or f"line {line}, column {column}"
        super().__init__(f"{where}: {message}{hint and f' ({hint})'}")
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
        self.path = path


def shorten(name: str) -> str:
    """What was written, as far as a message repeats it."""
    return name if len(name) <= MAX_SHOWN else name[:MAX_SHOWN] + "..."


def suggest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint naming the known name nearest to this one, else `otherwise`."""
    near = get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else otherwise
