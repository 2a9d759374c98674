"""docs/rules.md: every rule on the page runs, and every story told beside it is true.

A story's line is `outcome: what happens`. Things happen a second apart, in this order.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules.literals import UNITS_MS
from dangol_rules.rules import RuleError, parse, warnings
from google.protobuf.json_format import MessageToDict
from segmentation_service.engine import EventInput, SegmentRule, compile_ruleset, replay
from segmentation_service.explain import explain_in_words
from segmentation_service.explain_words_parts import Voice
from segmentation_service.rpc_rules import tree_to_proto

from tests.unit.segmentation.customer import DAY, SECOND, T0, Customer, make_event, value_of

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
BLOCK = re.compile(r"```rule\n(.*?)```\n\n```story\n(.*?)```", re.DOTALL)
TREE = re.compile(r"```tree\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL)
EXPLAINED = re.compile(r"```explain\n(.*?)```\n\n```story\n(.*?)```\n\n(> .*?)\n## ", re.DOTALL)
STEP = re.compile(r"(?:(\d+) x )?(\w+)(?: (of|with) (.*))?")


def stories() -> list[tuple[str, str, str]]:
    """Every (rule, outcome, what happens) of the page."""
    found = []
    for rule, story in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for line in story.strip().splitlines():
            outcome, _, events = line.partition(": ")
            found.append((rule.strip(), outcome, events))
    return found


def content_of(kind: str | None, words: str | None, number: int) -> dict[str, Any]:
    """What an event carries: `of 500000`, `of shoes twice`, `with rating 2`, `with a new x`."""
    if kind is None or words is None:
        return {}
    if kind == "of":
        if words.isdigit():
            return {"amount": int(words)}
        category, _, twice = words.partition(" ")
        return {"items": [("product", category, 2 if twice else 1, 100)]}
    name, _, value = words.removeprefix("a new ").removeprefix("the same ").partition(" ")
    if words.startswith("a new "):
        return {name: f"{name}-{number}"}
    if words.startswith("the same "):
        return {name: "one"}
    return {name: int(value) if value.isdigit() else value}


def snapshot_of(words: str) -> ProfileSnapshot:
    """A profile: `tier gold tag running member employee consent marketing.email size 42.5`."""
    snapshot = ProfileSnapshot(version=1)
    snapshot.create_time.FromMilliseconds(T0)
    remaining = iter(words.split())
    for name in remaining:
        if name == "known":
            continue
        if name == "member":
            snapshot.member = True
        elif name == "employee":
            snapshot.fields[name].CopyFrom(value_of(True))
        elif name == "consent":
            snapshot.consents.append(next(remaining))
        elif name == "tag":
            snapshot.tags.append(next(remaining))
        elif name in ("tier", "region", "birthday"):
            setattr(snapshot, name, next(remaining))
        else:
            snapshot.fields[name].CopyFrom(value_of("#" + next(remaining)))
    return snapshot


def live(rule: str, events: str) -> tuple[Customer, int]:
    """Her life under the rule, and the millisecond at which the story ends."""
    steps = events.split(", ")
    profile = ProfileSnapshot()
    if steps[0].startswith("becomes "):
        profile = snapshot_of(steps.pop(0).removeprefix("becomes "))
    one = Customer(rule, profile=profile)
    one.take()
    now_ms = last_ms = 0
    for number, step in enumerate(steps):
        if step.startswith("wait "):
            count, unit = re.fullmatch(r"wait (\d+)(\w+)", step).groups()  # type: ignore[union-attr]
            now_ms = last_ms + int(count) * UNITS_MS[unit]
            one.waits(now_ms)
            last_ms = now_ms
            continue
        times, event_type, kind, words = STEP.fullmatch(step).groups()  # type: ignore[union-attr]
        for repeat in range(int(times or 1)):
            one.does(event_type, now_ms, **content_of(kind, words, number * 100 + repeat))
            last_ms = now_ms
            now_ms += SECOND
    return one, max(now_ms, last_ms)


def test_the_page_has_stories() -> None:
    """At least twenty rules with one story or more each."""
    assert len({rule for rule, _, _ in stories()}) >= 20


def test_the_rules_outside_stories_are_true_too() -> None:
    """Segments in segments, and the error shown."""
    page = PAGE.read_text(encoding="utf-8")
    rule = 'in segment("vip") and not in segment("dormant")'
    assert f"    {rule}\n" in page
    segments = [
        SegmentRule("vip", parse("count(purchase) >= 1")),
        SegmentRule("dormant", parse("since(purchase) >= 1d")),
        SegmentRule("both", parse(rule)),
    ]
    event = EventInput(b"k", T0, T0, make_event("purchase"))
    ruleset = compile_ruleset(segments, "Asia/Seoul")
    found = replay(ruleset, ProfileSnapshot(), T0, [event], T0 + 2 * DAY).transitions
    assert [(T0, True), (T0 + DAY, False)] == [
        (one.at_ms, one.entered) for one in found if one.segment_id == "both"
    ]


def test_the_errors_and_the_warning_shown_are_real() -> None:
    """Word for word."""
    page = PAGE.read_text(encoding="utf-8")
    for text in ("cuont(purchase) = 0", "count(purchase, 731d) = 0", "count(a) ≥ 3"):
        with pytest.raises(RuleError) as caught:
            parse(text)
        assert f"    {caught.value}\n" in page
    (warning,) = warnings("count(purchse) = 0")
    assert f"    line {warning.line}, column {warning.column}: {warning.message}\n" in page


def test_the_tree_shown_is_that_of_the_rule() -> None:
    """As JSON, in the contract's own form."""
    ((rule, shown),) = TREE.findall(PAGE.read_text(encoding="utf-8"))
    assert json.loads(shown) == MessageToDict(tree_to_proto(parse(rule.strip())))


def test_the_explanation_shown_is_what_she_gets() -> None:
    """Every quoted line of it, in both languages."""
    ((rule, events, quoted),) = EXPLAINED.findall(PAGE.read_text(encoding="utf-8"))
    one, now_ms = live(rule.strip(), events.strip())
    said = []
    for language in ("en", "ko"):
        voice = Voice(language, ZoneInfo("Asia/Seoul"), "KRW", 0)
        answer = explain_in_words(one.ruleset, one.state, "a", T0 + now_ms, voice)
        said += [answer.summary, *(child.words for child in answer.why.children)]
    lines = [line.removeprefix("> ") for line in quoted.splitlines() if line.startswith("> ")]
    assert 3 == len(lines)
    for line in lines:
        assert line in said


@pytest.mark.parametrize(("rule", "outcome", "events"), stories())
def test_a_story_of_the_page_is_true(rule: str, outcome: str, events: str) -> None:
    """She enters and is in, leaves and is out, stays in, or never was in at the end."""
    one, _ = live(rule, events)
    member, stints = "a" in one.segments(), one.state.last_stint("a")
    expected = {
        "enters": (True, True),
        "stays in": (True, True),
        "leaves": (False, True),
        "stays out": (False, False),
    }
    if outcome == "stays out":
        assert not member
    else:
        assert expected[outcome] == (member, stints > 0)
