"""What a condition comes to for one customer: the facts behind an explanation."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import msgspec
from dangol_rules import tree

from segmentation_service.engine_attributes import (
    anniversary_of,
    attribute_name,
    birthday_of,
    next_yearly,
)
from segmentation_service.engine_leaves import newest_until
from segmentation_service.engine_ruleset import Ruleset
from segmentation_service.engine_state import State
from segmentation_service.features import NEVER, count_until


class OpenKey(msgspec.Struct, frozen=True):
    """A key that was asked for and not answered; "" where only a hash of it is kept."""

    key: str
    asked_ms: int
    until_ms: int


class Fact(msgspec.Struct, frozen=True):
    """What a condition compares.

    value and other (the right side where it is a term too): a measure in whole units as a
    fraction, an instant in milliseconds, an attribute as text or flag (numbers as decimal text),
    a day; None for what does not exist. at_least: no more is kept than the rules need.
    """

    value: Fraction | int | str | bool | date | None = None
    other: Fraction | int | None = None
    at_least: bool = False
    open: tuple[OpenKey, ...] = ()


def fact_of(ruleset: Ruleset, state: State, rule: Any, now_ms: int) -> Fact:
    """What a condition without conditions inside it comes to at now_ms."""
    if isinstance(rule, tree.BirthdayWithin | tree.AnniversaryWithin):
        yearly = birthday_of if isinstance(rule, tree.BirthdayWithin) else anniversary_of
        return Fact(next_yearly(yearly, state, ruleset.compiler.zone, now_ms))
    if isinstance(rule, tree.Unanswered):
        return Fact(open=open_keys(ruleset, state, rule, now_ms))
    if isinstance(rule, tree.HasTag):
        return Fact("tag:" + rule.tag in state.profile)
    if isinstance(rule, tree.OneOf):
        return Fact(attribute(state, rule.term, tree.Text))
    if isinstance(rule, tree.Holds):
        return Fact(attribute(state, rule.term, tree.Flag))
    return compared(ruleset, state, rule.left, rule.right, now_ms)


def compared(ruleset: Ruleset, state: State, left: Any, right: Any, now_ms: int) -> Fact:
    """What the sides of a comparison come to."""
    if isinstance(left, tree.Profile | tree.Field):
        return Fact(attribute(state, left, type(right)))
    if isinstance(left, tree.Since):
        return Fact(instant(ruleset, state, left.instant, now_ms))
    if isinstance(left, tree.First | tree.Last):
        one, other = (instant(ruleset, state, term, now_ms) for term in (left, right))
        return Fact(one, other)
    if isinstance(right, tree.Number):
        value, at_least = constant_measure(ruleset, state, left, now_ms)
        return Fact(value, at_least=at_least)
    first, second = (measure(ruleset, state, term, now_ms) for term in (left, right))
    return Fact(first, second)


def attribute(state: State, term: Any, literal: type) -> str | bool | None:
    """A profile attribute, consent or custom field."""
    name = attribute_name(term, literal)
    if isinstance(term, tree.Consent) or name == "member":
        return name in state.profile
    return state.profile.get(name)


def instant(ruleset: Ruleset, state: State, term: Any, now_ms: int) -> int | None:
    """When the first or last such event was."""
    index, _ = ruleset.compiler.instant(term)
    return newest_until(state.features[index], now_ms)


def open_keys(
    ruleset: Ruleset, state: State, rule: tree.Unanswered, now_ms: int
) -> tuple[OpenKey, ...]:
    """The keys still open, the one that has waited longest first."""
    feature = ruleset.compiler.registry.open(rule.asked, rule.answer, rule.key)
    found = [
        OpenKey(key if isinstance(key, str) else "", asked_ms, asked_ms + rule.until_ms)
        for key, (asked_ms, answered_ms) in state.features[feature.index].items()
        if asked_ms > answered_ms and asked_ms <= now_ms < asked_ms + rule.until_ms
    ]
    return tuple(sorted(found, key=lambda one: (one.asked_ms, one.key)))


def constant_measure(
    ruleset: Ruleset, state: State, term: Any, now_ms: int
) -> tuple[Fraction | None, bool]:
    """A measure that is compared with a number, and whether there may be more than is kept."""
    registry, window = ruleset.compiler.registry, term.window
    if isinstance(term, tree.Aggregate) or (window is not None and window.newer_ms):
        return measure(ruleset, state, term, now_ms), False
    older_ms = NEVER if window is None else window.older_ms
    kept: Any
    if isinstance(term, tree.Count):
        kept = registry.times(term.events)
        times = state.features[kept.index]
        count = count_until(times, now_ms) - count_until(times, now_ms - older_ms)
    else:
        kept = registry.newest(term.events, term.property)
        newest = state.features[kept.index].values()
        count = sum(1 for at_ms in newest if at_ms > now_ms - older_ms)
    # Beyond what is kept whatever its age, only a window's own events are kept in full.
    most = kept.forever if window is None else max(kept.forever, kept.recent)
    return Fraction(count), count >= most


def measure(ruleset: Ruleset, state: State, term: Any, now_ms: int) -> Fraction | None:
    """A measure that keeps all of its window."""
    compiled, _ = ruleset.compiler.measure(term)
    value = compiled.value(state, now_ms)
    return None if value is None else Fraction(value, compiled.unit)
