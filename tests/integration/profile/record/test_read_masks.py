"""Reading a part of many customers."""

from __future__ import annotations

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code
from google.protobuf.field_mask_pb2 import FieldMask

from tests.integration.profile.harness import Platform, event
from tests.integration.profile.record.recording import refused


async def test_a_mask_names_what_comes_and_nothing_else_is_read(platform: Platform) -> None:
    """Without a mask all comes; with one, what it names, the id and the version."""
    partner = platform.client()
    made = (
        await partner.identify(("member", "m"), ("phone", "010-1234-5678"), tier="gold")
    ).customer
    await partner.record(event("member", "m", "purchase", amount=700))
    request = pb.BatchGetCustomersRequest(customer_ids=[made.customer_id, "u_nobody"])
    whole = (await partner.call(partner.customers.BatchGetCustomers, request)).customers
    assert (1, 700, ["customer", "member", "phone"]) == (
        whole[0].order_count,
        whole[0].revenue.minor_units,
        list(whole[0].identifier_namespaces),
    )
    request.read_mask.paths.extend(["tier", "member"])
    part = (await partner.call(partner.customers.BatchGetCustomers, request)).customers
    expected = pb.Customer(
        customer_id=made.customer_id, version=made.version, tier="gold", member=True
    )
    assert [expected] == list(part)
    request.read_mask.paths.append("order_count")
    counted = (await partner.call(partner.customers.BatchGetCustomers, request)).customers
    expected.order_count = 1
    assert [expected] == list(counted)
    request.read_mask.paths.append("shoe_size")
    await refused(
        partner.call(partner.customers.BatchGetCustomers, request),
        Code.FIELD_INVALID,
        "read_mask.paths[3]",
    )


async def test_a_mask_holds_for_one_customer_and_for_a_list_too(platform: Platform) -> None:
    """By id, by identifier and by the page."""
    admin = platform.client(Role.ADMIN)
    made = (await admin.identify(("member", "m"), tier="gold", tags=["vip"], note="tea")).customer
    expected = pb.Customer(customer_id=made.customer_id, version=made.version, tier="gold")
    mask = FieldMask(paths=["tier"])
    one = pb.GetCustomerRequest(customer_id=made.customer_id, read_mask=mask)
    assert expected == (await admin.call(admin.customers.GetCustomer, one)).customer
    one.identifier.namespace, one.identifier.value = "member", "m"
    assert expected == (await admin.call(admin.customers.GetCustomer, one)).customer
    page = pb.ListCustomersRequest(tag="vip", read_mask=mask)
    assert [expected] == list((await admin.call(admin.customers.ListCustomers, page)).customers)
    wrong = pb.ListCustomersRequest(read_mask=FieldMask(paths=["shoe_size"]))
    await refused(
        admin.call(admin.customers.ListCustomers, wrong),
        Code.FIELD_INVALID,
        "read_mask.paths[0]",
    )


async def test_what_is_sealed_and_not_asked_for_is_neither_opened_nor_written_down(
    platform: Platform,
) -> None:
    """Somebody whose personal attributes no key opens any more is read without them."""
    admin = platform.client(Role.ADMIN)
    made = (await admin.identify(("member", "m"), display_name="김하나", tier="gold")).customer
    await platform.database.readings.delete_many({})
    await platform.database.customers.update_one(
        {"_id.c": made.customer_id}, {"$set": {"personal": b"broken"}}
    )
    request = pb.BatchGetCustomersRequest(customer_ids=[made.customer_id])
    request.read_mask.paths.extend(["tier", "order_count"])
    answer = await admin.call(admin.customers.BatchGetCustomers, request)
    assert ["gold"] == [one.tier for one in answer.customers]
    assert 0 == await platform.database.readings.count_documents({})
    request.read_mask.paths.append("note")
    await refused(admin.call(admin.customers.BatchGetCustomers, request), Code.INTERNAL, None)
