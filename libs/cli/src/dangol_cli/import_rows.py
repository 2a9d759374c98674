"""Rows of CSV, JSON Lines and Parquet files, one after the other, from any row on.

A row that cannot be read is a row with a problem; what follows it is read as if it were not there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

LINE_BYTES_MAX: Final = 1024 * 1024
# More lines than that are no value with line breaks but a quote that was never closed.
_RECORD_LINES_MAX: Final = 200
_PARQUET_ROWS: Final = 1_000
_FORMATS: Final = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


class ImportFailure(Exception):  # noqa: N818 - names what became of the import
    """The file as a whole cannot be imported, or not all of it was."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row begins: bytes into the file (rows of Parquet), and its line counted from 1."""

    offset: int = 0
    line: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """Values by column, or why there are none; `after` is where the next row begins."""

    line: int
    after: Place
    values: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def format_of(path: Path) -> str:
    """csv, jsonl or parquet, by the file's name. Raises ImportFailure."""
    found = _FORMATS.get(path.suffix.lower())
    if found is None:
        raise ImportFailure(f"{path}: name it *.csv, *.jsonl (or *.ndjson) or *.parquet")
    return found


def columns_of(path: Path) -> list[str] | None:
    """The columns; None for JSON Lines, where each row names its own. Raises ImportFailure."""
    kind = format_of(path)
    if kind == "jsonl":
        return None
    if kind == "parquet":
        return list(_parquet(path).schema_arrow.names)
    with path.open("rb") as file:
        return _header(_Lines(file, Place()), path)


def size_of(path: Path) -> int:
    """The offset at which the file ends."""
    if format_of(path) == "parquet":
        return int(_parquet(path).metadata.num_rows)
    return path.stat().st_size


def read_rows(path: Path, start: Place) -> Iterator[Row]:
    """Every row from `start` on; Place() is the beginning. Raises ImportFailure and OSError."""
    kind = format_of(path)
    if kind == "parquet":
        yield from _parquet_rows(path, start)
        return
    with path.open("rb") as file:
        if kind == "jsonl":
            yield from _json_rows(_Lines(file, start))
            return
        lines = _Lines(file, Place())
        header = _header(lines, path)
        if start.offset:
            lines = _Lines(file, start)
        yield from _csv_rows(lines, header)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    after: Place
    data: bytes
    too_long: bool


class _Lines:
    """Lines of bounded length with their places; those looked at too early are put back."""

    def __init__(self, file: BinaryIO, start: Place) -> None:
        file.seek(start.offset)
        self._file = file
        self._place = start
        self._waiting: list[_Line] = []

    def take(self) -> _Line | None:
        if self._waiting:
            return self._waiting.pop()
        data = self._file.readline(LINE_BYTES_MAX)
        if not data:
            return None
        length, piece = len(data), data
        while len(piece) == LINE_BYTES_MAX and not piece.endswith(b"\n"):
            piece = self._file.readline(LINE_BYTES_MAX)
            length += len(piece)
        number = self._place.line
        self._place = Place(self._place.offset + length, number + 1)
        too_long = length > len(data)
        return _Line(number, self._place, b"" if too_long else data, too_long)

    def put_back(self, lines: list[_Line]) -> None:
        self._waiting.extend(reversed(lines))


def _header(lines: _Lines, path: Path) -> list[str]:
    first = lines.take()
    if first is None:
        raise ImportFailure(f"{path}: the file is empty; its first line names the columns")
    try:
        names = next(csv.reader([first.data.decode("utf-8-sig")], strict=True), [])
    except (csv.Error, UnicodeDecodeError) as error:
        raise ImportFailure(f"{path}: line 1 should name the columns: {error}") from None
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ImportFailure(f"{path}: column {doubled[0]} is there twice")
    return names


def _csv_rows(lines: _Lines, header: list[str]) -> Iterator[Row]:
    while (first := lines.take()) is not None:
        taken = [first]
        values, problem = _csv_record(lines, taken)
        if not problem and values and len(values) != len(header):
            problem = f"{len(values)} values for {len(header)} columns"
        if problem:
            # The lines that it swallowed may be rows of their own.
            lines.put_back(taken[1:])
            yield Row(first.number, first.after, problem=problem)
        elif values:
            named = dict(zip(header, values, strict=True))
            yield Row(first.number, taken[-1].after, named)


def _csv_record(lines: _Lines, taken: list[_Line]) -> tuple[list[str], str]:
    """The values that begin on the line taken, or why there are none; takes what else it needs."""
    if taken[0].too_long:
        return [], f"the line is longer than {LINE_BYTES_MAX} bytes"

    def feed() -> Iterator[str]:
        yield taken[0].data.decode()
        while len(taken) < _RECORD_LINES_MAX and (more := lines.take()) is not None:
            taken.append(more)
            yield more.data.decode()

    try:
        return next(csv.reader(feed(), strict=True), []), ""
    except UnicodeDecodeError:
        return [], "the line is not UTF-8"
    except csv.Error as error:
        return [], f"not CSV: {error}"


def _json_rows(lines: _Lines) -> Iterator[Row]:
    while (line := lines.take()) is not None:
        if line.too_long:
            problem = f"the line is longer than {LINE_BYTES_MAX} bytes"
            yield Row(line.number, line.after, problem=problem)
        elif line.data.strip():
            yield _json_row(line)


def _json_row(line: _Line) -> Row:
    try:
        values = json.loads(line.data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        return Row(line.number, line.after, problem="the line is not UTF-8")
    except json.JSONDecodeError as error:
        return Row(line.number, line.after, problem=f"not JSON: {error.msg} at {error.pos}")
    except (ValueError, RecursionError):
        return Row(line.number, line.after, problem="not JSON that can be read")
    if not isinstance(values, dict):
        return Row(line.number, line.after, problem="write one JSON object a line")
    return Row(line.number, line.after, values)


def _parquet(path: Path) -> Any:
    from pyarrow import ArrowException  # noqa: PLC0415 - half a second that other commands spare
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    try:
        return ParquetFile(path)
    except ArrowException:
        raise ImportFailure(f"{path}: this is no Parquet file") from None


def _parquet_rows(path: Path, start: Place) -> Iterator[Row]:
    file, at = _parquet(path), 0
    for group in range(file.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        if at + count <= start.offset:
            at += count
            continue
        for batch in file.iter_batches(_PARQUET_ROWS, row_groups=[group]):
            for values in batch.to_pylist():
                at += 1
                if at > start.offset:
                    yield Row(at, Place(at, at + 1), values)
