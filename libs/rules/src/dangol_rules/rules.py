"""The rule language: text to tree and back. docs/rules.md teaches it.

rule = parse('count(purchase, 90d) = 0 and profile.tier = "gold"')
format(rule)     # the canonical text
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from lark import Lark, Token
from lark.exceptions import UnexpectedInput

from dangol_rules import tree
from dangol_rules.build import Builder, Place
from dangol_rules.error import MAX_TEXT_LENGTH, RuleError, suggest
from dangol_rules.format import format_rule
from dangol_rules.grammar import GRAMMAR
from dangol_rules.syntax import explain_syntax, refuse_depth, refuse_invisible
from dangol_rules.tree import Rule
from dangol_rules.types import KNOWN_EVENTS
from dangol_rules.walk import nodes

__all__ = [
    "Rule",
    "RuleError",
    "RuleWarning",
    "check",
    "event_types",
    "format",
    "nodes",
    "parse",
    "warnings",
]

_PARSER = Lark(GRAMMAR, parser="lalr", maybe_placeholders=True, propagate_positions=True)
TOO_LONG = f"longer than {MAX_TEXT_LENGTH} characters"

format = format_rule


def parse(text: str) -> Rule:
    """The typed, checked tree of a rule; raises RuleError with line, column and hint."""
    return read(text)[0]


def read(text: str) -> tuple[Rule, Any]:
    """The typed tree, and lark's tree with the positions of everything."""
    if len(text) > MAX_TEXT_LENGTH:
        raise RuleError(1, 1, TOO_LONG, "split the rule into segments")
    refuse_invisible(text)
    refuse_depth(text)
    try:
        parsed = _PARSER.parse(text)
    except UnexpectedInput as error:
        raise explain_syntax(text, error) from None
    rule = Builder().expression(parsed.children[0], Place.RULE)
    # Spaces that were left out come back in canonical text, which has to be readable as well.
    if len(text) > MAX_TEXT_LENGTH // 2 and len(format_rule(rule)) > MAX_TEXT_LENGTH:
        raise RuleError(1, 1, TOO_LONG, "split the rule into segments")
    return rule, parsed


def check(rule: Rule) -> Rule:
    """Checks a tree that did not come from `parse`; positions in errors are in `format(rule)`."""
    return parse(format_rule(rule))


def event_types(rule: Rule) -> frozenset[str]:
    """The event types that the rule mentions."""
    return frozenset(node.event for node in nodes(rule) if isinstance(node, tree.Events))


class RuleWarning(msgspec.Struct, frozen=True):
    """What is odd about a rule without being wrong. Line and column count from 1."""

    line: int
    column: int
    message: str


def warnings(rule: Rule | str) -> list[RuleWarning]:
    """Event types that are not built in, as they stand in the text or in the tree's own text.

    A tenant's own types are allowed; typos of the built-in ones are pointed out. Each type is
    named once, where it stands first. Raises RuleError for a text that is no rule.
    """
    found: dict[str, RuleWarning] = {}
    _, parsed = read(rule if isinstance(rule, str) else format_rule(rule))
    for token in sorted(event_tokens(parsed), key=lambda token: token.start_pos or 0):
        if token not in KNOWN_EVENTS and token not in found:
            hint = suggest(token, KNOWN_EVENTS, "fine if it is one of your own")
            message = f"{token} is not a built-in event type: {hint}"
            found[token] = RuleWarning(token.line or 1, token.column or 1, message)
    return list(found.values())


def event_tokens(parsed: Any) -> Iterator[Token]:
    """The tokens of lark's tree that name event types."""
    for argument in parsed.find_data("plain"):
        if argument.children[0].data == "path":
            yield argument.children[0].children[0]
