"""From lark's parse tree to the typed tree, checking names, types and limits on the way."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from lark import Token

from dangol_rules import tree
from dangol_rules.calls import (
    build_event_path,
    build_instant,
    build_measure,
    build_segment,
    build_since,
    build_unanswered,
)
from dangol_rules.error import (
    DAY_MS,
    MAX_DAYS_AHEAD,
    MAX_LIST_LENGTH,
    MAX_NESTING,
    MAX_PARTS,
    RuleError,
    shorten,
    suggest,
)
from dangol_rules.literals import build_literal, build_span
from dangol_rules.types import (
    INSIGHT_NAMES,
    KNOWN_EVENTS,
    PROFILE_NAMES,
    check_comparison,
)

Node = Any  # lark.Tree, whose children are untyped

FUNCTIONS = ("count", "distinct", "sum", "avg", "min", "max", "first", "last", "since")
CALLS = (*FUNCTIONS, "unanswered", "field", "segment")
SOURCES = ("profile", "consent", "birthday", "anniversary")
DAYS: dict[str, type[tree.BirthdayWithin] | type[tree.AnniversaryWithin]] = {
    "birthday": tree.BirthdayWithin,
    "anniversary": tree.AnniversaryWithin,
}
CONSENT_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
MARKETING = "marketing"


class Place(Enum):
    """Where an expression stands: what names mean depends on it."""

    RULE = "the rule"
    EVENT = "a where clause"
    ITEM = "any item"


def fail(at: Node | Token, message: str, hint: str = "") -> RuleError:
    """The error at a node or token."""
    if isinstance(at, Token):
        return RuleError(at.line or 1, at.column or 1, message, hint)
    return RuleError(at.meta.line, at.meta.column, message, hint)


class Builder:
    """Builds one rule. Counts its parts and its depth as it goes."""

    def __init__(self) -> None:
        self.parts = 0

    def expression(self, node: Node, place: Place, depth: int = 0) -> tree.Expression:
        """The typed expression of a parse tree node."""
        if depth > MAX_NESTING:
            raise fail(node, f"nested deeper than {MAX_NESTING}", "split the rule into segments")
        if node.data in ("and_", "or_"):
            parts = tuple(self.expression(part, place, depth + 1) for part in node.children)
            return tree.And(parts) if node.data == "and_" else tree.Or(parts)
        if node.data == "not_":
            return tree.Not(self.expression(node.children[1], place, depth + 1))
        if node.data == "group":
            return self.expression(node.children[1], place, depth + 1)
        if node.data == "any_item":
            if place is not Place.EVENT:
                raise fail(node, "any item belongs into a where clause", "count(x where any ...)")
            return tree.AnyItem(self.expression(node.children[1], Place.ITEM, depth + 1))
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise fail(node, f"more than {MAX_PARTS} parts", "split the rule into segments")
        return self.leaf(node, place, depth)

    def leaf(self, node: Node, place: Place, depth: int) -> tree.Expression:
        """A part without and, or, not."""
        if node.data == "in_segment":
            require_rule(node, place)
            return build_segment(node.children[1])
        if node.data == "compare":
            return self.comparison(node, place, depth)
        if node.data == "one_of":
            return self.one_of(node, place, depth)
        if node.data == "has":
            return self.has_tag(node, place)
        if node.data == "within":
            return day_within(node, place)
        return self.holds(node, place, depth)

    def comparison(self, node: Node, place: Place, depth: int) -> tree.Compare:
        """`left comparator right`, with the types checked."""
        left_node, comparator, right_node = node.children
        if left_node.data == "literal":
            raise fail(
                left_node, "a value stands on the left", "write the term first: count(x) > 1"
            )
        left = self.term(left_node, place, depth)
        right = self.operand(right_node, place, depth)
        check_comparison(left, str(comparator), right, fail, node)
        return tree.Compare(left, str(comparator), right)  # type: ignore[arg-type]

    def one_of(self, node: Node, place: Place, depth: int) -> tree.OneOf:
        """`term in ("a", "b")`."""
        term_node, _, listed = node.children
        term = self.term(term_node, place, depth)
        literals = listed.children[1:]
        if len(literals) > MAX_LIST_LENGTH:
            raise fail(listed, f"more than {MAX_LIST_LENGTH} values in a list", "use several lists")
        values = []
        for literal in literals:
            value = build_literal(literal.children[0])
            if not isinstance(value, tree.Text):
                raise fail(literal, "only texts can be listed", 'write ("a", "b")')
            check_comparison(term, "=", value, fail, literal)
            values.append(value.value)
        return tree.OneOf(term, tuple(values))  # type: ignore[arg-type]

    def has_tag(self, node: Node, place: Place) -> tree.HasTag:
        """`"x" in profile.tags`."""
        require_rule(node, place)
        value_node, _, path = node.children
        if path.data != "path" or names_of(path) != ["profile", "tags"]:
            raise fail(path, "in needs profile.tags, segment(...) or a list", '"x" in profile.tags')
        value = build_literal(value_node.children[0]) if value_node.data == "literal" else None
        if not isinstance(value, tree.Text):
            raise fail(value_node, "a tag is a text", '"running" in profile.tags')
        return tree.HasTag(value.value)

    def holds(self, node: Node, place: Place, depth: int) -> tree.Expression:
        """A bare operand: a call that holds by itself, or a flag."""
        operand = node.children[0]
        if operand.data == "call" and operand.children[0] == "unanswered":
            require_rule(operand, place)
            return build_unanswered(operand, self.where(depth))
        if operand.data == "call" and operand.children[0] == "segment":
            raise fail(operand, "segment() needs in before it", 'write in segment("vip")')
        if operand.data == "literal":
            raise fail(operand, "a value alone is no condition", "compare a term with it")
        term = self.term(operand, place, depth)
        flaggable = isinstance(term, tree.Field | tree.Consent) or (
            isinstance(term, tree.Profile | tree.Property)
            and (term.name == "member" or term.name.startswith("properties."))
        )
        if not flaggable:
            raise fail(operand, "this is a value, not a condition", "compare it, for example >= 1")
        return tree.Holds(term)  # type: ignore[arg-type]

    def operand(self, node: Node, place: Place, depth: int) -> Any:
        """A term or a literal."""
        if node.data == "literal":
            return build_literal(node.children[0])
        return self.term(node, place, depth)

    def term(self, node: Node, place: Place, depth: int) -> tree.Term:
        """Something that has a value for a customer, an event or an item."""
        if node.data == "literal":
            raise fail(node, "a value stands where a term should", "for example profile.tier")
        if node.data == "call":
            return self.call(node, place, depth)
        if place is not Place.RULE:
            return tree.Property(build_event_path(node, in_item=place is Place.ITEM))
        return attribute_path(node)

    def call(self, node: Node, place: Place, depth: int) -> tree.Term:
        """A function's term."""
        name = node.children[0]
        if name not in CALLS:
            hint = suggest(name, CALLS, "see docs/rules.md")
            raise fail(name, f"unknown function {shorten(name)}", hint)
        require_rule(node, place)
        if name == "field":
            arguments = [one for one in node.children[2:] if one is not None]
            text = arguments[0].children[0] if len(arguments) == 1 else None
            if text is None or text.data != "literal" or text.children[0].type != "STRING":
                raise fail(name, "field takes the field's name in quotes", 'field("shoe_size")')
            value = build_literal(text.children[0])
            return tree.Field(value.value)  # type: ignore[union-attr, arg-type]
        if name in ("first", "last"):
            return build_instant(node, self.where(depth))
        if name == "since":
            return build_since(node, self.where(depth))
        if name in ("unanswered", "segment"):
            raise fail(name, f"{name} has no value to compare", "it holds or not by itself")
        return build_measure(node, self.where(depth))

    def where(self, depth: int) -> Any:
        """What builds the predicates inside a call."""
        return lambda node: self.expression(node, Place.EVENT, depth + 1)


