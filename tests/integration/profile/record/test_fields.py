"""Fields that tenants declare."""

from __future__ import annotations

import asyncio
import uuid

from dangol.profile.v1 import field_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code

from tests.integration.profile.harness import OTHER, Client, Platform
from tests.integration.profile.record.recording import change, declare, refused, update


async def _names(client: Client) -> list[tuple[str, bool]]:
    response = await client.call(client.fields.ListFields, pb.ListFieldsRequest())
    return [(one.name, one.retired) for one in response.fields]


async def test_declared_fields_are_the_only_ones_and_have_their_type(platform: Platform) -> None:
    """From the first declaration on, for that tenant alone; nothing is changed when refused."""
    admin = platform.client(Role.ADMIN)
    held = (await admin.identify(("member", "m-1"))).customer
    free = update(held, "fields.anything")
    free.customer.fields["anything"].text = "goes"
    held = await change(admin, free)

    await declare(admin, "size", pb.FIELD_TYPE_NUMBER)
    await declare(admin, "style", pb.FIELD_TYPE_CHOICE, options=["plain", "bold"])
    await declare(admin, "allergy", pb.FIELD_TYPE_TEXT, personal=True)
    for name, text in (("sise", "270"), ("size", "large"), ("style", "loud"), ("allergy", "x")):
        wrong = update(held, f"fields.{name}")
        wrong.customer.fields[name].text = text
        await refused(change(admin, wrong), Code.FIELD_INVALID, f"customer.fields[{name}]")
        created = admin.identify(("member", "m-2"), fields=dict(wrong.customer.fields))
        await refused(created, Code.FIELD_INVALID, f"attributes.fields[{name}]")
    right = update(held, "fields.size", "fields.style", "personal_fields.allergy")
    right.customer.fields["size"].number = "270.5"
    right.customer.fields["style"].text = "bold"
    right.customer.personal_fields["allergy"].text = "nuts"
    after = await change(admin, right)
    assert {"anything", "size", "style"} == set(after.fields)
    gone = await change(admin, update(after, "fields.anything"))
    assert {"size", "style"} == set(gone.fields)

    other = platform.client(Role.ADMIN, OTHER)
    theirs = (await other.identify(("member", "m-1"))).customer
    loose = update(theirs, "fields.sise")
    loose.customer.fields["sise"].text = "x"
    assert {"sise"} == set((await change(other, loose)).fields)
    assert [] == await _names(other)


async def test_a_retired_field_stays_readable_and_cannot_be_set(platform: Platform) -> None:
    """Until it is declared again; its type stays."""
    admin = platform.client(Role.ADMIN)
    await declare(admin, "size", pb.FIELD_TYPE_NUMBER)
    held = (await admin.identify(("member", "m-1"))).customer
    request = update(held, "fields.size")
    request.customer.fields["size"].number = "270"
    held = await change(admin, request)
    retire = pb.RetireFieldRequest(request_id=str(uuid.uuid4()), name="size")
    for _ in range(2):
        response = await admin.call(admin.fields.RetireField, retire)
        assert response.field.retired
    assert "270" == (await admin.get(held.customer_id)).fields["size"].number
    again = update(held, "fields.size")
    again.customer.fields["size"].number = "275"
    await refused(change(admin, again), Code.FIELD_INVALID, "customer.fields[size]")
    await refused(declare(admin, "size", pb.FIELD_TYPE_TEXT), Code.FIELD_INVALID, "field.type")
    await declare(admin, "size", pb.FIELD_TYPE_NUMBER)
    assert "275" == (await change(admin, again)).fields["size"].number
    assert [("size", False)] == await _names(platform.client(Role.MARKETER))


async def test_only_admins_declare_and_declarations_at_once_all_stay(platform: Platform) -> None:
    """One document a tenant, changed under its version; a used request id has one meaning."""
    admin, partner = platform.client(Role.ADMIN), platform.client()
    kind = pb.FIELD_TYPE_TEXT
    await asyncio.gather(*(declare(admin, f"f{number}", kind) for number in range(6)))
    assert [(f"f{number}", False) for number in range(6)] == await _names(partner)
    denied = await refused(declare(partner, "g", kind), Code.ROLE_NOT_ALLOWED, None)
    assert "partner" in denied.message
    request_id = str(uuid.uuid4())
    first = pb.DeclareFieldRequest(request_id=request_id, field=pb.Field(name="h", type=kind))
    await admin.call(admin.fields.DeclareField, first)
    await admin.call(admin.fields.DeclareField, first)
    second = pb.DeclareFieldRequest(request_id=request_id, field=pb.Field(name="i", type=kind))
    await refused(
        admin.call(admin.fields.DeclareField, second), Code.REQUEST_CONFLICT, "request_id"
    )
