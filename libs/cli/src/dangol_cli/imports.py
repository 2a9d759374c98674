"""`dangol import customers|events FILE`: a file's rows through profile's API.

It streams, whatever the size; it can be stopped at any time and run again, and then goes on behind
what was done. What was on its way is sent again and changes nothing: events have ids of their own,
and a batch of customers has a request id made of its content.
"""

from __future__ import annotations

import argparse
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dangol_service_kit.client import connect
from dangol_service_kit.errors import Code
from dangol_service_kit.tls import Identity

from dangol_cli.import_columns import RowError, to_customer, to_event, unknown_column
from dangol_cli.import_rows import (
    ImportFailure,
    Place,
    Row,
    columns_of,
    read_rows,
    size_of,
)
from dangol_cli.import_sending import CustomerSender, EventSender, Ready, Sent, finish
from dangol_cli.import_state import (
    Rejected,
    State,
    digest_of,
    load_state,
    rejected_path,
    save_state,
    write_rejected,
)

KINDS: Final = ("customers", "events")
WINDOW_ROWS: Final = 2_000
_WINDOW_BYTES: Final = 8 * 1024 * 1024
_BAR_WIDTH: Final = 24
_BAR_SECONDS: Final = 0.2


@dataclass(kw_only=True)
class Window:
    """Rows that are sent together, and where the file goes on behind them."""

    ready: list[Ready] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    after: Place = field(default_factory=Place)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `dangol import` asks."""
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("file", type=Path, help="*.csv, *.jsonl or *.parquet")
    parser.add_argument("--tenant", required=True, help="tenant id")
    parser.add_argument(
        "--dry-run", action="store_true", help="check every row, and send none of them"
    )
    parser.add_argument(
        "--live", action="store_true", help="campaigns act on the events, as if they came in now"
    )


def progress_line(total: int, state: State, seconds: float, *, rows_before: int = 0) -> str:
    """A bar, the share done of the input, rows, rows a second of this run and rows refused."""
    share = min(state.offset / total, 1.0) if total else 1.0
    bar = "#" * int(share * _BAR_WIDTH)
    rows = state.accepted + state.unchanged + state.rejected
    rate = (rows - rows_before) / seconds if seconds > 0 else 0.0
    text = f"[{bar:.<{_BAR_WIDTH}}] {share:>4.0%}  {rows:,} rows  {rate:,.0f}/s"
    return f"{text}  {state.rejected:,} rejected"


async def run_import(
    target: str,
    sign: Callable[[], str],
    options: argparse.Namespace,
    identity: Identity | None = None,
    window_rows: int = WINDOW_ROWS,
) -> str:
    """Imports, and answers what became of it in one line.

    sign makes a token, anew for each window. Raises ImportFailure, also when rows were refused,
    RpcFailure when profile cannot be reached or refuses the caller, and OSError.
    """
    source, kind = options.file, options.kind
    columns = columns_of(source)
    if columns is not None and (unknown := unknown_column(kind, columns)) is not None:
        raise ImportFailure(f"{source}: there is no column {unknown}: docs/import.md lists them")
    sha256 = digest_of(source)
    if options.dry_run:
        return _conclude(source, _check_only(source, kind, options.tenant, sha256), "checked")
    state = load_state(source, kind, options.tenant, sha256)
    if not state.finished:
        import_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}:{sha256}"))
        async with connect(target, identity=identity) as channel:
            if kind == "customers":
                send = CustomerSender(channel, sign, import_id).send
            else:
                send = EventSender(channel, sign, "" if options.live else import_id).send
            try:
                await _send_all(source, state, send, window_rows)
            except ExceptionGroup as failures:
                raise _first(failures) from None
            await finish(channel, sign(), import_id)
        state.finished = True
        save_state(source, state)
    return _conclude(source, state, "imported")


async def _send_all(
    source: Path,
    state: State,
    send: Callable[[list[Ready]], Awaitable[Sent]],
    window_rows: int,
) -> None:
    bar = _Bar(size_of(source), state)
    for window in _windows(source, state, window_rows):
        sent = await send(window.ready)
        refused = sorted([*window.rejected, *(sent.rejected or [])], key=lambda one: one.line)
        _advance(source, state, window, refused)
        state.accepted += sent.accepted
        state.unchanged += sent.unchanged
        save_state(source, state)
        bar.show(state)
    bar.end(state)


def _check_only(source: Path, kind: str, tenant: str, sha256: str) -> State:
    state = State(kind=kind, tenant=tenant, sha256=sha256)
    bar = _Bar(size_of(source), state)
    for window in _windows(source, state, WINDOW_ROWS):
        _advance(source, state, window, window.rejected)
        state.accepted += len(window.ready)
        bar.show(state)
    bar.end(state)
    return state


def _advance(source: Path, state: State, window: Window, refused: list[Rejected]) -> None:
    state.rejected_bytes = write_rejected(source, refused, state.rejected_bytes)
    state.rejected += len(refused)
    state.offset, state.line = window.after.offset, window.after.line


def _windows(source: Path, state: State, window_rows: int) -> Iterator[Window]:
    """The rows behind the state's place; in one window of customers no identifier comes twice."""
    window, named, size_bytes = Window(), set[tuple[str, str]](), 0
    for row in read_rows(source, state.place):
        made = _convert(row, state)
        names: set[tuple[str, str]] = set()
        if isinstance(made, Ready) and state.kind == "customers":
            names = {(one.namespace, one.value) for one in made.message.identifiers}
        length = made.message.ByteSize() if isinstance(made, Ready) else 0
        count = len(window.ready) + len(window.rejected)
        if count == window_rows or names & named or size_bytes + length > _WINDOW_BYTES:
            yield window
            window, named, size_bytes = Window(), set(), 0
        if isinstance(made, Ready):
            window.ready.append(made)
        else:
            window.rejected.append(made)
        named |= names
        size_bytes += length
        window.after = row.after
    if window.ready or window.rejected:
        yield window


def _convert(row: Row, state: State) -> Ready | Rejected:
    if row.problem:
        return Rejected(row.line, "", Code.FIELD_INVALID.value, row.problem)
    try:
        if state.kind == "events":
            return Ready(row.line, to_event(row.values))
        return Ready(row.line, to_customer(row.values, row.line))
    except RowError as error:
        return Rejected(row.line, error.field, Code.FIELD_INVALID.value, error.reason)


def _conclude(source: Path, state: State, what: str) -> str:
    text = f"{what} {state.accepted:,} {state.kind}, {state.unchanged:,} known before"
    if state.rejected:
        raise ImportFailure(f"{text}; {state.rejected:,} rejected, see {rejected_path(source)}")
    return text


def _first(failures: BaseExceptionGroup[Any]) -> BaseException:
    found: BaseException = failures
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


class _Bar:
    """The progress on a terminal; nothing where there is none."""

    def __init__(self, total: int, state: State) -> None:
        self._total = total
        self._shows = sys.stderr.isatty()
        self._started = time.monotonic()
        self._shown = 0.0
        self._before = state.accepted + state.unchanged + state.rejected

    def show(self, state: State, *, at_once: bool = False) -> None:
        """Draws it anew, five times a second at most."""
        now = time.monotonic()
        if self._shows and (at_once or now - self._shown >= _BAR_SECONDS):
            self._shown = now
            seconds = now - self._started
            line = progress_line(self._total, state, seconds, rows_before=self._before)
            print(f"\r{line}", end="", file=sys.stderr, flush=True)

    def end(self, state: State) -> None:
        """The last state of it, which stays."""
        self.show(state, at_once=True)
        if self._shows:
            print(file=sys.stderr)
