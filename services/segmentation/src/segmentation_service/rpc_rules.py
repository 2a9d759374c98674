"""A rule's tree: protobuf to the typed tree and back.

A tree that a client sends passes the very checks that text passes: it is written as canonical
text, which is parsed. Errors name the path of the node in the message that was sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from dangol.segmentation.v1 import rule_pb2 as pb
from dangol_rules import tree
from dangol_rules.error import (
    DAY_MS,
    MAX_LIST_LENGTH,
    MAX_NESTING,
    MAX_PARTS,
    MAX_STRING_LENGTH,
    MAX_WINDOW_MS,
    RuleError,
    shorten,
)
from dangol_rules.format import MARKETING, Formatter
from dangol_rules.rules import parse, warnings

from segmentation_service.rpc_rules_write import COMPARATORS, FUNCTIONS, tree_to_proto

__all__ = ["tree_from_proto", "tree_to_proto", "warnings"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DOTTED = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_SEGMENT_ID = re.compile(r"[a-z][a-z0-9-]*")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
# Every node that a rule within the limits may have: conditions, their terms, and what joins them.
_NODES_MAX = 8 * MAX_PARTS


def tree_from_proto(node: pb.RuleNode) -> tree.Rule:
    """The typed tree, checked like text. Raises RuleError whose path names the node at fault."""
    reader = _Reader()
    rule = reader.node(node, "rule", 0)
    formatter = Formatter()
    text = formatter.text_of(rule)
    try:
        parsed = parse(text)
    except RuleError as error:
        path = reader.path_at(formatter.marks, error.column - 1)
        raise RuleError(error.line, error.column, error.message, error.hint, path) from None
    if parsed != rule:
        raise RuleError(1, 1, "this tree has no text", "send the text instead", "rule")
    return parsed


class _Reader:
    """Reads one message, remembering where each node of the tree came from."""

    def __init__(self) -> None:
        # By identity: equal nodes may stand in several places.
        self._paths: dict[int, str] = {}
        self._nodes: list[Any] = []

    def path_at(self, marks: Sequence[tuple[int, int, Any]], offset: int) -> str:
        """The path of the condition that begins at an offset, else of what surrounds it."""
        known = [mark for mark in marks if id(mark[2]) in self._paths]
        begun = [one for one in known if one[0] == offset and type(one[2]) not in _JOINING]
        if begun:
            return self._paths[id(max(begun, key=lambda one: one[1])[2])]
        around = [one for one in known if one[0] <= offset < one[1]]
        inner = min(around, key=lambda one: one[1] - one[0], default=None)
        return "rule" if inner is None else self._paths[id(inner[2])]

    def made(self, node: Any, path: str) -> Any:
        """Remembers a node's path; bounds how many there are."""
        self._nodes.append(node)
        if len(self._nodes) > _NODES_MAX:
            message = f"more than {MAX_PARTS} parts"
            raise RuleError(1, 1, message, "split the rule into segments", path)
        self._paths[id(node)] = path
        return node

    def node(self, message: pb.RuleNode, path: str, depth: int) -> Any:
        """An expression."""
        kind = message.WhichOneof("node")
        if kind is None:
            raise _bad(path, "the node is empty", "set one of its fields")
        if depth > MAX_NESTING:
            hint = "split the rule into segments"
            raise _bad(path, f"nested deeper than {MAX_NESTING}", hint)
        content, inner = getattr(message, kind), f"{path}.{kind}"
        return self.made(_NODES[kind](self, content, inner, depth), inner)

    def parts(self, message: pb.RuleParts, path: str, depth: int) -> tuple[Any, ...]:
        """What `and` or `or` joins."""
        count = len(message.parts)
        if not 2 <= count <= MAX_PARTS:
            raise _bad(path, f"{count} parts", f"join 2 to {MAX_PARTS} conditions")
        return tuple(
            self.node(part, f"{path}.parts[{number}]", depth + 1)
            for number, part in enumerate(message.parts)
        )

    def comparison(self, message: pb.RuleComparison, path: str, depth: int) -> tree.Compare:
        """A comparison."""
        comparator = COMPARATORS.get(message.comparator)
        if comparator is None:
            raise _bad(
                f"{path}.comparator", "no such comparator", "for example RULE_COMPARATOR_EQUAL"
            )
        left = self.term(message.left, f"{path}.left", depth)
        right = self.term(message.right, f"{path}.right", depth)
        return tree.Compare(left, comparator, right)

    def one_of(self, message: pb.RuleOneOf, path: str, depth: int) -> tree.OneOf:
        """A list of texts."""
        count = len(message.values)
        if not 1 <= count <= MAX_LIST_LENGTH:
            raise _bad(f"{path}.values", f"{count} values", f"list 1 to {MAX_LIST_LENGTH} texts")
        values = tuple(
            _short(value, f"{path}.values[{number}]") for number, value in enumerate(message.values)
        )
        return tree.OneOf(self.term(message.term, f"{path}.term", depth), values)

    def unanswered(self, message: pb.RuleUnanswered, path: str, depth: int) -> tree.Unanswered:
        """unanswered."""
        return tree.Unanswered(
            self.events(message.asked, f"{path}.asked", depth),
            self.events(message.answer, f"{path}.answer", depth),
            _dotted(message.key, f"{path}.key"),
            _length(message.after_ms, f"{path}.after_ms"),
            _length(message.until_ms, f"{path}.until_ms"),
        )

    def term(self, message: pb.RuleTerm, path: str, depth: int) -> Any:
        """A term or a literal."""
        kind = message.WhichOneof("term")
        if kind is None:
            raise _bad(path, "the term is empty", "set one of its fields")
        inner = f"{path}.{kind}"
        return self.made(_TERMS[kind](self, getattr(message, kind), inner, depth), inner)

    def events(self, message: pb.RuleEvents, path: str, depth: int) -> tree.Events:
        """Events of a type."""
        event = _name(message.event, f"{path}.event")
        if not message.HasField("where"):
            return self.made(tree.Events(event), path)  # type: ignore[no-any-return]
        where = self.node(message.where, f"{path}.where", depth + 1)
        return self.made(tree.Events(event, where), path)  # type: ignore[no-any-return]

    def measure(
        self, message: pb.RuleMeasure, path: str, depth: int
    ) -> tuple[tree.Events, tree.Window | None]:
        """The events and the window of a count, distinct or aggregate."""
        events = self.events(message.events, f"{path}.events", depth)
        if not message.HasField("window"):
            return events, None
        older_ms = _length(message.window.older_ms, f"{path}.window.older_ms")
        newer_ms = _length(message.window.newer_ms, f"{path}.window.newer_ms")
        return events, tree.Window(older_ms, newer_ms)

    def count(self, message: pb.RuleMeasure, path: str, depth: int) -> tree.Count:
        """count."""
        if message.property:
            raise _bad(f"{path}.property", "count takes no property", "use distinct or sum")
        return tree.Count(*self.measure(message, path, depth))

    def distinct(self, message: pb.RuleMeasure, path: str, depth: int) -> tree.Distinct:
        """distinct."""
        events, window = self.measure(message, path, depth)
        return tree.Distinct(events, _dotted(message.property, f"{path}.property"), window)

    def aggregate(self, message: pb.RuleMeasure, path: str, depth: int) -> tree.Aggregate:
        """sum, average, minimum, maximum."""
        events, window = self.measure(message, path, depth)
        name = _dotted(message.property, f"{path}.property")
        return tree.Aggregate(FUNCTIONS[path.rpartition(".")[2]], events, name, window)

    def first(self, message: pb.RuleEvents, path: str, depth: int) -> tree.First:
        """The instant of the first such event."""
        return tree.First(self.events(message, path, depth))

    def last(self, message: pb.RuleEvents, path: str, depth: int) -> tree.Last:
        """The instant of the last such event."""
        return tree.Last(self.events(message, path, depth))


