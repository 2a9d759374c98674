"""Segments as frontends build, preview, install, compare and explain them."""

import asyncio
import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from dangol_service_kit.auth import Role

SAVED = """... on SegmentSuccess { segment {
  id rule ruleTree version starterId displayName(language: "en") description(language: "en")
  warnings { message } backfill { customersDone customersTotal } memberCount } }
  ... on SegmentRefused { line column hint }"""
PREVIEW = """query($rule: String, $ruleTree: RuleTree, $sampleSize: Int) {
  previewSegment(rule: $rule, ruleTree: $ruleTree, sampleSize: $sampleSize) {
    ... on SegmentPreview { rule exact memberCount memberCountMin memberCountMax
      customersExamined customersTotal sample { customer { id } enteredAt }
      warnings { line column message } }
    ... on SegmentRefused { code field line column hint } } }"""


def _id() -> str:
    return str(uuid.uuid4())


def _tag(store_id: str) -> dict[str, Any]:
    """The tree of: count(purchase where store_id = store_id) >= 1."""
    equal = {
        "comparison": {
            "left": {"property": "store_id"},
            "comparator": "EQUAL",
            "right": {"text": store_id},
        }
    }
    return {
        "comparison": {
            "left": {"count": {"events": {"event": "purchase", "where": equal}}},
            "comparator": "GREATER_OR_EQUAL",
            "right": {"number": "1"},
        }
    }


async def _preview(frontend: Any, token: str | None = None, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await frontend.ask(PREVIEW, token, **given))["previewSegment"]
    return answer


async def test_a_rule_is_tried_before_it_is_saved(frontend: Any) -> None:
    """As text or as tree alike: how many, whether exactly, and some of them."""
    for member in ("mia", "nia", "oda"):
        await frontend.buy(member, storeId="preview")
    rule = 'count(purchase where store_id = "preview") >= 1'
    by_text = await _preview(frontend, rule=rule, sampleSize=2)
    assert by_text["rule"] == rule
    assert by_text["exact"] is True
    counts = [by_text[f"memberCount{end}"] for end in ("", "Min", "Max")]
    assert counts == [3, 3, 3]
    assert by_text["customersExamined"] == by_text["customersTotal"] >= 3
    found = {one["customer"]["id"] for one in by_text["sample"]}
    assert len(found) == 2
    assert found <= {await frontend.customer_id(member) for member in ("mia", "nia", "oda")}
    by_tree = await _preview(frontend, ruleTree=_tag("preview"))
    assert (by_tree["rule"], by_tree["memberCount"]) == (rule, 3)


async def test_a_preview_tells_what_is_wrong(frontend: Any) -> None:
    """In the text by line and column, in the tree by its path; what is odd is a warning."""
    wrong = await _preview(frontend, rule="count(purchase) >= 1 and\ncuont(visit) = 0")
    assert (wrong["code"], wrong["line"], wrong["column"]) == ("RULE_INVALID", 2, 1)
    assert "count" in wrong["hint"]
    tree = _tag("x")
    tree["comparison"]["comparator"] = "ABOUT"
    bad = await _preview(frontend, ruleTree=tree)
    assert (bad["code"], bad["field"]) == ("FIELD_INVALID", "ruleTree.comparison.comparator")
    neither = await _preview(frontend)
    assert neither["code"] in ("FIELD_INVALID", "RULE_INVALID")
    odd = await _preview(frontend, rule="count(never_sent) >= 1")
    assert odd["memberCount"] == 0
    assert [one["line"] for one in odd["warnings"]] == [1]
    assert "never_sent" in odd["warnings"][0]["message"]


async def test_only_those_who_define_segments_preview_them(frontend: Any) -> None:
    """A customer does not learn about others this way."""
    await frontend.buy("pia")
    token = frontend.token(Role.CUSTOMER, await frontend.customer_id("pia"))
    for query in (
        '{ previewSegment(rule: "count(purchase) >= 1") { __typename } }',
        "{ starterSegments { id } }",
        '{ segmentOverlap(ids: ["a", "b"]) { pairs { memberCount } } }',
    ):
        answer = await frontend.run(query, token)
        assert answer["errors"][0]["extensions"]["code"] == "ROLE_NOT_ALLOWED"


