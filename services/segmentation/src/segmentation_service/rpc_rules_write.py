"""A rule's typed tree as protobuf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dangol.segmentation.v1 import rule_pb2 as pb
from dangol_rules import tree
from dangol_rules.format import MARKETING, format_number

COMPARATORS: dict[int, tree.Comparator] = {
    pb.RULE_COMPARATOR_EQUAL: "=",
    pb.RULE_COMPARATOR_NOT_EQUAL: "!=",
    pb.RULE_COMPARATOR_LESS: "<",
    pb.RULE_COMPARATOR_LESS_OR_EQUAL: "<=",
    pb.RULE_COMPARATOR_GREATER: ">",
    pb.RULE_COMPARATOR_GREATER_OR_EQUAL: ">=",
}
_COMPARATOR_VALUES = {text: value for value, text in COMPARATORS.items()}
FUNCTIONS: dict[str, tree.Function] = {
    "sum": "sum",
    "average": "avg",
    "minimum": "min",
    "maximum": "max",
}
_FUNCTION_FIELDS = {function: field for field, function in FUNCTIONS.items()}


def tree_to_proto(node: tree.Rule) -> pb.RuleNode:
    """The rule as a message."""
    if isinstance(node, tree.And | tree.Or):
        parts = pb.RuleParts(parts=[tree_to_proto(part) for part in node.parts])
        return (
            pb.RuleNode(all_of=parts) if isinstance(node, tree.And) else pb.RuleNode(any_of=parts)
        )
    if isinstance(node, tree.Not):
        return pb.RuleNode(negation=tree_to_proto(node.part))
    if isinstance(node, tree.AnyItem):
        return pb.RuleNode(any_item=tree_to_proto(node.predicate))
    return _WRITERS[type(node)](node)


def _write_comparison(node: tree.Compare) -> pb.RuleNode:
    return pb.RuleNode(
        comparison=pb.RuleComparison(
            left=_write_term(node.left),
            comparator=_COMPARATOR_VALUES[node.comparator],  # type: ignore[arg-type]
            right=_write_term(node.right),
        )
    )


def _write_unanswered(node: tree.Unanswered) -> pb.RuleNode:
    return pb.RuleNode(
        unanswered=pb.RuleUnanswered(
            asked=_write_events(node.asked),
            answer=_write_events(node.answer),
            key=node.key,
            after_ms=node.after_ms,
            until_ms=node.until_ms,
        )
    )


_WRITERS: dict[type, Callable[[Any], pb.RuleNode]] = {
    tree.Compare: _write_comparison,
    tree.OneOf: lambda node: pb.RuleNode(
        one_of=pb.RuleOneOf(term=_write_term(node.term), values=node.values)
    ),
    tree.Holds: lambda node: pb.RuleNode(holds=_write_term(node.term)),
    tree.HasTag: lambda node: pb.RuleNode(has_tag=node.tag),
    tree.Unanswered: _write_unanswered,
    tree.InSegment: lambda node: pb.RuleNode(in_segment=node.segment_id),
    tree.BirthdayWithin: lambda node: pb.RuleNode(birthday_within_days=node.days),
    tree.AnniversaryWithin: lambda node: pb.RuleNode(anniversary_within_days=node.days),
}


def _write_events(events: tree.Events) -> pb.RuleEvents:
    where = None if events.where is None else tree_to_proto(events.where)
    return pb.RuleEvents(event=events.event, where=where)


def _write_measure(term: Any) -> pb.RuleMeasure:
    window = term.window and pb.RuleWindow(
        older_ms=term.window.older_ms, newer_ms=term.window.newer_ms
    )
    name = "" if isinstance(term, tree.Count) else term.property
    return pb.RuleMeasure(events=_write_events(term.events), property=name, window=window)


def _write_term(term: Any) -> pb.RuleTerm:  # noqa: PLR0911 - one kind of node a line
    """A term or a literal as a message."""
    if isinstance(term, tree.Count):
        return pb.RuleTerm(count=_write_measure(term))
    if isinstance(term, tree.Distinct):
        return pb.RuleTerm(distinct=_write_measure(term))
    if isinstance(term, tree.Aggregate):
        field = _FUNCTION_FIELDS[term.function]
        return pb.RuleTerm(**{field: _write_measure(term)})  # type: ignore[arg-type]
    if isinstance(term, tree.First):
        return pb.RuleTerm(first=_write_events(term.events))
    if isinstance(term, tree.Last):
        return pb.RuleTerm(last=_write_events(term.events))
    if isinstance(term, tree.Since):
        events = _write_events(term.instant.events)
        if isinstance(term.instant, tree.First):
            return pb.RuleTerm(since_first=events)
        return pb.RuleTerm(since_last=events)
    return _write_value(term)


def _write_value(term: Any) -> pb.RuleTerm:  # noqa: PLR0911 - one kind of node a line
    """A literal, or what a customer or an event has."""
    if isinstance(term, tree.Number):
        return pb.RuleTerm(number=format_number(term.value))
    if isinstance(term, tree.Text):
        return pb.RuleTerm(text=term.value)
    if isinstance(term, tree.Flag):
        return pb.RuleTerm(flag=term.value)
    if isinstance(term, tree.Span):
        return pb.RuleTerm(duration_ms=term.duration_ms)
    if isinstance(term, tree.Profile):
        return pb.RuleTerm(profile=term.name)
    if isinstance(term, tree.Field):
        return pb.RuleTerm(field=term.name)
    if isinstance(term, tree.Property):
        return pb.RuleTerm(property=term.name)
    return pb.RuleTerm(consent=term.name.removeprefix(MARKETING))
