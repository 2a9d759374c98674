"""`dangol import` from files of three formats into a running profile service."""

from __future__ import annotations

import argparse
import csv
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dangol_cli.import_rows import ImportFailure
from dangol_cli.import_state import rejected_path, state_path
from dangol_cli.imports import WINDOW_ROWS, run_import
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import SHOP, Platform


class CutOffError(Exception):
    """Stands for whatever ends a run in the middle."""


async def _import(
    platform: Platform,
    kind: str,
    source: Path,
    *,
    dry_run: bool = False,
    window_rows: int = WINDOW_ROWS,
    tenant: str = SHOP,
    live: bool = False,
    sign: Callable[[], str] | None = None,
) -> str:
    options = argparse.Namespace(kind=kind, file=source, tenant=tenant, dry_run=dry_run, live=live)
    made = sign or (lambda: platform.keys.token(Role.ADMIN, tenant))
    return await run_import(platform.target, made, options, window_rows=window_rows)


def _rejected(source: Path) -> list[tuple[str, str, str]]:
    with rejected_path(source).open(newline="") as file:
        return [(row["line"], row["field"], row["code"]) for row in csv.DictReader(file)]


def _event_row(number: int, **more: Any) -> dict[str, Any]:
    event_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"import {number}"))
    row = {"event_id": event_id, "member": f"m-{number % 7}", "type": "visit"}
    return {**row, "occurred_at": "2023-11-14T22:13:20Z", **more}


def _write_lines(source: Path, rows: list[dict[str, Any]]) -> Path:
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return source


async def test_customers_of_a_csv_file_have_what_its_columns_say(
    platform: Platform, tmp_path: Path
) -> None:
    """Identifiers, texts, lists, typed fields and a value with a line break."""
    source = tmp_path / "customers.csv"
    source.write_text(
        "member,email,display_name,gender,birth_date,tags,fields.size,fields.visits:number,note\n"
        'm-1,a@example.com,김하나,female,1990-05-17,vip;new,M,12.50,"two\nlines"\n'
        "m-2,,,,,,,,\n"
    )
    assert "imported 2 customers, 0 known before" == await _import(platform, "customers", source)
    admin = platform.client(Role.ADMIN)
    one = await admin.find("email", "a@example.com")
    assert ("김하나", "1990-05-17", ["vip", "new"]) == (
        one.display_name,
        one.birth_date,
        list(one.tags),
    )
    assert ("M", "12.50") == (one.fields["size"].text, one.fields["visits"].number)
    assert "two\nlines" == one.note
    assert one.customer_id == (await admin.find("member", "m-1")).customer_id
    assert (await admin.find("member", "m-2")).member


async def test_broken_rows_are_named_and_lose_nothing_else(
    platform: Platform, tmp_path: Path
) -> None:
    """A quote that never closes, too few values, no UTF-8, a wrong day, 2 MB in one line."""
    source = tmp_path / "customers.csv"
    rows = [
        b"member,display_name,birth_date",
        b"m-1,One,",
        b'm-2,"never closed,',
        b"m-3,Three,",
        b"m-4",
        b"m-5,\xff\xfe,",
        b"m-6,Six,tomorrow",
        b"m-7," + b"x" * 2_000_000 + b",",
        b"m-8,Eight,",
        b",Nobody,",
    ]
    source.write_bytes(b"\n".join(rows) + b"\n")
    with pytest.raises(ImportFailure, match="imported 3 customers, 0 known before; 6 rejected"):
        await _import(platform, "customers", source)
    invalid = Code.FIELD_INVALID.value
    expected = [("3", ""), ("5", ""), ("6", ""), ("7", "birth_date"), ("8", ""), ("10", "member")]
    assert [(*one, invalid) for one in expected] == _rejected(source)
    admin = platform.client(Role.ADMIN)
    for number, name in ((1, "One"), (3, "Three"), (8, "Eight")):
        assert name == (await admin.find("member", f"m-{number}")).display_name


async def test_what_profile_refuses_is_a_rejected_row_too(
    platform: Platform, tmp_path: Path
) -> None:
    """A row that names two members, and an event whose currency is not the tenant's."""
    partner = platform.client()
    await partner.identify(("member", "m-1"), ("email", "one@example.com"))
    await partner.identify(("member", "m-2"))
    source = tmp_path / "customers.csv"
    source.write_text("member,email\nm-2,one@example.com\nm-3,three@example.com\n")
    with pytest.raises(ImportFailure, match="imported 1 customers"):
        await _import(platform, "customers", source)
    assert [("2", "", "CONFLICT")] == _rejected(source)
    dollars = _event_row(1, amount_minor_units=5, currency_code="USD")
    events = _write_lines(tmp_path / "events.jsonl", [dollars, _event_row(2)])
    with pytest.raises(ImportFailure, match="imported 1 events"):
        await _import(platform, "events", events)
    assert [("1", "amount.currency_code", "CURRENCY_MISMATCH")] == _rejected(events)


