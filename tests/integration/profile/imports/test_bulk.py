"""Customers by the batch: what each row comes to is what IdentifyCustomer would have made of it."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest
from dangol.profile.v1 import event_service_pb2 as event_pb
from dangol.profile.v1 import field_service_pb2 as field_pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.json_format import MessageToDict

from tests.integration.profile.harness import OTHER, SHOP, Client, Platform, event, eventually
from tests.integration.profile.imports.bulk import IMPORT_ID, batch, finish, outcome, row, send
from tests.integration.profile.record.recording import refused

_BACKFILL = 6
_SEED = 20_261_127
_ATTRIBUTES: dict[str, Any] = {
    "display_name": "김하나",
    "birth_date": "1990-05-17",
    "tier": "gold",
    "tags": ["vip", "new"],
    "note": "likes tea",
}


def _shape(found: Any) -> Any:
    """What is stored, but for what differs by tenant, key, nonce or time."""
    if isinstance(found, bytes):
        return len(found)
    if isinstance(found, dict):
        passed = ("_id", "t", "c", "created_ms")
        return {name: _shape(one) for name, one in found.items() if name not in passed}
    return [_shape(one) for one in found] if isinstance(found, list) else found


async def test_what_a_batch_stores_is_what_single_calls_store(platform: Platform) -> None:
    """Sealed, hashed for search and filters, with the identifier that the id is."""
    names = [("member", "m-1"), ("phone", "010-1234-5678"), ("email", "a@example.com")]
    made = await platform.client(Role.ADMIN, OTHER).identify(*names, **_ATTRIBUTES)
    (found,) = await send(platform, platform.client(), batch([row(7, *names, **_ATTRIBUTES)]))
    assert ("CREATED", 7) == (outcome(found), found.line)
    for collection, tenant in (("customers", "_id.t"), ("identifiers", "t")):
        stored = platform.database[collection]
        one = [_shape(each) for each in await stored.find({tenant: SHOP}).to_list(None)]
        other = [_shape(each) for each in await stored.find({tenant: OTHER}).to_list(None)]
        assert sorted(map(repr, other)) == sorted(map(repr, one))
    message = MessageToDict(await platform.client(Role.ADMIN).get(found.customer_id))
    expected = MessageToDict(made.customer)
    for name in ("customerId", "createTime", "revenue"):
        del message[name], expected[name]
    assert expected == message


async def test_rows_come_to_what_they_come_to_one_after_the_other(platform: Platform) -> None:
    """Sixty rows over few identifiers, against IdentifyCustomer row by row in another tenant."""
    draw = random.Random(_SEED)
    pool = [(kind, f"{kind}-{n}") for kind in ("member", "device", "email") for n in range(14)]
    rows = [draw.sample(pool, draw.choice([1, 2, 2, 3])) for _ in range(60)]
    single = platform.client(tenant_id=OTHER)
    expected = [outcome(await single.identify(*names)) for names in rows]
    partner, results = platform.client(), []
    for some in (rows[:25], rows[25:]):
        sent = batch([row(n, *names) for n, names in enumerate(some)])
        results += await send(platform, partner, sent)
    assert expected == [outcome(one) for one in results]
    assert {"CREATED", "LINKED", "MERGED", "CONFLICT"} <= set(expected)
    owners: dict[str, set[tuple[str, str]]] = {}
    others: dict[str, set[tuple[str, str]]] = {}
    for name in {name for names in rows for name in names}:
        for client, groups in ((partner, owners), (single, others)):
            groups.setdefault(await _owner(client, name), set()).add(name)
    assert sorted(map(sorted, others.values())) == sorted(map(sorted, owners.values()))


async def _owner(client: Client, name: tuple[str, str]) -> str:
    """Whose an identifier is; nobody's are one group too: those of rows that conflicted."""
    try:
        return (await client.find(*name)).customer_id
    except RpcFailure:
        return ""


