"""Reading a part of many customers."""

from __future__ import annotations

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.errors import Code

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
