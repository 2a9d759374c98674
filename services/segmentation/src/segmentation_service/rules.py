"""The rule language: text to tree and back. docs/rules.md teaches it.

rule = parse('count(purchase, 90d) = 0 and profile.tier = "gold"')
format(rule)     # the canonical text
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from segmentation_service import rules_tree as tree
from segmentation_service.rules_build import Builder, Place
from segmentation_service.rules_error import MAX_TEXT_LENGTH, RuleError, suggest
from segmentation_service.rules_format import format_rule
from segmentation_service.rules_grammar import GRAMMAR
from segmentation_service.rules_tree import Rule
from segmentation_service.rules_types import KNOWN_EVENTS

__all__ = ["Rule", "RuleError", "check", "event_types", "format", "parse", "warnings"]

_PARSER = Lark(GRAMMAR, parser="lalr", maybe_placeholders=True, propagate_positions=True)
KEYWORDS = ("and", "or", "not", "in", "any", "where", "by", "from", "to", "within")

format = format_rule


def parse(text: str) -> Rule:
    """The typed, checked tree of a rule; raises RuleError with line, column and hint."""
    if len(text) > MAX_TEXT_LENGTH:
        raise RuleError(1, 1, f"longer than {MAX_TEXT_LENGTH} characters", "split the rule")
    try:
        parsed = _PARSER.parse(text)
    except UnexpectedInput as error:
        raise explain_syntax(text, error) from None
    return Builder().expression(parsed.children[0], Place.RULE)


def check(rule: Rule) -> Rule:
    """Checks a tree that did not come from `parse`; positions in errors are in `format(rule)`."""
    return parse(format_rule(rule))


def explain_syntax(text: str, error: UnexpectedInput) -> RuleError:
    """What a person would say about a syntax error."""
    if isinstance(error, UnexpectedCharacters):
        return RuleError(
            error.line, error.column, *explain_character(text[error.pos_in_stream or 0])
        )
    if not isinstance(error, UnexpectedToken):
        return RuleError(1, 1, "not a rule", "see docs/rules.md")
    token: Token = error.token
    if token.type == "$END":
        line = text.count("\n") + 1
        column = len(text) - text.rfind("\n")
        if not any(written.partition("#")[0].strip() for written in text.splitlines()):
            return RuleError(line, column, "the rule is empty", "count(purchase, 90d) = 0")
        hint = "close the parenthesis" if "RPAR" in error.accepts else "something is missing"
        return RuleError(line, column, "the rule ends too early", hint)
    hint = suggest_token(token, error.accepts)
    return RuleError(token.line or 1, token.column or 1, f"unexpected {token[:40]}", hint)


def explain_character(character: str) -> tuple[str, str]:
    """The message and hint for a character that begins nothing."""
    if character in ("'", "“", "”", "‘", "’"):
        return "texts stand in straight double quotes", 'write "x"'
    if character == '"':
        return "the text does not end", 'close it with " on the same line'
    if character == "!":
        return "unexpected !", "write not before a condition, or != between two values"
    return f"unexpected character {character}", "see docs/rules.md"


def suggest_token(token: Token, accepts: set[str]) -> str:
    """A hint for a token that does not belong where it stands."""
    if token.type == "NAME":
        near = [word for word in KEYWORDS if word.upper() in accepts]
        return suggest(token, near, "a comparison or and/or is missing before it")
    if token.type == "COMPARATOR" and "RPAR" not in accepts:
        return "compare two values at a time; write = once, not =="
    if "RPAR" in accepts and token.type != "COMMA":
        return "close the parenthesis before it"
    if token.type in ("RPAR", "COMMA"):
        return "something is missing before it"
    return "a comparison or and/or is missing before it"


def nodes(node: Any) -> Iterator[Any]:
    """The node and everything below it."""
    if isinstance(node, tuple):
        for part in node:
            yield from nodes(part)
    elif hasattr(node, "__struct_fields__"):
        yield node
        for name in node.__struct_fields__:
            yield from nodes(getattr(node, name))


def event_types(rule: Rule) -> frozenset[str]:
    """The event types that the rule mentions."""
    return frozenset(node.event for node in nodes(rule) if isinstance(node, tree.Events))


def warnings(rule: Rule) -> list[str]:
    """A sentence for each event type that is not built in: own types are allowed, typos are not."""
    found = []
    for name in sorted(event_types(rule) - KNOWN_EVENTS):
        hint = suggest(name, KNOWN_EVENTS, "fine if it is one of your own")
        found.append(f"{name} is not a built-in event type: {hint}")
    return found
