"""Segments inside segments: that they exist, run in no circle and stay within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dangol_rules import tree
from dangol_rules.error import (
    MAX_SEGMENT_CONDITIONS,
    MAX_SEGMENT_NESTING,
    RuleError,
    suggest,
)
from dangol_rules.format import Formatter
from dangol_rules.walk import nodes

_CONDITIONS = (
    tree.Compare,
    tree.OneOf,
    tree.Holds,
    tree.HasTag,
    tree.Unanswered,
    tree.BirthdayWithin,
    tree.AnniversaryWithin,
)


def check_segments(rules: Mapping[str, tree.Rule]) -> list[str]:
    """The segments in an order in which each comes after those that its rule refers to.

    Raises RuleError, whose line and column count in the canonical text of the rule at fault.
    """
    inner = {name: references(rule) for name, rule in rules.items()}
    for name, found in inner.items():
        for wanted in found:
            if wanted not in rules:
                hint = suggest(wanted, rules, "create it first")
                raise fault(rules[name], wanted, f"unknown segment {wanted}", hint)
    order = in_order(rules, inner)
    nesting: dict[str, int] = {}
    size: dict[str, int] = {}
    for name in order:
        nesting[name] = max((nesting[one] + 1 for one in inner[name]), default=0)
        own = sum(isinstance(node, _CONDITIONS) for node in nodes(rules[name]))
        size[name] = own + sum(size[one] * times for one, times in inner[name].items())
        if nesting[name] > MAX_SEGMENT_NESTING:
            deepest = max(inner[name], key=nesting.__getitem__)
            message = (
                f"segment {name} refers to segments over more than {MAX_SEGMENT_NESTING} steps"
            )
            raise fault(rules[name], deepest, message, "write the inner rules out")
        if size[name] > MAX_SEGMENT_CONDITIONS:
            largest = max(inner[name], key=size.__getitem__, default="")
            message = (
                f"segment {name} has more than {MAX_SEGMENT_CONDITIONS} conditions,"
                " those of the segments inside it counted with it"
            )
            raise fault(rules[name], largest, message, "refer to fewer segments")
    return order


def references(rule: tree.Rule) -> dict[str, int]:
    """The segments that a rule refers to, with how often."""
    found: dict[str, int] = {}
    for node in nodes(rule):
        if isinstance(node, tree.InSegment):
            found[node.segment_id] = found.get(node.segment_id, 0) + 1
    return found


def in_order(rules: Mapping[str, tree.Rule], inner: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Inner segments before outer ones. However long the chains are, the stack stays flat."""
    order: dict[str, None] = {}
    for start in rules:
        open_: dict[str, Any] = {start: iter(inner[start])}
        while open_:
            name = next(reversed(open_))
            following = next((one for one in open_[name] if one not in order), None)
            if following is None:
                order[name] = None
                del open_[name]
            elif following in open_:
                steps = list(open_)
                circle = (*steps[steps.index(following) :], following)
                message = f"segments refer to each other in a circle: {' -> '.join(circle)}"
                raise fault(rules[name], following, message, "take one of the references out")
            else:
                open_[following] = iter(inner[following])
    return list(order)


def fault(rule: tree.Rule, segment_id: str, message: str, hint: str) -> RuleError:
    """The error at the place where a rule refers to a segment."""
    formatter = Formatter()
    formatter.text_of(rule)
    for begin, _, node in formatter.marks:
        if isinstance(node, tree.InSegment) and node.segment_id == segment_id:
            return RuleError(1, begin + 1, message, hint)
    return RuleError(1, 1, message, hint)