async def test_events_of_json_lines_and_parquet_are_the_same(
    platform: Platform, tmp_path: Path
) -> None:
    """What came as JSON is a duplicate when it comes as Parquet; items and properties included."""
    item = {"product_id": "p-1", "quantity": 2, "amount_minor_units": 700}
    rows = [
        _event_row(
            number,
            channel="store",
            amount_minor_units=700,
            currency_code="KRW",
            items=[item],
            **{"properties.size": "XL", "properties.gift": True, "properties.weight": 1.5},
        )
        for number in range(20)
    ]
    lines = _write_lines(tmp_path / "events.jsonl", rows)
    assert "imported 20 events, 0 known before" == await _import(platform, "events", lines)
    parquet = tmp_path / "events.parquet"
    pq.write_table(pa.Table.from_pylist(rows), parquet, row_group_size=7)
    assert "imported 0 events, 20 known before" == await _import(platform, "events", parquet)
    customer = await platform.client().find("member", "m-1")
    found = (await platform.client().timeline(customer.customer_id)).events[0]
    assert ("XL", True, "1.5") == (
        found.properties["size"].text,
        found.properties["gift"].flag,
        found.properties["weight"].number,
    )
    assert ("p-1", 2, 700) == (
        found.items[0].product_id,
        found.items[0].quantity,
        found.amount.minor_units,
    )


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
async def test_a_run_that_was_cut_off_goes_on_and_doubles_nothing(
    platform: Platform, tmp_path: Path, form: str
) -> None:
    """Each window is sent once, whichever run sends it; every refused row is listed once."""
    rows = [_event_row(number) for number in range(40)]
    for number in (3, 24, 39):
        rows[number]["type"] = "Not Snake"
    source = tmp_path / f"events.{form}"
    _write(source, rows)
    windows = 0

    def sign() -> str:
        nonlocal windows
        windows += 1
        if windows == 4:
            raise CutOffError
        return platform.keys.token(Role.ADMIN, SHOP)

    with pytest.raises(CutOffError):
        await _import(platform, "events", source, window_rows=10, sign=sign)
    assert 28 == await platform.database.events.count_documents({})
    with pytest.raises(ImportFailure, match="imported 37 events, 0 known before; 3 rejected"):
        await _import(platform, "events", source, window_rows=10, sign=sign)
    # The fifth window, and that nothing follows.
    assert 6 == windows
    assert 37 == await platform.database.events.count_documents({})
    first = 2 if form == "csv" else 1
    assert [str(first + number) for number in (3, 24, 39)] == [one[0] for one in _rejected(source)]
    with pytest.raises(ImportFailure, match="imported 37 events"):
        await _import(platform, "events", source, window_rows=10, sign=sign)
    assert 6 == windows


def _write(source: Path, rows: list[dict[str, Any]]) -> None:
    if source.suffix == ".jsonl":
        _write_lines(source, rows)
    elif source.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), source, row_group_size=16)
    else:
        with source.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


async def test_customers_sent_again_without_the_state_are_known(
    platform: Platform, tmp_path: Path
) -> None:
    """A lost state file costs a second look, and no second customer."""
    source = tmp_path / "customers.csv"
    source.write_text(
        "member,device\n" + "".join(f"m-{n},d-{n}\n" for n in range(30)) + "m-1,d-x\n"
    )
    assert "imported 31 customers, 0 known before" == await _import(platform, "customers", source)
    state_path(source).unlink()
    source.write_text(source.read_text() + "m-1,d-y\n")
    assert "imported 1 customers, 31 known before" == await _import(platform, "customers", source)
    assert 30 == await platform.database.customers.count_documents({})


async def test_a_dry_run_lists_the_rows_and_sends_none(platform: Platform, tmp_path: Path) -> None:
    """Neither a customer nor a state is made."""
    source = tmp_path / "customers.csv"
    source.write_text("member,gender\nm-1,female\nm-2,unheard\n")
    with pytest.raises(ImportFailure, match="checked 1 customers, 0 known before; 1 rejected"):
        await _import(platform, "customers", source, dry_run=True)
    assert [("3", "gender", "FIELD_INVALID")] == _rejected(source)
    assert 0 == await platform.database.customers.count_documents({})
    assert not state_path(source).exists()


async def test_an_input_that_changed_is_not_gone_on_with(
    platform: Platform, tmp_path: Path
) -> None:
    """The state belongs to the content that it was made for."""
    source = tmp_path / "customers.csv"
    source.write_text("member\nm-1\n")
    await _import(platform, "customers", source)
    source.write_text("member\nm-2\n")
    with pytest.raises(ImportFailure, match="another content"):
        await _import(platform, "customers", source)


async def test_a_fault_of_every_row_ends_the_run(platform: Platform, tmp_path: Path) -> None:
    """A tenant that there is not rejects no rows; the run can be taken up again."""
    source = tmp_path / "customers.csv"
    source.write_text("member\nm-1\nm-2\n")
    with pytest.raises(RpcFailure) as caught:
        await _import(platform, "customers", source, tenant="nobodys-shop")
    assert Code.TENANT_NOT_FOUND == caught.value.code
    assert not rejected_path(source).exists()
