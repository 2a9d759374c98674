"""Ready segments: listed, installed once, copied and changed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure
from segmentation_service.starter import STARTERS

from tests.integration.segmentation.fake_profile import SHOP, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant

IDS = [one.starter_id for one in STARTERS]


async def install(tenant: Tenant, *starter_ids: str, request_id: str = "") -> Any:
    """InstallStarterSegments."""
    request = pb.InstallStarterSegmentsRequest(
        request_id=request_id or str(uuid.uuid4()), starter_ids=starter_ids
    )
    return await tenant.ask(tenant.replica.segments.InstallStarterSegments, request)


async def starters(tenant: Tenant) -> Any:
    """ListStarterSegments."""
    method = tenant.replica.segments.ListStarterSegments
    return (await tenant.ask(method, pb.ListStarterSegmentsRequest())).segments


async def copy(tenant: Tenant, source: str, segment_id: str, **fields: Any) -> Any:
    """CopySegment."""
    request = pb.CopySegmentRequest(
        request_id=fields.pop("request_id", str(uuid.uuid4())),
        source_segment_id=source,
        segment_id=segment_id,
        **fields,
    )
    return (await tenant.ask(tenant.replica.segments.CopySegment, request)).segment


async def test_all_are_installed_by_one_backfill(shop: Tenant) -> None:
    """All of them, in the tenant's words and currency, and every history is read once."""
    now_ms = wall_ms()
    for number in range(5):
        shop.profile.create(SHOP, f"c{number}", now_ms)
        shop.profile.record(SHOP, f"c{number}", keyed("visit", now_ms))
    assert not any(one.installed for one in await starters(shop))
    before = shop.profile.history_calls
    answer = await install(shop)
    assert (sorted(IDS), []) == (
        sorted(one.segment_id for one in answer.installed),
        list(answer.kept_segment_ids),
    )
    for starter_id in IDS:
        await shop.live(starter_id)
    assert before + 1 == shop.profile.history_calls
    listed = {one.starter_id: one for one in await starters(shop)}
    assert all(one.installed for one in listed.values())
    for segment in answer.installed:
        starter = listed[segment.starter_id]
        assert (segment.segment_id, starter.rule) == (segment.starter_id, segment.rule)
        assert dict(starter.display_names) == dict(segment.display_names)
        assert {"ko", "en"} == set(segment.descriptions)


async def test_the_same_request_again_installs_nothing(shop: Tenant) -> None:
    """It gives the same answer; its id with other content is refused."""
    request_id = str(uuid.uuid4())
    first = await install(shop, *IDS[:3], request_id=request_id)
    await copy(shop, IDS[0], "mine")
    again = await install(shop, *IDS[:3], request_id=request_id)
    assert [one.segment_id for one in first.installed] == [
        one.segment_id for one in again.installed
    ]
    assert {1} == {one.version for one in again.installed}
    with pytest.raises(RpcFailure) as raised:
        await install(shop, *IDS[:4], request_id=request_id)
    assert Code.REQUEST_CONFLICT == raised.value.code


async def test_what_the_tenant_has_stays_as_it_is(shop: Tenant) -> None:
    """A segment of the same id, changed or the tenant's own, is kept and named."""
    await shop.define(IDS[1], "count(visit) >= 1")
    installed = (await install(shop, IDS[0])).installed[0]
    changed = await shop.edit(installed, "count(visit) >= 2")
    answer = await install(shop)
    assert [IDS[0], IDS[1]] == sorted(answer.kept_segment_ids, key=IDS.index)
    assert len(IDS) - 2 == len(answer.installed)
    own = await shop.segment(IDS[1])
    assert ("count(visit) >= 1", 1, "") == (own.rule, own.version, own.starter_id)
    kept = await shop.segment(IDS[0])
    assert (changed.rule, changed.version, IDS[0]) == (kept.rule, kept.version, kept.starter_id)


async def test_a_ready_segment_that_does_not_exist_is_refused(shop: Tenant) -> None:
    """By name of the field, and nothing is installed."""
    with pytest.raises(RpcFailure) as raised:
        await install(shop, IDS[0], "unheard-of")
    assert (Code.FIELD_INVALID, "starter_ids") == (raised.value.code, raised.value.field)
    assert not any(one.installed for one in await starters(shop))


async def test_a_copy_has_the_rule_and_the_words(shop: Tenant) -> None:
    """Names are replaced where given; the source stays; the request may be sent twice."""
    source = (await install(shop, IDS[0])).installed[0]
    request_id = str(uuid.uuid4())
    names = {"ko": "내 사본", "en": "My copy"}
    one = await copy(shop, IDS[0], "mine", display_names=names, request_id=request_id)
    assert one == await copy(shop, IDS[0], "mine", display_names=names, request_id=request_id)
    assert (source.rule, source.at_risk, names, dict(source.descriptions), 1) == (
        one.rule,
        one.at_risk,
        dict(one.display_names),
        dict(one.descriptions),
        one.version,
    )
    other = await copy(shop, "mine", "other")
    assert names == dict(other.display_names)
    with pytest.raises(RpcFailure) as raised:
        await copy(shop, "mine", "other", request_id=str(uuid.uuid4()))
    assert Code.SEGMENT_EXISTS == raised.value.code
    with pytest.raises(RpcFailure) as raised:
        await copy(shop, "nothing", "another")
    assert Code.SEGMENT_NOT_FOUND == raised.value.code
