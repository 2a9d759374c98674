"""What is asked of services follows what a query names."""

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

from dangol.segmentation.v1 import segment_service_pb2 as segments_pb

from tests.integration.gateway.conftest import found_tenant
from tests.integration.gateway.in_process import Calls, gateway


class Masks(Calls):
    """Keeps which fields of segments are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[set[str]] = []

    async def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        """Looks, and changes nothing."""
        if isinstance(request, segments_pb.BatchGetSegmentsRequest):
            self.asked.append(set(request.read_mask.paths))
        return await super().intercept_unary_unary(continuation, client_call_details, request)


async def test_of_segments_nothing_is_counted_that_the_query_does_not_name(
    frontend: Any, stack: Any
) -> None:
    """Members, progress and tree take work; whatever names them, in whichever place, gets them."""
    await found_tenant(stack, "masked", "세는 가게")
    shop = dataclasses.replace(frontend, tenant="masked")
    await shop.create_segment("visitors", "count(visit) >= 1")
    visit = {
        "eventId": str(uuid.uuid4()),
        "customer": {"namespace": "member", "value": "m1"},
        "type": "visit",
        "occurredAt": "2026-01-01T00:00:00Z",
    }
    await shop.change("track", "", events=[visit])
    masks = Masks()
    dear = {"member_count", "backfill", "rule_tree"}
    async with gateway(shop.stack, masks) as ask:
        for text in (
            "{ segment(id: $id) { id rule version displayName } }",
            "{ segment(id: $id) { id memberCount } }",
            "{ segment(id: $id) { ...Tree } } fragment Tree on Segment { ruleTree }",
            "{ segment(id: $id) { memberCount ruleTree backfill { customersDone } } }",
        ):
            answer = await ask(shop.token(), f"query($id: ID!) {text}", id="visitors")
            assert "errors" not in answer, answer["errors"]
            found = answer["data"]["segment"]
            assert 1 == found.get("memberCount", 1)
            assert found.get("ruleTree", {"a": "tree"})
    expected = [set(), {"member_count"}, {"rule_tree"}, dear]
    assert expected == [asked & dear for asked in masks.asked]
