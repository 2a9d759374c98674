"""docs/rules.md: every rule on the page runs, and every story told beside it is true.

A story's line is `outcome: what happens`. Things happen a second apart, in this order.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from segmentation_service.engine import EventInput, SegmentRule, compile_ruleset, replay
from segmentation_service.rules import RuleError, parse
from segmentation_service.rules_literals import UNITS_MS

from tests.unit.segmentation.customer import DAY, SECOND, T0, Customer, make_event, value_of

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
BLOCK = re.compile(r"```rule\n(.*?)```\n\n```story\n(.*?)```", re.DOTALL)
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
    """A profile: `tier gold tag running member shoe_size 42.5`."""
    snapshot = ProfileSnapshot(version=1)
    remaining = iter(words.split())
    for name in remaining:
        if name == "member":
            snapshot.member = True
        elif name == "tag":
            snapshot.tags.append(next(remaining))
        elif name in ("tier", "region", "birthday"):
            setattr(snapshot, name, next(remaining))
        else:
            snapshot.fields[name].CopyFrom(value_of("#" + next(remaining)))
    return snapshot


def live(rule: str, events: str) -> tuple[bool, int]:
    """Whether she is a member at the end, and how often she entered."""
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
    return "a" in one.segments(), one.state.last_stint("a")


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
    with pytest.raises(RuleError) as caught:
        parse("cuont(purchase) = 0")
    assert f"    {caught.value}\n" in page


@pytest.mark.parametrize(("rule", "outcome", "events"), stories())
def test_a_story_of_the_page_is_true(rule: str, outcome: str, events: str) -> None:
    """She enters and is in, leaves and is out, stays in, or never was in at the end."""
    member, stints = live(rule, events)
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
