"""What an import reads, shows and keeps, without a service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dangol_cli.import_columns import RowError, to_event
from dangol_cli.import_rows import ImportFailure, Place, columns_of, read_rows
from dangol_cli.import_state import (
    Rejected,
    State,
    load_state,
    rejected_path,
    save_state,
    write_rejected,
)
from dangol_cli.imports import progress_line

EVENT = {
    "event_id": "2f1c1f0a-7a53-4c8e-9d6c-0d5f6c1f7a11",
    "member": "m-1",
    "type": "visit",
    "occurred_at": "2023-11-14T22:13:20Z",
}


def test_reading_from_any_row_on_gives_the_rest_of_the_rows(tmp_path: Path) -> None:
    """Whatever stands in between: line breaks in values, blank lines, broken rows, CRLF."""
    source = tmp_path / "rows.csv"
    source.write_bytes(b'\xef\xbb\xbfa,b\r\n1,"x\ny"\r\n\r\n2,"\n3,z\n4\n5,"q""q"\n')
    whole = list(read_rows(source, Place()))
    assert [2, 5, 6, 7, 8] == [row.line for row in whole]
    assert [False, True, False, True, False] == [bool(row.problem) for row in whole]
    assert ["x\ny", "z", 'q"q'] == [row.values["b"] for row in whole if row.values]
    for number, row in enumerate(whole):
        assert whole[number + 1 :] == list(read_rows(source, row.after))


def test_refused_rows_behind_what_the_state_knows_are_dropped(tmp_path: Path) -> None:
    """A run that died between its two writes leaves no row twice."""
    source = tmp_path / "events.csv"
    length = write_rejected(source, [Rejected(2, "type", "FIELD_INVALID", "one")], 0)
    write_rejected(source, [Rejected(5, "", "FIELD_INVALID", "lost")], length)
    write_rejected(source, [Rejected(5, "", "FIELD_INVALID", "again")], length)
    lines = rejected_path(source).read_text().splitlines()
    assert ["line,field,code,reason", "2,type,FIELD_INVALID,one"] == lines[:2]
    assert ["5,,FIELD_INVALID,again"] == lines[2:]


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    """And one that cannot be read says what to do."""
    source = tmp_path / "events.csv"
    state = State(kind="events", tenant="shop", sha256="ab", offset=17, line=3, accepted=1)
    save_state(source, state)
    assert state == load_state(source, "events", "shop", "ab")
    tmp_path.joinpath("events.csv.import.json").write_text("[]")
    with pytest.raises(ImportFailure, match="delete it"):
        load_state(source, "events", "shop", "ab")


def test_the_bar_shows_share_rows_rate_and_refused_rows() -> None:
    """The rate is that of this run alone."""
    state = State(kind="events", tenant="t", sha256="", offset=50, accepted=900, rejected=100)
    line = progress_line(100, state, 2.0, rows_before=400)
    assert "[############............]  50%  1,000 rows  300/s  100 rejected" == line


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_id": "7"}, "event_id"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": None}, "occurred_at"),
        ({"device": "d-1"}, "device"),
        ({"member": ""}, "member"),
        ({"channel": "pigeon"}, "channel"),
        ({"rating": 6}, "rating"),
        ({"amount_minor_units": "1.5"}, "amount_minor_units"),
        ({"amount_minor_units": 5}, "currency_code"),
        ({"items": "[1]"}, "items"),
        ({"items": [{"quantity": "many"}]}, "items[0].quantity"),
        ({"properties.size": "x" * 2_000}, "properties"),
        ({"properties.age:number": "1e400"}, "properties.age:number"),
        ({"colour": "red"}, "colour"),
        ({"store_id": "\ud800"}, "store_id"),
    ],
)
def test_a_wrong_value_names_its_column(change: dict[str, Any], field: str) -> None:
    """By the name that the column has in the file."""
    with pytest.raises(RowError) as caught:
        to_event({**EVENT, **change})
    assert caught.value.field.startswith(field)
    assert caught.value.reason


@pytest.mark.parametrize("name", ["rows.xlsx", "empty.csv", "doubled.csv", "not.parquet"])
def test_a_file_that_cannot_be_imported_at_all_says_why(tmp_path: Path, name: str) -> None:
    """Before anything is sent."""
    content = {"doubled.csv": "a,b,a\n", "not.parquet": "PAR2"}
    source = tmp_path / name
    source.write_text(content.get(name, ""))
    with pytest.raises(ImportFailure, match=name):
        columns_of(source)
