"""What a replica tells of itself: metrics of a real process, health and readiness in a rebuild."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol.segmentation.v1.evaluation_service_pb2 import GetReadinessRequest
from dangol_dev.servers import RedisServer
from dangol_service_kit.auth import Role
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.child import run_child, serves
from tests.integration.segmentation.fake_profile import SHOP, FakeProfile, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant, eventually, run_replica

_PACKAGE = "dangol.segmentation.v1"


async def scrape(port: int) -> str:
    """GET /metrics, without a credential."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.decode()


def value(text: str, name: str) -> float:
    """The value of a series without labels."""
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    assert found is not None, name
    return float(found[1])


async def test_a_process_tells_what_it_does(
    profile: FakeProfile, settings: SegmentationConfig, tmp_path: Path
) -> None:
    """Calls, events, deadlines and what waits, without a name of a tenant or a customer."""
    async with run_child(settings, tmp_path) as child:
        shop = Tenant(profile, child.replica, SHOP)
        await shop.define("silent", "since(visit) >= 1s")
        await shop.define("fans", "count(visit) >= 1")
        await shop.send("ann-of-the-shop", keyed("visit", wall_ms()))
        await shop.announced(2)
        text = await scrape(child.metrics_port)
    labels = f'rpc_method="{_PACKAGE}.SegmentService/CreateSegment",rpc_response_status_code="OK"'
    assert f"rpc_server_call_duration_seconds_count{{{labels}}} 2.0" in text
    assert "dangol_segmentation_deadline_lateness_seconds" in text
    prefix = "dangol_segmentation_"
    expected = {
        "partitions_ready": 64.0,
        "evaluated_events_total": 1.0,
        "deadline_lateness_seconds_count": 1.0,
        "apply_conflicts_total": 0.0,
        "backfill_customers": 0.0,
        "backfill_customers_done": 0.0,
        "rebuild_customers": 0.0,
        "rebuild_customers_done": 0.0,
        "customers_overdue": 0.0,
        "outbox_waiting": 0.0,
    }
    assert expected == {name: value(text, prefix + name) for name in expected}
    entered = 'memberships_entered_total{segment="%s"} 1.0'
    assert all(prefix + entered % segment in text for segment in ("own", "fans"))
    page = (Path(__file__).parents[3] / "docs/configuration.md").read_text()
    exposed = set(re.findall(rf"^# TYPE ({prefix}\w+)", text, re.MULTILINE))
    documented = set(re.findall(rf"`({prefix}\w+)`", page))
    assert exposed == documented
    assert not [name for name in ("ann-of", "silent", f'"{SHOP}"') if name in text]


async def test_health_and_readiness_show_a_rebuild(
    profile: FakeProfile, own_redis_settings: SegmentationConfig, redis_server: RedisServer
) -> None:
    """Services stop serving, progress is told, and what needs no state is answered."""
    await redis_server.delete_everything()
    reached, go_on = asyncio.Event(), asyncio.Event()
    async with run_replica(own_redis_settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        await shop.define("seen", "count(visit) >= 1")
        for number in range(5):
            await shop.send(f"c{number}", keyed("visit", wall_ms()))
        await shop.announced(5)
        await eventually(lambda: serves(replica.channel, f"{_PACKAGE}.SegmentService"))

        async def hold(_customer_id: str) -> None:
            reached.set()
            await go_on.wait()

        profile.before_answer = hold
        await redis_server.delete_everything()
        await shop.send("c0", keyed("visit", wall_ms()))
        await reached.wait()
        for name in ("SegmentService", "EvaluationService"):
            assert not await serves(replica.channel, f"{_PACKAGE}.{name}")
        assert await serves(replica.channel, "")
        request = GetReadinessRequest()
        told = await shop.ask(replica.evaluation.GetReadiness, request, Role.SERVICE)
        assert (False, 0, 5) == (told.ready, told.customers_rebuilt, told.customers_total)
        sizes = pb.ListSegmentSizesRequest(segment_id="seen")
        days = (await shop.ask(replica.segments.ListSegmentSizes, sizes)).sizes
        assert 5 == days[-1].member_count
        go_on.set()
        await eventually(lambda: serves(replica.channel, f"{_PACKAGE}.SegmentService"))
        told = await shop.ask(replica.evaluation.GetReadiness, request, Role.SERVICE)
        assert (True, 5, 5) == (told.ready, told.customers_rebuilt, told.customers_total)