async def test_a_report_says_what_members_bought(frontend: Any) -> None:
    """Of one member with two orders; staff and partners are not told."""
    await frontend.buy("rae", storeId="report")
    await frontend.buy("rae", storeId="report")
    await frontend.create_segment("reported", 'count(purchase where store_id = "report") >= 2')
    span = 'startTime: "2025-12-01T00:00:00Z", endTime: "2026-02-01T00:00:00Z"'
    query = f"""{{ segment(id: "reported") {{ memberCount report({span}, limit: 1) {{
        memberCount measuredCount buyerCount orderCount revenue {{ currencyCode }}
        products {{ id }} categories {{ id }} responses {{ eventType eventCount }} }} }} }}"""
    while (await frontend.ask(query))["segment"]["memberCount"] != 1:
        await asyncio.sleep(0.05)
    report = (await frontend.ask(query))["segment"]["report"]
    counts = ("memberCount", "measuredCount", "buyerCount", "orderCount")
    assert [1, 1, 1, 2] == [report[name] for name in counts]
    assert ("KRW", 8) == (report["revenue"]["currencyCode"], len(report["responses"]))
    for role in (Role.STAFF, Role.PARTNER):
        answer = await frontend.run(query, frontend.token(role))
        assert answer["errors"][0]["extensions"]["code"] == "ROLE_NOT_ALLOWED"


async def test_a_segment_is_built_from_a_tree(frontend: Any) -> None:
    """It answers text and tree, and one of a list as well."""
    await frontend.buy("quin", storeId="tree")
    given = {
        "segmentId": "from-tree",
        "ruleTree": _tag("tree"),
        "displayNames": [{"language": "en", "text": "From a tree"}],
        "descriptions": [{"language": "en", "text": "They came to one store."}],
    }
    saved = await frontend.change("createSegment", SAVED, requestId=_id(), **given)
    segment = saved["segment"]
    assert segment["rule"] == 'count(purchase where store_id = "tree") >= 1'
    assert segment["ruleTree"] == _tag("tree")
    assert (segment["displayName"], segment["description"], segment["starterId"]) == (
        "From a tree",
        "They came to one store.",
        None,
    )
    listed = await frontend.ask("{ segments(first: 100) { nodes { id ruleTree } } }")
    trees = {one["id"]: one["ruleTree"] for one in listed["segments"]["nodes"]}
    assert trees["from-tree"] == _tag("tree")
    changed = await frontend.change(
        "updateSegment",
        SAVED,
        requestId=_id(),
        segmentId="from-tree",
        version=segment["version"],
        rule='count(purchase where store_id = "tree") >= 2',
    )
    assert changed["segment"]["ruleTree"]["comparison"]["right"] == {"number": "2"}


async def test_ready_segments_are_installed_copied_and_changed(frontend: Any) -> None:
    """Each once; what the tenant made of it stays when all are installed again."""
    query = """{ starterSegments { id installed rule displayName(language: "ko")
      description(language: "en") displayNames { language } } }"""
    starters = (await frontend.ask(query))["starterSegments"]
    assert len(starters) == 26
    assert {len(one["displayNames"]) for one in starters} == {2}
    assert all(one["rule"] and one["displayName"] and one["description"] for one in starters)
    wanted = [one["id"] for one in starters if "in segment(" not in one["rule"]][:2]
    installed = """... on InstallStarterSegmentsSuccess {
      installed { id starterId rule } keptSegmentIds }"""
    first = await frontend.change(
        "installStarterSegments", installed, requestId=_id(), starterIds=wanted
    )
    assert [one["starterId"] for one in first["installed"]] == wanted
    again = await frontend.change(
        "installStarterSegments", installed, requestId=_id(), starterIds=wanted
    )
    assert (again["installed"], sorted(again["keptSegmentIds"])) == ([], sorted(wanted))
    known = {
        one["id"] for one in (await frontend.ask(query))["starterSegments"] if one["installed"]
    }
    assert set(wanted) <= known
    copy = await frontend.change(
        "copySegment",
        SAVED,
        requestId=_id(),
        sourceSegmentId=wanted[0],
        segmentId="our-own",
        displayNames=[{"language": "en", "text": "Our own"}],
    )
    assert (copy["segment"]["rule"], copy["segment"]["displayName"]) == (
        first["installed"][0]["rule"],
        "Our own",
    )
    missing = await frontend.change(
        "copySegment", SAVED, requestId=_id(), sourceSegmentId="nothing", segmentId="our-other"
    )
    assert missing["code"] == "SEGMENT_NOT_FOUND"


