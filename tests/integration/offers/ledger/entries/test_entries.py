"""Entries on the wire and as files, of a running ledger."""

import asyncio
import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from dangol.offers.v1 import ledger_service_pb2 as pb
from dangol_cli.__main__ import main
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp

from tests.integration.offers.ledger.conftest import AUDIENCE, ISSUER

# What spreadsheets compute, what looks like an escape already, and what has to be quoted.
AWKWARD = ["=1+1", "+82-10", "-5", "@sum(a1)", "\tx", "'quoted", 'a,"b"\r\nc', "주문\u2028", "＝1"]


async def _list(shop: Any, tenant: str = "shop", size: int = 0, **wanted: Any) -> list[Any]:
    """All pages of a list."""
    token = shop.token(Role.ADMIN, tenant=tenant)
    request = pb.ListEntriesRequest(filter=pb.EntryFilter(**wanted), page_size=size)
    entries: list[Any] = []
    while True:
        answer = await shop.send(shop.journal.ListEntries, request, token)
        entries += answer.entries
        request.page_token = answer.next_page_token
        if not request.page_token:
            return entries


async def _pieces(shop: Any, form: Any, resume_token: str = "", **wanted: Any) -> list[Any]:
    request = pb.ExportEntriesRequest(
        filter=pb.EntryFilter(**wanted), format=form, resume_token=resume_token
    )
    metadata = (("authorization", f"Bearer {shop.token(Role.ADMIN)}"),)
    return [piece async for piece in shop.journal.ExportEntries(request, metadata=metadata)]


async def _file(shop: Any, form: Any, **wanted: Any) -> str:
    return b"".join([piece.data for piece in await _pieces(shop, form, **wanted)]).decode()


def _rows(text: str) -> list[dict[str, str]]:
    """What is in a CSV, without the apostrophes."""
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    return [{name: value.removeprefix("'") for name, value in row.items()} for row in rows]


def _row(entry: Any) -> dict[str, Any]:
    """An entry of the wire as JSON Lines has it."""
    names = [field.name for field in pb.Entry.DESCRIPTOR.fields if field.name not in ("time",)]
    row = {name: getattr(entry, name) for name in names}
    time = entry.time.ToDatetime(tzinfo=UTC).isoformat(timespec="milliseconds")
    return {**row, "hash": entry.hash.hex(), "time": time.replace("+00:00", "Z")}


async def _history(shop: Any) -> str:
    """A coupon that ann gave to bob, who used it; others in a list."""
    await shop.add_offer()
    await shop.issue_list([f"customer-{number}" for number in range(30)])
    coupon_id = (await shop.issue(campaign_id="spring")).coupon.coupon_id
    offered = await shop.gift(coupon_id)
    await shop.claim(offered.token)
    await shop.hold(coupon_id, customer_id="bob")
    await shop.redeem(coupon_id)
    return str(coupon_id)


async def test_entries_are_listed_by_what_they_are_about(shop: Any) -> None:
    """An order's, a campaign's, and of each customer also what was given away since."""
    coupon_id = await _history(shop)
    steps = {
        "order": await _list(shop, order_id="order-1"),
        "campaign": await _list(shop, campaign_id="spring"),
        "giver": await _list(shop, customer_id="ann"),
        "claimer": await _list(shop, customer_id="bob"),
    }
    of_coupon = {
        name: [entry.kind for entry in entries if entry.account_id == coupon_id]
        for name, entries in steps.items()
    }
    assert {
        "order": ["hold", "redeem"],
        "campaign": ["issue", "gift", "claim", "hold", "redeem"],
        "giver": ["issue", "gift"],
        "claimer": ["claim", "hold", "redeem"],
    } == of_coupon
    everything = await _list(shop, size=7)
    times = [entry.time.ToNanoseconds() for entry in everything]
    assert sorted(times) == times
    assert (await shop.verify()).entries_checked == len(everything)
    assert [] == await _list(shop, tenant="other")


async def test_times_bound_a_list(shop: Any) -> None:
    """From the first instant on, before the second."""
    await _history(shop)
    everything = await _list(shop)
    start, end = everything[-4].time, everything[-1].time
    bounded = await _list(shop, start_time=start, end_time=end)
    expected = [
        entry
        for entry in everything
        if start.ToNanoseconds() <= entry.time.ToNanoseconds() < end.ToNanoseconds()
    ]
    assert expected == bounded
    with pytest.raises(RpcFailure) as refused:
        await _list(shop, start_time=Timestamp(seconds=9), end_time=Timestamp(seconds=8))
    assert Code.FIELD_INVALID is refused.value.code