async def test_a_broken_row_names_line_field_and_fix_and_loses_no_other(
    platform: Platform,
) -> None:
    """Every kind of fault beside rows that are taken, in one batch."""
    admin = platform.client(Role.ADMIN)
    declared = field_pb.Field(name="size", type=field_pb.FIELD_TYPE_NUMBER)
    request = field_pb.DeclareFieldRequest(request_id=str(uuid.uuid4()), field=declared)
    await admin.call(admin.fields.DeclareField, request)
    wrong = row(9, ("member", "m-9"))
    wrong.attributes.fields["colour"].text = "red"
    rows = [
        row(1, ("member", "m-1")),
        row(2),
        row(3, ("shoe", "x")),
        row(4, ("member", "m-4"), birth_date="1990-02-30"),
        row(5, ("member", "m-5"), ("member", "m-5")),
        row(6, ("customer", "u_nobody")),
        row(7, ("member", "m-7"), display_name="x" * 129),
        wrong,
        row(10, ("member", "m-10")),
    ]
    results = await send(platform, admin, batch(rows))
    assert [
        (1, "CREATED", ""),
        (2, "FIELD_INVALID", "identifiers"),
        (3, "FIELD_INVALID", "identifiers[0].namespace"),
        (4, "FIELD_INVALID", "attributes.birth_date"),
        (5, "FIELD_INVALID", "identifiers[1]"),
        (6, "CUSTOMER_NOT_FOUND", "identifiers"),
        (7, "FIELD_INVALID", "attributes.display_name"),
        (9, "FIELD_INVALID", "attributes.fields[colour]"),
        (10, "CREATED", ""),
    ] == [(one.line, outcome(one), one.field) for one in results]
    assert all(bool(one.message) != bool(one.customer_id) for one in results)
    assert 2 == await platform.database.customers.count_documents({})


async def test_a_batch_sent_again_has_the_same_answer_and_other_content_is_refused(
    platform: Platform,
) -> None:
    """Also when its rows would be rejected, or come to something else, by now."""
    partner = platform.client()
    sent = batch([row(1, ("member", "a")), row(2), row(3, ("member", "b"), ("member", "a"))])
    first = await send(platform, partner, sent)
    assert ["CREATED", "FIELD_INVALID", "LINKED"] == [outcome(one) for one in first]
    assert first == await send(platform, partner, sent)
    assert 1 == await platform.database.customers.count_documents({})
    other = batch([row(1, ("member", "c"))], sent.request_id)
    await refused(send(platform, partner, other), Code.REQUEST_CONFLICT, "request_id")
    many = batch([row(n, ("member", str(n))) for n in range(1_001)])
    await refused(send(platform, partner, many), Code.BATCH_TOO_LARGE, "customers")
    for role in (Role.CUSTOMER, Role.STAFF, Role.MARKETER):
        caller = platform.client(role)
        with pytest.raises(RpcFailure, match=Code.ROLE_NOT_ALLOWED.value):
            await send(platform, caller, sent)


async def test_history_is_computed_at_the_end_of_its_import_and_told_to_no_campaign(
    platform: Platform,
) -> None:
    """Customers and events of one import, whose replay carries the cause BACKFILL."""
    partner, fake = platform.client(), platform.segmentation
    results = await send(
        platform, partner, batch([row(1, ("member", "a")), row(2, ("member", "b"))])
    )
    ids = {one.customer_id for one in results}
    request = event_pb.RecordEventsRequest(
        import_id=IMPORT_ID, events=[event("member", "a"), event("device", "visitor")]
    )
    recorded = await partner.call(partner.events.RecordEvents, request)
    assert ([], False) == (list(recorded.changes), recorded.changes_pending)
    visitor = (await partner.find("device", "visitor")).customer_id
    assert ([], []) == (fake.evaluated, fake.replayed)
    assert not await platform.nothing_open()
    assert 2 == await finish(platform, partner)
    assert 0 == await finish(platform, partner)
    await eventually(platform.nothing_open)
    assert (ids | {visitor}, {_BACKFILL}) == (
        fake.replayed_ids,
        {cause for _, cause in fake.replayed},
    )
    customer = platform.client(Role.CUSTOMER, subject=results[0].customer_id)
    await refused(
        customer.call(customer.events.RecordEvents, request), Code.FIELD_INVALID, "import_id"
    )
    await partner.record(event("member", "a"))
    assert {results[0].customer_id} == {
        one.customer_id for sent in fake.evaluated for one in sent.customers
    }