_JOINING = (tree.And, tree.Or, tree.Not, tree.AnyItem)
_Read = Callable[[_Reader, Any, str, int], Any]
_NODES: dict[str, _Read] = {
    "all_of": lambda to, one, path, depth: tree.And(to.parts(one, path, depth)),
    "any_of": lambda to, one, path, depth: tree.Or(to.parts(one, path, depth)),
    "negation": lambda to, one, path, depth: tree.Not(to.node(one, path, depth + 1)),
    "comparison": _Reader.comparison,
    "one_of": _Reader.one_of,
    "holds": lambda to, one, path, depth: tree.Holds(to.term(one, path, depth)),
    "has_tag": lambda _, one, path, __: tree.HasTag(_short(one, path)),
    "any_item": lambda to, one, path, depth: tree.AnyItem(to.node(one, path, depth + 1)),
    "unanswered": _Reader.unanswered,
    "in_segment": lambda _, one, path, __: tree.InSegment(_matching(_SEGMENT_ID, one, path)),
    "birthday_within_days": lambda _, one, path, __: tree.BirthdayWithin(_days(one, path)),
    "anniversary_within_days": lambda _, one, path, __: tree.AnniversaryWithin(_days(one, path)),
}
_TERMS: dict[str, _Read] = {
    "number": lambda _, one, path, __: tree.Number(_number(one, path)),
    "text": lambda _, one, path, __: tree.Text(_short(one, path)),
    "flag": lambda _, one, __, ___: tree.Flag(one),
    "duration_ms": lambda _, one, path, __: tree.Span(_length(one, path)),
    "count": _Reader.count,
    "distinct": _Reader.distinct,
    **dict.fromkeys(FUNCTIONS, _Reader.aggregate),
    "first": _Reader.first,
    "last": _Reader.last,
    "since_first": lambda to, *rest: tree.Since(to.first(*rest)),
    "since_last": lambda to, *rest: tree.Since(to.last(*rest)),
    "profile": lambda _, one, path, __: tree.Profile(_name(one, path)),
    "field": lambda _, one, path, __: tree.Field(_short(one, path)),
    "property": lambda _, one, path, __: tree.Property(_dotted(one, path)),
    "consent": lambda _, one, path, __: tree.Consent(
        (MARKETING if "." not in one else "") + _dotted(one, path)
    ),
}


