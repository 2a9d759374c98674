"""Why a customer is in a segment or not: every part of the rule, its value and its next flip."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import msgspec
from dangol_rules import tree
from dangol_rules.error import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from dangol_rules.format import format_rule

from segmentation_service.engine_ruleset import Ruleset
from segmentation_service.engine_state import State
from segmentation_service.explain_facts import Fact, OpenKey, fact_of
from segmentation_service.explain_words import summary_of, words_of
from segmentation_service.explain_words_parts import Part, Voice, rounded
from segmentation_service.features import NEVER

OPEN_SHOWN = 5


class Explained(msgspec.Struct, frozen=True):
    """One part of a rule for one customer: its text, truth, value, and when it flips next.

    value is what the left side comes to, empty for and, or, not. "at least 4" means that no more
    is kept than the rules need. An instant is in ISO 8601, UTC; a missing value is "none".
    words say the same as a sentence, if a voice was given.
    """

    text: str
    holds: bool
    value: str
    next_flip_ms: int | None
    children: tuple[Explained, ...] = ()
    words: str = ""


class Answer(msgspec.Struct, frozen=True):
    """An explanation in words: the parts, and why and until when in a sentence or two."""

    why: Explained
    summary: str


def explain(ruleset: Ruleset, state: State, segment_id: str, now_ms: int) -> Explained:
    """Why the customer is in the segment or not; KeyError when the ruleset lacks the segment.

    Answers as of now_ms, or of the state's own time if that is later.
    """
    return shown(part_of(ruleset, state, segment_id, now_ms), None)


def explain_in_words(
    ruleset: Ruleset, state: State, segment_id: str, now_ms: int, voice: Voice
) -> Answer:
    """The same with words in the voice's language, zone and currency."""
    part = part_of(ruleset, state, segment_id, now_ms)
    _, entered_at_ms = state.memberships.get(segment_id, (0, None))
    return Answer(shown(part, voice), summary_of(part, entered_at_ms, voice))


def part_of(ruleset: Ruleset, state: State, segment_id: str, now_ms: int) -> Part:
    """The whole rule of a segment as seen at now_ms."""
    rule = ruleset.segment_rule(segment_id).rule
    return examine(ruleset, state, rule, max(now_ms, state.now_ms))


def examine(ruleset: Ruleset, state: State, rule: Any, now_ms: int) -> Part:
    """One part with those below it."""
    below: tuple[Any, ...] = ()
    if isinstance(rule, tree.And | tree.Or):
        below = rule.parts
    elif isinstance(rule, tree.Not):
        below = (rule.part,)
    elif isinstance(rule, tree.InSegment):
        below = (ruleset.segment_rule(rule.segment_id).rule,)
    holds, flip_ms = ruleset.compiler.expression(rule).part(state, now_ms)
    return Part(
        rule,
        holds,
        None if flip_ms == NEVER else flip_ms,
        now_ms,
        Fact() if below else fact_of(ruleset, state, rule, now_ms),
        tuple(examine(ruleset, state, part, now_ms) for part in below),
    )


def shown(part: Part, voice: Voice | None) -> Explained:
    """A part as callers get it."""
    return Explained(
        text=format_rule(part.rule),
        holds=part.holds,
        value="" if part.children else value_text(part.rule, part.fact, part.now_ms),
        next_flip_ms=part.next_flip_ms,
        children=tuple(shown(child, voice) for child in part.children),
        words="" if voice is None else words_of(part, voice),
    )


def value_text(rule: Any, fact: Fact, now_ms: int) -> str:
    """What the left side of a condition comes to."""
    value = fact.value
    if isinstance(rule, tree.Unanswered):
        return open_text(fact.open)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return ("at least " if fact.at_least else "") + rounded(value, 6)[0]
    if isinstance(value, int):
        since = isinstance(rule.left, tree.Since)
        return span_text(now_ms - value) if since else instant_text(value)
    return value.isoformat() if isinstance(value, date) else value


def open_text(keys: tuple[OpenKey, ...]) -> str:
    """How many keys are open, and until when, as far as they are few."""
    shown_keys = [
        f"{one.key} until {instant_text(one.until_ms)}".strip() for one in keys[:OPEN_SHOWN]
    ]
    more = [f"{len(keys) - OPEN_SHOWN} more"] if len(keys) > OPEN_SHOWN else []
    return f"{len(keys)} open" + (": " if keys else "") + ", ".join(shown_keys + more)


def instant_text(at_ms: int) -> str:
    """An instant in ISO 8601, UTC."""
    whole = datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{at_ms % 1000:03d}Z"


def span_text(span_ms: int) -> str:
    """A length of time in its two largest units: 12d 3h."""
    found = []
    for unit_ms, name in ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (SECOND_MS, "s")):
        count, span_ms = divmod(span_ms, unit_ms)
        if count:
            found.append(f"{count}{name}")
    return " ".join(found[:2]) or "0s"
