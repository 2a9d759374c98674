"""Explanations over the wire, in words, and rules that come as trees."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dangol.segmentation.v1 import rule_pb2
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.segmentation.fake_profile import DAY_MS, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant

RULE = "count(purchase, 90d) >= 2 and not consent.email"


async def ask(tenant: Tenant, language: str = "") -> pb.ExplainMembershipResponse:
    """Why ann is a big buyer."""
    request = pb.ExplainMembershipRequest(customer_id="ann", segment_id="buyers", language=language)
    answer: pb.ExplainMembershipResponse = await tenant.ask(
        tenant.replica.segments.ExplainMembership, request
    )
    return answer


async def test_words_are_in_the_tenants_language_unless_another_is_asked_for(
    shop: Tenant,
) -> None:
    """Every node has its sentence, and the whole its summary."""
    await shop.define("buyers", RULE)
    now_ms = wall_ms()
    await shop.send("ann", keyed("purchase", now_ms - DAY_MS))
    korean, english = await ask(shop), await ask(shop, "en")
    count, negation = korean.explanation.children
    assert (
        "최근 90일 동안 구매 1회 (조건: 2회 이상). 충족하지 않으며, 시간이 지나는 것만으로는 바뀌지"
        " 않습니다. 1회 더 있으면 충족됩니다."
    ) == count.words
    assert count.words in [one.words for one in (await ask(shop, "ko")).explanation.children]
    assert negation.children[0].words.startswith("이메일 마케팅 수신 동의하지 않음 (조건: 동의).")
    assert korean.summary.startswith("세그먼트에 속해 있지 않습니다. 이유: 최근 90일 동안 구매 1회")
    assert (
        "Not in the segment, because: 1 purchase in the last 90 days (needs at least 2)."
        " Time alone will not change that."
    ) == english.summary
    await shop.send("ann", keyed("purchase", now_ms))
    entered = await ask(shop, "en")
    assert entered.member
    assert entered.summary.startswith("In the segment since ")
    assert (now_ms - DAY_MS + 90 * DAY_MS) == entered.next_flip_at.ToMilliseconds()


def nested(levels: int) -> rule_pb2.RuleNode:
    """not not not ..."""
    node = rule_pb2.RuleNode()
    nest(node, levels)
    return node


def nest(node: rule_pb2.RuleNode, levels: int) -> None:
    """Puts not after not into a node, however deep; copying such a message would fail."""
    for _ in range(levels):
        node = node.negation
    node.has_tag = "x"


def wide(count: int) -> rule_pb2.RuleNode:
    """Very many conditions."""
    node = rule_pb2.RuleNode()
    for _ in range(count):
        node.all_of.parts.add().has_tag = "x"
    return node


HOSTILE: list[tuple[Callable[[], rule_pb2.RuleNode], str]] = [
    (lambda: nested(90), "rule_tree" + ".negation" * 17),
    (lambda: wide(100_000), "rule_tree.all_of"),
    (rule_pb2.RuleNode, "rule_tree"),
    (lambda: rule_pb2.RuleNode(in_segment='x" or '), "rule_tree.in_segment"),
    (lambda: rule_pb2.RuleNode(has_tag="\u202e"), "rule_tree.has_tag"),
]


@pytest.mark.parametrize(("make", "field"), HOSTILE)
async def test_a_hostile_tree_is_refused_at_its_node(
    shop: Tenant, make: Callable[[], rule_pb2.RuleNode], field: str
) -> None:
    """By name, in a preview as in a definition."""
    node = make()
    segment = pb.Segment(segment_id="odd", rule_tree=node)
    request_id = "8f6f9c1e-33c5-4d32-9a5f-0c4a1d2f3b4c"
    calls = (
        (shop.replica.segments.PreviewSegment, pb.PreviewSegmentRequest(rule_tree=node), ""),
        (
            shop.replica.segments.CreateSegment,
            pb.CreateSegmentRequest(segment=segment, request_id=request_id),
            "segment.",
        ),
    )
    for method, request, prefix in calls:
        with pytest.raises(RpcFailure) as raised:
            await shop.ask(method, request)
        assert Code.RULE_INVALID == raised.value.code
        ((name, _),) = raised.value.violations
        assert name.startswith(prefix + field)


async def test_a_tree_too_deep_to_be_read_is_refused_as_well(shop: Tenant) -> None:
    """Protobuf itself reads a hundred levels; beyond them the answer is typed all the same."""
    request = pb.PreviewSegmentRequest()
    nest(request.rule_tree, 150)
    with pytest.raises(RpcFailure) as raised:
        await shop.ask(shop.replica.segments.PreviewSegment, request)
    assert Code.FIELD_INVALID == raised.value.code
