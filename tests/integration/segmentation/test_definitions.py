"""What a segment is defined by: text or tree, words in several languages, other segments."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from dangol.segmentation.v1 import rule_pb2
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.segmentation.fake_profile import keyed, wall_ms
from tests.integration.segmentation.harness import Tenant

BUYERS = "count(purchase, 90d) >= 2"
TREE = rule_pb2.RuleNode(
    comparison=rule_pb2.RuleComparison(
        left=rule_pb2.RuleTerm(
            count=rule_pb2.RuleMeasure(
                events=rule_pb2.RuleEvents(event="purchase"),
                window=rule_pb2.RuleWindow(older_ms=90 * 86_400_000),
            )
        ),
        comparator=rule_pb2.RULE_COMPARATOR_GREATER_OR_EQUAL,
        right=rule_pb2.RuleTerm(number="2"),
    )
)


async def create(shop: Tenant, **fields: Any) -> Any:
    """CreateSegment with any fields."""
    request = pb.CreateSegmentRequest(
        request_id=str(uuid.uuid4()), segment=pb.Segment(segment_id="buyers", **fields)
    )
    return (await shop.ask(shop.replica.segments.CreateSegment, request)).segment


async def update(shop: Tenant, segment: Any) -> Any:
    """UpdateSegment with what is given."""
    request = pb.UpdateSegmentRequest(request_id=str(uuid.uuid4()), segment=segment)
    return (await shop.ask(shop.replica.segments.UpdateSegment, request)).segment


@pytest.mark.parametrize("fields", [{"rule": "count(purchase,90d)>=2"}, {"rule_tree": TREE}])
async def test_text_and_tree_define_the_same_segment(shop: Tenant, fields: Any) -> None:
    """Both are answered, in canonical form; a list holds the text alone."""
    created = await create(shop, **fields)
    assert (BUYERS, TREE) == (created.rule, created.rule_tree)
    read = await shop.segment("buyers")
    assert (BUYERS, TREE) == (read.rule, read.rule_tree)
    both = await update(shop, read)
    assert (2, BUYERS) == (both.version, both.rule)
    listed = await shop.ask(shop.replica.segments.ListSegments, pb.ListSegmentsRequest())
    assert [(BUYERS, False)] == [(s.rule, s.HasField("rule_tree")) for s in listed.segments]


async def test_two_rules_at_once_and_none_are_refused(shop: Tenant) -> None:
    """By the name of the field."""
    with pytest.raises(RpcFailure) as raised:
        await create(shop, rule="count(visit) >= 1", rule_tree=TREE)
    assert (Code.FIELD_INVALID, "segment.rule_tree") == (raised.value.code, raised.value.field)
    with pytest.raises(RpcFailure) as raised:
        await create(shop)
    assert (Code.FIELD_INVALID, "segment.rule") == (raised.value.code, raised.value.field)


async def test_a_tree_that_is_no_rule_names_the_node(shop: Tenant) -> None:
    """The path leads to what is wrong."""
    wrong = rule_pb2.RuleNode()
    wrong.CopyFrom(TREE)
    wrong.comparison.left.count.window.older_ms = 800 * 86_400_000
    with pytest.raises(RpcFailure) as raised:
        await create(shop, rule_tree=wrong)
    assert Code.RULE_INVALID == raised.value.code
    assert str(raised.value.field).startswith("segment.rule_tree.")


async def test_words_are_kept_and_odd_events_warned_of(shop: Tenant) -> None:
    """Descriptions like names; a warning says where and what, and is no error."""
    words = {"ko": "다시 올 손님입니다.", "en": "They will be back."}
    created = await create(shop, rule="count(purhcase) >= 1", descriptions=words)
    assert (words, [(1, 7)]) == (
        dict(created.descriptions),
        [(one.line, one.column) for one in created.warnings],
    )
    assert "purchase" in created.warnings[0].message
    read = await shop.segment("buyers")
    assert (words, []) == (dict(read.descriptions), list(read.warnings))
    del read.descriptions["ko"]
    changed = await update(shop, read)
    assert ({"en": words["en"]}, 1) == (dict(changed.descriptions), len(changed.warnings))


async def test_output_only_fields_are_not_taken_over(shop: Tenant) -> None:
    """A client cannot claim that its segment is a ready one, or how many members it has."""
    created = await create(
        shop, rule=BUYERS, starter_id="vip", member_count=9, state=pb.SEGMENT_STATE_LIVE
    )
    assert ("", 0) == (created.starter_id, created.member_count)


async def test_an_edit_cannot_close_a_circle(shop: Tenant) -> None:
    """A segment that others refer to may not refer to them, or to itself."""
    first = await shop.define("first", BUYERS)
    await shop.define("second", 'in segment("first")')
    await shop.define("third", 'not in segment("second")')
    for rule in ('in segment("third")', 'in segment("first") or count(visit) >= 1'):
        with pytest.raises(RpcFailure) as raised:
            await shop.edit(first, rule)
        assert (Code.RULE_INVALID, "segment.rule") == (raised.value.code, raised.value.field)
    assert (BUYERS, 1) == ((await shop.segment("first")).rule, first.version)


async def test_an_edit_reaches_the_segments_that_refer_to_it(shop: Tenant) -> None:
    """Their members follow, though their own text stays."""
    now_ms = wall_ms()
    inner = await shop.define("inner", "count(purchase) >= 1")
    await shop.define("outer", 'not in segment("inner")')
    for number in range(3):
        await shop.send(f"c{number}", *(keyed("purchase", now_ms) for _ in range(number)))
    assert ["c0"] == await shop.members("outer")
    await shop.edit(inner, "count(purchase) >= 2")
    await shop.live("inner")
    assert (["c2"], ["c0", "c1"]) == (await shop.members("inner"), await shop.members("outer"))


async def test_a_read_mask_names_what_of_segments_comes(shop: Tenant) -> None:
    """Without one all comes, as one by one; with one what it names, and the id."""
    await create(shop, rule=BUYERS, display_names={"en": "Buyers"})
    await shop.define("visitors", "count(visit) >= 1")
    await shop.live("visitors")
    await shop.send("c1", keyed("visit", wall_ms()))
    method = shop.replica.segments.BatchGetSegments
    request = pb.BatchGetSegmentsRequest(segment_ids=["visitors", "nobody", "buyers"])
    whole = (await shop.ask(method, request)).segments
    assert [await shop.segment("visitors"), await shop.segment("buyers")] == list(whole)
    assert [(1, True), (0, True)] == [(s.member_count, s.HasField("rule_tree")) for s in whole]
    request.read_mask.paths.extend(["rule", "version"])
    part = (await shop.ask(method, request)).segments
    expected = [pb.Segment(segment_id=s.segment_id, rule=s.rule, version=s.version) for s in whole]
    assert expected == list(part)
    request.read_mask.paths.append("member_count")
    counted = (await shop.ask(method, request)).segments
    expected[0].member_count = 1
    assert expected == list(counted)
    request.read_mask.paths.append("shoe_size")
    with pytest.raises(RpcFailure) as raised:
        await shop.ask(method, request)
    assert (Code.FIELD_INVALID, "read_mask.paths[3]") == (raised.value.code, raised.value.field)
