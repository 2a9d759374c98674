"""What other services read: histories, touched customers, purchases."""

from __future__ import annotations

import time

import pytest
from dangol.profile.v1 import event_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import OCCURRED_SECONDS, Platform, event


async def test_a_history_is_what_segmentation_was_told_in_order_of_time(
    platform: Platform,
) -> None:
    """The same keys, times and contents as the deltas, whatever order they came in."""
    partner = platform.client()
    batch = [
        event("member", "m-1", "purchase", at_seconds=OCCURRED_SECONDS - number, amount=number)
        for number in range(10)
    ]
    batch[4].properties["size"].text = "XL"
    batch[5].items.add(product_id="p-1", category="shoes", quantity=2, amount_minor_units=5)
    await partner.record(*batch)
    told = platform.segmentation.evaluated[0].customers[0]
    (history,) = await platform.client(Role.SERVICE).history(told.customer_id)
    expected = sorted(told.events, key=lambda one: one.evaluated_at_ms)
    assert expected == list(history.events)
    assert told.profile == history.profile


async def test_all_histories_come_in_order_of_id_and_can_be_resumed(platform: Platform) -> None:
    """Only of the caller's tenant, and only the types asked for."""
    partner = platform.client()
    await partner.record(
        *(
            event("member", f"m-{number}", kind)
            for number in range(60)
            for kind in ("visit", "login")
        )
    )
    service = platform.client(Role.SERVICE)
    everyone = [one.customer_id for one in await service.history()]
    assert (60, sorted(everyone)) == (len(everyone), everyone)
    request = pb.StreamHistoryRequest(start_after_customer_id=everyone[29], event_types=["login"])
    stream = service.events.StreamHistory(request, metadata=service.metadata, timeout=60)
    rest = [one async for one in stream]
    assert everyone[30:] == [one.customer_id for one in rest]
    assert {("login",)} == {tuple(keyed.event.type for keyed in one.events) for one in rest}


async def test_a_sample_holds_customers_once_and_all_of_them_alike(platform: Platform) -> None:
    """As many as asked for, or everyone, beginning anywhere, with the types asked for."""
    partner = platform.client()
    await partner.record(
        *(
            event("member", f"m-{number}", kind)
            for number in range(120)
            for kind in ("visit", "login")
        )
    )
    service = platform.client(Role.SERVICE)
    everyone = {one.customer_id for one in await service.history()}

    async def sample(size: int) -> list[str]:
        request = pb.StreamHistoryRequest(sample_size=size, event_types=["login"])
        stream = service.events.StreamHistory(request, metadata=service.metadata, timeout=60)
        found = [one async for one in stream]
        assert {("login",)} == {tuple(keyed.event.type for keyed in one.events) for one in found}
        return [one.customer_id for one in found]

    for size in (119, 120, 1_000):
        found = await sample(size)
        assert min(size, 120) == len(found) == len(set(found))
        assert set(found) <= everyone
    # Were the first ones drawn alone, or any left out, 30 samples of a half would show it: that a
    # customer is in none or in all of them has a chance of two to the power of minus 29.
    drawn = [set(await sample(60)) for _ in range(30)]
    assert everyone == set.union(*drawn)
    assert set() == set.intersection(*drawn)


async def test_customers_touched_since_a_time_are_listed_in_pages(platform: Platform) -> None:
    """From the intents, whether completed or not."""
    partner = platform.client()
    for number in range(5):
        await partner.record(event("member", f"m-{number}"))
    service = platform.client(Role.SERVICE)
    expected = {one.customer_id for one in await service.history()}
    seen: list[str] = []
    token = ""
    while True:
        request = pb.ListTouchedCustomersRequest(page_size=2, page_token=token)
        request.since.seconds = int(time.time()) - 3600
        page = await service.call(service.events.ListTouchedCustomers, request)
        seen += page.customer_ids
        token = page.next_page_token
        if not token:
            break
    assert (5, expected) == (len(seen), set(seen))
    request = pb.ListTouchedCustomersRequest()
    request.since.seconds = int(time.time()) + 3600
    page = await service.call(service.events.ListTouchedCustomers, request)
    assert [] == list(page.customer_ids)


async def test_purchases_are_measured_in_each_customers_own_window(platform: Platform) -> None:
    """Start inclusive, end exclusive; only purchases count; unknown customers bought nothing."""
    partner = platform.client()
    at = OCCURRED_SECONDS
    customer = (await partner.identify(("member", "m-1"), ("device", "d-1"))).customer
    await partner.record(
        event("member", "m-1", "purchase", at_seconds=at, amount=1),
        event("device", "d-1", "purchase", at_seconds=at + 10, amount=10),
        event("member", "m-1", "purchase", at_seconds=at + 20, amount=100),
        event("member", "m-1", "return", at_seconds=at + 15, amount=1000),
    )
    request = pb.MeasurePurchasesRequest()
    wanted = [
        (customer.customer_id, at, at + 20),
        (customer.customer_id, at + 1, at + 21),
        ("u_unknown", at, at + 21),
        (customer.customer_id, at + 5, at + 5),
    ]
    for customer_id, start, end in wanted:
        window = request.windows.add(customer_id=customer_id)
        window.start_time.seconds = start
        window.end_time.seconds = end
    response = await platform.client(Role.SERVICE).call(partner.events.MeasurePurchases, request)
    figures = [(one.order_count, one.revenue_minor_units) for one in response.figures]
    assert [(2, 11), (2, 110), (0, 0), (0, 0)] == figures


async def test_histories_are_for_services_only(platform: Platform) -> None:
    """Not even an admin reads them."""
    admin = platform.client(Role.ADMIN)
    request = pb.ListTouchedCustomersRequest()
    request.since.seconds = 1
    with pytest.raises(RpcFailure) as refused:
        await admin.call(admin.events.ListTouchedCustomers, request)
    assert Code.ROLE_NOT_ALLOWED is refused.value.code