def _bad(path: str, message: str, hint: str = "") -> RuleError:
    return RuleError(1, 1, message, hint, path)


def _matching(pattern: re.Pattern[str], text: str, path: str) -> str:
    """A name that text could spell, so that none can smuggle in other syntax."""
    if len(text) > MAX_STRING_LENGTH or not pattern.fullmatch(text):
        raise _bad(path, f"{shorten(text) or 'nothing'} is no name", "use lower case names")
    return text


def _name(text: str, path: str) -> str:
    return _matching(_NAME, text, path)


def _dotted(text: str, path: str) -> str:
    return _matching(_DOTTED, text, path)


def _short(text: str, path: str) -> str:
    if len(text) > MAX_STRING_LENGTH:
        raise _bad(path, f"a text of more than {MAX_STRING_LENGTH} characters", "shorten it")
    return text


def _number(text: str, path: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        hint = "use at most 18 digits before the point and 9 after"
        raise _bad(path, f"{shorten(text) or 'nothing'} is no decimal number", hint)
    return Decimal(text)


def _length(length_ms: int, path: str) -> int:
    if not 0 <= length_ms <= MAX_WINDOW_MS:
        raise _bad(path, "not a length of time", f"use 0 to {MAX_WINDOW_MS} milliseconds")
    return length_ms


def _days(days: int, path: str) -> int:
    if not 0 <= days <= MAX_WINDOW_MS // DAY_MS:
        raise _bad(path, f"{days} days", "use whole days from 0 on")
    return days
