"""Tenants and their clocks."""

from __future__ import annotations

import pytest
from dangol.profile.v1 import tenant_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import (
    LAB,
    LAB_START_SECONDS,
    OTHER,
    SHOP,
    Platform,
    event,
    outcomes,
    to_create,
)


async def test_creating_a_tenant_again_answers_the_first_and_another_content_is_refused(
    platform: Platform,
) -> None:
    """Also after its clock has moved."""
    operator = platform.client(Role.OPERATOR, "*")
    await platform.client(Role.SERVICE, LAB).set_clock(LAB_START_SECONDS + 5, LAB_START_SECONDS + 9)
    again = await operator.call(operator.tenants.CreateTenant, to_create(LAB))
    assert LAB_START_SECONDS + 5 == again.tenant.clock_now.seconds
    with pytest.raises(RpcFailure) as refused:
        await operator.call(operator.tenants.CreateTenant, to_create(SHOP, "USD"))
    assert Code.TENANT_EXISTS is refused.value.code


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Asia/Seul"}, "tenant.time_zone"),
        ({"time_zone": "../etc/passwd"}, "tenant.time_zone"),
        ({"currency_code": "won"}, "tenant.currency_code"),
        ({"tenant_id": "Shop"}, "tenant.tenant_id"),
        ({"clock_mode": pb.CLOCK_MODE_VIRTUAL}, "tenant.clock_now"),
    ],
)
async def test_a_malformed_tenant_is_refused_by_field(
    platform: Platform, change: dict[str, object], field: str
) -> None:
    """Names of zones are looked up, not only matched."""
    operator = platform.client(Role.OPERATOR, "*")
    request = to_create("new-shop")
    for name, value in change.items():
        setattr(request.tenant, name, value)
    with pytest.raises(RpcFailure) as refused:
        await operator.call(operator.tenants.CreateTenant, request)
    assert (Code.FIELD_INVALID, field) == (refused.value.code, refused.value.field)


async def test_only_operators_create_and_only_operators_and_services_list(
    platform: Platform,
) -> None:
    """Everybody else is refused."""
    admin = platform.client(Role.ADMIN)
    for method, request in (
        (admin.tenants.CreateTenant, to_create("new-shop")),
        (admin.tenants.ListTenants, pb.ListTenantsRequest()),
    ):
        with pytest.raises(RpcFailure) as refused:
            await admin.call(method, request)
        assert Code.ROLE_NOT_ALLOWED is refused.value.code


async def test_tenants_are_listed_in_pages(platform: Platform) -> None:
    """A service bound to one tenant sees that one."""
    service = platform.client(Role.SERVICE, "*")
    seen: list[str] = []
    token = ""
    while True:
        request = pb.ListTenantsRequest(page_size=2, page_token=token)
        page = await service.call(service.tenants.ListTenants, request)
        seen += [tenant.tenant_id for tenant in page.tenants]
        token = page.next_page_token
        if not token:
            break
    assert [LAB, OTHER, SHOP] == seen
    bound = await platform.client(Role.SERVICE, SHOP).call(
        service.tenants.ListTenants, pb.ListTenantsRequest()
    )
    assert [SHOP] == [tenant.tenant_id for tenant in bound.tenants]


async def test_a_virtual_clock_goes_forward_only_and_moves_the_horizon(
    platform: Platform,
) -> None:
    """Repeating a step is fine; events up to the new horizon are accepted."""
    clock = platform.client(Role.SERVICE, LAB)
    partner = platform.client(tenant_id=LAB)
    late = event("member", "m-1", at_seconds=LAB_START_SECONDS + 200_000)
    assert ["REJECTED"] == outcomes(await partner.record(late))
    step = (LAB_START_SECONDS + 100_000, LAB_START_SECONDS + 200_000)
    assert [0, 0] == [await clock.set_clock(*step), await clock.set_clock(*step)]
    assert ["RECORDED"] == outcomes(await partner.record(late))
    with pytest.raises(RpcFailure) as backwards:
        await clock.set_clock(LAB_START_SECONDS, LAB_START_SECONDS + 200_000)
    assert (Code.CLOCK_BACKWARDS, "now") == (backwards.value.code, backwards.value.field)
    with pytest.raises(RpcFailure) as inverted:
        await clock.set_clock(step[1], step[0])
    assert (Code.FIELD_INVALID, "horizon") == (inverted.value.code, inverted.value.field)


async def test_a_wall_clock_cannot_be_set(platform: Platform) -> None:
    """Nor by roles other than service and admin."""
    with pytest.raises(RpcFailure) as refused:
        await platform.client(Role.SERVICE, SHOP).set_clock(LAB_START_SECONDS, LAB_START_SECONDS)
    assert Code.CLOCK_NOT_VIRTUAL is refused.value.code
    with pytest.raises(RpcFailure) as not_allowed:
        await platform.client(Role.PARTNER, LAB).set_clock(LAB_START_SECONDS, LAB_START_SECONDS)
    assert Code.ROLE_NOT_ALLOWED is not_allowed.value.code
