"""Filters of lists: the part of the rule language that speaks of a customer's attributes alone.

filter = parse_filter('profile.tier = "gold" and "running" in profile.tags')

The same grammar, tree and checks as a rule's. What needs events, the calendar or another segment
is refused where it stands: it changes with time, and a list has no memory.
"""

from __future__ import annotations

from typing import Any

from lark import Token

from dangol_rules.build import fail
from dangol_rules.rules import read
from dangol_rules.tree import Rule

_SEGMENT = "make a segment of this rule and list its members"


def parse_filter(text: str) -> Rule:
    """The typed, checked tree of a filter; raises RuleError with line, column and hint."""
    rule, parsed = read(text)
    for node in parsed.iter_subtrees_topdown():
        _refuse(node)
    return rule


def _refuse(node: Any) -> None:
    if node.data == "in_segment":
        raise fail(node, "a filter cannot look into segments", _SEGMENT)
    if node.data == "within":
        raise fail(node, "a filter does not know the calendar", _SEGMENT)
    if node.data == "call":
        name = node.children[0]
        if isinstance(name, Token) and name != "field":
            raise fail(node, "a filter speaks of attributes, not of events", _SEGMENT)