async def test_a_page_token_is_good_for_its_list_only(shop: Any) -> None:
    """Neither for another filter nor after something of it was lost."""
    await _history(shop)
    admin = shop.token(Role.ADMIN)
    wanted = pb.ListEntriesRequest(filter=pb.EntryFilter(campaign_id="list"), page_size=3)
    first = await shop.send(shop.journal.ListEntries, wanted, admin)
    token = first.next_page_token
    for campaign, changed in (("spring", token), ("list", token[4:]), ("list", "?" + token)):
        request = pb.ListEntriesRequest(
            filter=pb.EntryFilter(campaign_id=campaign), page_token=changed
        )
        with pytest.raises(RpcFailure) as refused:
            await shop.send(shop.journal.ListEntries, request, admin)
        assert Code.PAGE_TOKEN_INVALID is refused.value.code


async def test_an_export_says_what_the_list_says(shop: Any) -> None:
    """Every field of every entry, read back from either file."""
    await _history(shop)
    expected = [_row(entry) for entry in await _list(shop)]
    lines = (await _file(shop, pb.ENTRY_FORMAT_JSON_LINES)).splitlines()
    assert expected == [json.loads(line) for line in lines]
    rows = _rows(await _file(shop, pb.ENTRY_FORMAT_CSV))
    assert [{name: str(value) for name, value in row.items()} for row in expected] == rows


async def test_no_cell_of_a_csv_is_a_formula(shop: Any) -> None:
    """Order ids are the shop's to choose; all come back as they were."""
    await shop.add_offer()
    for order_id in AWKWARD:
        coupon_id = (await shop.issue()).coupon.coupon_id
        await shop.hold(coupon_id, order_id=order_id)
    text = await _file(shop, pb.ENTRY_FORMAT_CSV)
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert [] == [cell for cell in cells if cell and cell[0] in "=+-@\t\r\n＝＋－＠"]
    held = [row for row in _rows(text) if row["kind"] == "hold"]
    assert sorted(AWKWARD) == sorted(row["order_id"] for row in held)
    lines = (await _file(shop, pb.ENTRY_FORMAT_JSON_LINES)).rstrip("\n").split("\n")
    orders = [json.loads(line)["order_id"] for line in lines]
    assert sorted(AWKWARD) == sorted(order_id for order_id in orders if order_id)


async def test_an_export_has_nothing_personal(shop: Any) -> None:
    """Neither who signed up in a claim nor codes and tokens, which would be worth stealing."""
    await shop.add_offer()
    issued = await shop.issue()
    offered = await shop.gift(issued.coupon.coupon_id)
    names = [("member", "kim-7"), ("phone", "+821012345678"), ("email", "kim@example.com")]
    await shop.sign_up(offered.token, *names)
    text = await _file(shop, pb.ENTRY_FORMAT_JSON_LINES)
    assert "claim" in text
    secrets = ["1012345678", "kim@", offered.token, issued.coupon.code]
    assert [] == [secret for secret in secrets if secret and secret in text]


async def test_an_export_that_broke_off_goes_on(shop: Any) -> None:
    """Behind any piece; pieces are bounded, whatever the whole is."""
    await shop.add_offer()
    await shop.issue_list([f"customer-{number}" for number in range(2_500)])
    pieces = await _pieces(shop, pb.ENTRY_FORMAT_CSV)
    assert [1_001, 1_000, 500] == [piece.data.count(b"\n") for piece in pieces]
    for number, piece in enumerate(pieces[:-1], start=1):
        rest = await _pieces(shop, pb.ENTRY_FORMAT_CSV, piece.resume_token)
        assert [one.data for one in pieces[number:]] == [one.data for one in rest]
    assert "" == pieces[-1].resume_token


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PARTNER, Role.STAFF, Role.VISITOR])
async def test_only_auditors_export(shop: Any, role: Role) -> None:
    """Tills and customers have their own views."""
    request = pb.ExportEntriesRequest(format=pb.ENTRY_FORMAT_CSV)
    metadata = (("authorization", f"Bearer {shop.token(role)}"),)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await anext(aiter(shop.journal.ExportEntries(request, metadata=metadata)))
    assert grpc.StatusCode.PERMISSION_DENIED is refused.value.code()


async def test_the_command_writes_the_file(shop: Any, tmp_path: Path) -> None:
    """With a token that it signs; the file has its name when it is whole."""
    await _history(shop)
    key = tmp_path / "platform.pem"
    key.write_bytes(
        shop.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    output = tmp_path / "entries.csv"
    arguments = ["ledger", "export", "--tenant", "shop", "--output", str(output)]
    arguments += ["--campaign", "spring", "--from", "2020-01-01T00:00Z"]
    arguments += ["--to", datetime.now(UTC).replace(year=2999).isoformat()]
    arguments += ["--offers-target", shop.target, "--platform-key-file", str(key)]
    arguments += ["--auth-issuer", ISSUER, "--auth-audience", AUDIENCE]
    await asyncio.to_thread(main, arguments)
    end = Timestamp()
    end.FromDatetime(datetime(2999, 1, 1, tzinfo=UTC))
    start = Timestamp(seconds=1_577_836_800)
    expected = await _file(
        shop, pb.ENTRY_FORMAT_CSV, campaign_id="spring", start_time=start, end_time=end
    )
    assert expected == output.read_bytes().decode()
    assert not output.with_name("entries.csv.part").exists()
