"""Entries as files: CSV and JSON Lines. Pure.

A spreadsheet takes a text that begins with certain signs for a formula, so in CSV such a text gets
an apostrophe before it (OWASP, "CSV Injection"), and so does one that begins with an apostrophe:
whoever reads the file takes away one apostrophe at the beginning of any text.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from offers_service.entries import Line, order_of

COLUMNS = (
    "time",
    "account_id",
    "number",
    "kind",
    "debit",
    "credit",
    "amount_minor_units",
    "customer_id",
    "order_id",
    "campaign_id",
    "offer_id",
    "gift_id",
    "coupon_id",
    "discount_minor_units",
    "refund_minor_units",
    "points",
    "actor",
    "request_id",
    "hash",
)
# Also the full-width forms, which some spreadsheets read as the plain ones.
_FORMULA_SIGNS = tuple("=+-@\t\r\n'＝＋－＠")


class Format(StrEnum):
    """How an export is written."""

    CSV = "csv"
    JSON_LINES = "json_lines"


def begin(form: Format) -> bytes:
    """What a file begins with: the header of a CSV."""
    return _csv([COLUMNS]) if form is Format.CSV else b""


def write(form: Format, lines: Iterable[Line]) -> bytes:
    """Whole lines, in UTF-8."""
    rows = [_row(line) for line in lines]
    if form is Format.CSV:
        return _csv([[_cell(value) for value in row] for row in rows])
    texts = [json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows]
    return "".join([f"{text}\n" for text in texts]).encode()


def _row(line: Line) -> tuple[str | int, ...]:
    entry = line.entry
    seconds, millis = divmod(entry.at_ms, 1_000)
    at = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return (
        f"{at}.{millis:03}Z",
        line.account,
        entry.number,
        entry.kind,
        entry.debit,
        entry.credit,
        entry.amount,
        entry.owner,
        order_of(entry),
        entry.campaign,
        entry.offer,
        entry.gift,
        entry.coupon,
        entry.discount,
        entry.refund,
        entry.points,
        entry.actor,
        entry.request,
        entry.hash.hex(),
    )


def _cell(value: str | int) -> str | int:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_SIGNS) else value


def _csv(rows: Iterable[Iterable[str | int]]) -> bytes:
    out = _Pieces()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return "".join(out.pieces).encode()


class _Pieces:
    def __init__(self) -> None:
        self.pieces: list[str] = []

    def write(self, text: str, /) -> None:
        self.pieces.append(text)