def require_rule(node: Node, place: Place) -> None:
    """Only rules, not predicates, may speak of the customer."""
    if place is not Place.RULE:
        raise fail(node, f"{place.value} can only compare the event's own properties")


def names_of(path: Node) -> list[str]:
    """The names of a dotted path."""
    return [str(name) for name in path.children]


def day_within(node: Node, place: Place) -> tree.BirthdayWithin | tree.AnniversaryWithin:
    """`birthday within 7d` and `anniversary within 7d`."""
    require_rule(node, place)
    path, _, length = node.children
    name = ".".join(names_of(path)) if path.data == "path" else ""
    if name not in DAYS:
        hint = suggest(name, DAYS, "birthday within 7d")
        raise fail(path, "only birthday and anniversary can be within a span", hint)
    span = build_span(length)
    if span.duration_ms % DAY_MS or span.duration_ms > MAX_DAYS_AHEAD * DAY_MS:
        message = f"{name} counts in whole days, at most {MAX_DAYS_AHEAD}"
        raise fail(length, message, f"{name} within 7d")
    return DAYS[name](span.duration_ms // DAY_MS)


def attribute_path(node: Node) -> tree.Profile | tree.Field | tree.Consent:
    """`profile.tier`, `consent.email` and their like."""
    names = names_of(node)
    if names[0] == "consent":
        return consent_path(node, names[1:])
    written = shorten(".".join(names))
    if names[0] in DAYS:
        raise fail(node, f"{names[0]} needs within after it", f"{names[0]} within 7d")
    if names[0] != "profile":
        raise fail(node, f"unknown term {written}", hint_for_term(names[0]))
    if names[1:] == ["tags"]:
        raise fail(node, "profile.tags is a set", 'write "x" in profile.tags')
    if len(names) == 2 and names[1] in INSIGHT_NAMES:
        return tree.Field(names[1])
    if len(names) != 2 or names[1] not in PROFILE_NAMES:
        known = (*PROFILE_NAMES, *INSIGHT_NAMES)
        hint = suggest(names[-1], known, 'custom fields are field("name")')
        raise fail(node, f"unknown attribute {written}", hint)
    return tree.Profile(names[1])


def hint_for_term(name: str) -> str:
    """What somebody may have meant who wrote a bare name."""
    if name in CALLS:
        return f"{name} takes parentheses: {name}(...)"
    if name in KNOWN_EVENTS:
        return f"count({name}, 90d) >= 1"
    return suggest(name, (*SOURCES, *FUNCTIONS), "terms are calls or profile.<name>")


def consent_path(node: Node, names: list[str]) -> tree.Consent:
    """`consent.email` for marketing, else `consent.purpose.channel`."""
    example = "consent.email, or consent.profiling.email for a purpose"
    if not 1 <= len(names) <= 2:
        raise fail(node, "consent needs a channel after it", example)
    if not all(CONSENT_NAME.fullmatch(name) for name in names):
        message = "purposes and channels are in snake_case, of at most 32 characters"
        raise fail(node, message, example)
    return tree.Consent(".".join(names if len(names) == 2 else [MARKETING, *names]))
