"""The canonical text of a rule: parse(format_rule(tree)) == tree."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from segmentation_service import rules_tree as tree
from segmentation_service.rules_error import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

UNITS = ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (SECOND_MS, "s"), (1, "ms"))


def format_rule(rule: tree.Expression) -> str:
    """The rule's one text: single spaces, fewest parentheses, largest whole units of time."""
    if isinstance(rule, tree.And):
        return " and ".join(inside(part, (tree.And, tree.Or)) for part in rule.parts)
    if isinstance(rule, tree.Or):
        return " or ".join(inside(part, (tree.Or,)) for part in rule.parts)
    if isinstance(rule, tree.Not):
        return "not " + inside(rule.part, (tree.And, tree.Or))
    if isinstance(rule, tree.AnyItem):
        return "any " + inside(rule.predicate, (tree.And, tree.Or, tree.Not))
    return format_leaf(rule)


def inside(part: tree.Expression, kinds: tuple[type, ...]) -> str:
    """A part in parentheses when it is of one of these kinds."""
    text = format_rule(part)
    return f"({text})" if isinstance(part, kinds) else text


def format_leaf(rule: Any) -> str:  # noqa: PLR0911 - one kind of node a line
    """A part without and, or, not."""
    if isinstance(rule, tree.Compare):
        return f"{format_term(rule.left)} {rule.comparator} {format_term(rule.right)}"
    if isinstance(rule, tree.OneOf):
        return f"{format_term(rule.term)} in ({', '.join(quote(one) for one in rule.values)})"
    if isinstance(rule, tree.HasTag):
        return f"{quote(rule.tag)} in profile.tags"
    if isinstance(rule, tree.InSegment):
        return f"in segment({quote(rule.segment_id)})"
    if isinstance(rule, tree.BirthdayWithin):
        return f"birthday within {rule.days}d"
    if isinstance(rule, tree.Unanswered):
        after, until = format_duration(rule.after_ms), format_duration(rule.until_ms)
        asked, answer = format_events(rule.asked), format_events(rule.answer)
        return f"unanswered({asked}, {answer} by {rule.key}, {after}, {until})"
    return format_term(rule.term)


def format_term(term: Any) -> str:  # noqa: PLR0911 - one kind of node a line
    """A term or a literal."""
    if isinstance(term, tree.Count):
        return f"count({format_events(term.events)}{format_window(term.window)})"
    if isinstance(term, tree.Distinct | tree.Aggregate):
        function = "distinct" if isinstance(term, tree.Distinct) else term.function
        events = format_events(term.events, "." + term.property)
        return f"{function}({events}{format_window(term.window)})"
    if isinstance(term, tree.First | tree.Last):
        return f"{type(term).__name__.lower()}({format_events(term.events)})"
    if isinstance(term, tree.Since):
        instant = term.instant
        last = isinstance(instant, tree.Last)
        return f"since({format_events(instant.events) if last else format_term(instant)})"
    if isinstance(term, tree.Profile):
        return f"profile.{term.name}"
    if isinstance(term, tree.Field):
        return f"field({quote(term.name)})"
    if isinstance(term, tree.Property):
        return term.name
    return format_literal(term)


def format_literal(literal: tree.Number | tree.Text | tree.Flag | tree.Span) -> str:
    """A literal as the parser reads it."""
    if isinstance(literal, tree.Number):
        return format_number(literal.value)
    if isinstance(literal, tree.Text):
        return quote(literal.value)
    if isinstance(literal, tree.Flag):
        return "true" if literal.value else "false"
    return format_duration(literal.duration_ms)


def format_events(events: tree.Events, path: str = "") -> str:
    """An event type with its predicate."""
    where = "" if events.where is None else f" where {format_rule(events.where)}"
    return f"{events.event}{path}{where}"


def format_window(window: tree.Window | None) -> str:
    """A window as a further argument."""
    if window is None:
        return ""
    if not window.newer_ms:
        return ", " + format_duration(window.older_ms)
    return f", from {format_duration(window.older_ms)} to {format_duration(window.newer_ms)}"


def format_duration(duration_ms: int) -> str:
    """A length of time in the largest unit that divides it."""
    for unit_ms, name in UNITS:
        if duration_ms % unit_ms == 0:
            return f"{duration_ms // unit_ms}{name}"
    raise AssertionError(duration_ms)  # unreachable: 1 ms divides everything


def format_number(value: Decimal) -> str:
    """A decimal in plain notation without needless zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def quote(text: str) -> str:
    """Text in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