async def test_sizes_and_overlaps_are_counted(frontend: Any) -> None:
    """Today's size is the present one; the overlap is that of the moment."""
    await frontend.create_segment("left", 'count(purchase where store_id = "left") >= 1')
    await frontend.create_segment("right", 'count(purchase where store_id = "right") >= 1')
    await frontend.settle()
    for member, stores in (("rex", ["left"]), ("sue", ["left", "right"]), ("tom", ["right"])):
        for store in stores:
            await frontend.buy(member, storeId=store, occurredAt=_now())
    query = """query($first: Date, $last: Date) {
      segment(id: "left") { memberCount sizes(firstDate: $first, lastDate: $last) {
        date memberCount entered exited }
        overlap(segmentIds: ["right"]) { firstSegmentId secondSegmentId memberCount } }
      segmentOverlap(ids: ["left", "right"]) {
        segments { segmentId memberCount segment { memberCount } }
        pairs { firstSegmentId secondSegmentId memberCount } } }"""
    today = dt.datetime.now(ZoneInfo("Asia/Seoul")).date()
    data = await frontend.ask(
        query, first=(today - dt.timedelta(days=2)).isoformat(), last=today.isoformat()
    )
    sizes = data["segment"]["sizes"]
    assert [one["date"] for one in sizes] == [
        (today - dt.timedelta(days=days)).isoformat() for days in (2, 1, 0)
    ]
    assert [one["memberCount"] for one in sizes] == [0, 0, 2]
    assert sizes[2] == {"date": today.isoformat(), "memberCount": 2, "entered": 2, "exited": 0}
    pair = {"firstSegmentId": "left", "secondSegmentId": "right", "memberCount": 1}
    assert data["segment"]["overlap"] == [pair]
    assert data["segmentOverlap"] == {
        "segments": [
            {"segmentId": "left", "memberCount": 2, "segment": {"memberCount": 2}},
            {"segmentId": "right", "memberCount": 2, "segment": {"memberCount": 2}},
        ],
        "pairs": [pair],
    }
    usual = await frontend.ask('{ segment(id: "left") { sizes { memberCount } } }')
    assert len(usual["segment"]["sizes"]) == 30
    backwards = await frontend.run(query, first="2026-02-02", last="2026-02-01")
    assert backwards["errors"][0]["extensions"]["code"] == "FIELD_INVALID"


async def test_an_explanation_is_told_in_words(frontend: Any) -> None:
    """In Korean or in English, the whole and each part of it."""
    await frontend.create_segment("wordy", 'count(purchase where store_id = "w", 30d) >= 1')
    await frontend.settle()
    await frontend.buy("uma", storeId="w", occurredAt=_now())
    query = """query($id: ID!, $language: ExplanationLanguage) { customer(id: $id) {
      explain(segmentId: "wordy", language: $language) {
        member summary nextFlipAt parts { text words holds } } } }"""
    customer_id = await frontend.customer_id("uma")
    told = {
        language: (await frontend.ask(query, id=customer_id, language=language))["customer"]
        for language in ("KO", "EN", None)
    }
    korean, english, usual = (told[language]["explain"] for language in ("KO", "EN", None))
    assert english["member"] is True
    assert english["nextFlipAt"] is not None
    assert korean["summary"] == usual["summary"] != english["summary"]
    assert all(part["words"] for part in [*korean["parts"], *english["parts"]])
    assert any("\uac00" <= letter <= "\ud7a3" for letter in korean["summary"])
    assert english["summary"].isascii()


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
