"""What roles are shown of a customer, and the log of what was shown in plain."""

from __future__ import annotations

from typing import Any

from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code
from profile_service.config import ProfileConfig
from profile_service.insight_job import run

from tests.integration.profile.harness import OTHER, SHOP, Client, Platform, event
from tests.integration.profile.privacy.test_export import export
from tests.integration.profile.record.recording import refused, update

NAME, ADDRESS = "김카나리", "서울시 카나리로 1"


async def _log(platform: Platform, tenant_id: str = SHOP, **options: Any) -> list[pb.Reading]:
    stub: Any = PrivacyServiceStub(platform.channel)
    client = platform.client(Role.ADMIN, tenant_id)
    found: list[pb.Reading] = []
    while True:
        answer = await client.call(stub.ListReadings, pb.ListReadingsRequest(**options))
        found += answer.readings
        if not answer.next_page_token:
            return found
        options["page_token"] = answer.next_page_token


async def _everywhere(
    client: Client, customer_id: str, *, lists: bool = True
) -> list[customers_pb.Customer]:
    """The customer as each method that reads customers answers her; not every role lists them."""
    ids = [customer_id]
    batch = customers_pb.BatchGetCustomersRequest(customer_ids=ids)
    listed = customers_pb.ListCustomersRequest(tag="told")
    found = [await client.get(customer_id), await client.find("member", "m-1")]
    found += (await client.call(client.customers.BatchGetCustomers, batch)).customers
    if lists:
        found += (await client.call(client.customers.ListCustomers, listed)).customers
    return found


async def test_roles_are_shown_what_they_need_and_what_is_plain_is_written_down(
    platform: Platform, settings: ProfileConfig
) -> None:
    """Staff read the note, others stars; each answer in plain has its line, without a word of it,
    for the tenant's admins; the customer is told when and by which role; a merge hides none."""
    partner, admin = platform.client(), platform.client(Role.ADMIN, subject="chief")
    staff = platform.client(Role.STAFF, subject="clerk")
    attributes: dict[str, Any] = {"postal_address": ADDRESS, "birth_date": "1990-05-17"}
    made = await partner.identify(
        ("member", "m-1"), display_name=NAME, note="문 앞", tags=["told"], **attributes
    )
    kim = made.customer.customer_id
    assert ("김**리", ["display_name", "birth_date", "postal_address", "note"]) == (
        made.customer.display_name,
        list(made.customer.masked),
    )
    for one in await _everywhere(partner, kim, lists=False):
        assert ("김**리", "", "", "") == (
            one.display_name,
            one.birth_date,
            one.postal_address,
            one.note,
        )
    for one in await _everywhere(staff, kim):
        assert ("김**리", "문 앞", "") == (one.display_name, one.note, one.postal_address)
    for one in await _everywhere(admin, kim):
        assert (NAME, ADDRESS, []) == (one.display_name, one.postal_address, list(one.masked))
    herself = platform.client(Role.CUSTOMER, subject=kim)
    assert NAME == (await herself.get(kim)).display_name
    back = update(made.customer, "display_name", display_name=made.customer.display_name)
    await refused(
        partner.call(partner.customers.UpdateCustomer, back),
        Code.FIELD_INVALID,
        "customer.display_name",
    )

    search = event("member", "m-1", "search")
    search.properties["query"].text = "canary-query"
    await partner.record(search, event("member", "m-1", "purchase", amount=500))
    await staff.timeline(kim)
    log = await _log(platform, customer_id=kim, page_size=3)
    methods = ("ListCustomers", "BatchGetCustomers", "GetCustomer", "GetCustomer")
    whole = ("birth_date", "display_name", "note", "postal_address")
    assert [
        ("staff:clerk", "ListTimeline", ("properties",)),
        *(("admin:chief", method, whole) for method in methods),
        *(("staff:clerk", method, ("note",)) for method in methods),
    ] == [(one.caller, one.method, tuple(one.fields)) for one in log]
    assert [] == await _log(platform, OTHER)
    stored = str([one async for one in platform.database.readings.find()])
    assert not [one for one in (NAME, ADDRESS, "1990-05-17", "canary", "문 앞") if one in stored]

    assert await run(settings)
    exported = await export(platform, kim)
    assert (1, 1, 500) == tuple(
        piece[name]
        for section, piece in exported
        if section == "standing"
        for name in ("place", "orderCount", "revenue")
    )
    told = [piece for section, piece in exported if section == "reading"]
    assert ["ExportCustomer", "ListTimeline"] == [one["method"] for one in told][:2]
    assert {"admin", "staff"} == {one["role"] for one in told}


async def test_nothing_is_shown_whose_line_the_log_refuses(platform: Platform) -> None:
    """Although the line is written while the rest of the answer is still read."""
    admin = platform.client(Role.ADMIN)
    made = (await platform.client().identify(("member", "m-1"), display_name=NAME)).customer
    database = platform.database
    await database.command("collMod", "readings", validator={"never": {"$exists": True}})
    try:
        for paths in ([], ["display_name"]):
            request = customers_pb.BatchGetCustomersRequest(customer_ids=[made.customer_id])
            request.read_mask.paths.extend(paths)
            await refused(
                admin.call(admin.customers.BatchGetCustomers, request), Code.INTERNAL, None
            )
        request.read_mask.paths[:] = ["tier"]
        answer = await admin.call(admin.customers.BatchGetCustomers, request)
        assert [made.customer_id] == [one.customer_id for one in answer.customers]
    finally:
        await database.command("collMod", "readings", validator={})
