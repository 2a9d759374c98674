"""The canonical text of a rule: parse(format_rule(tree)) == tree."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from dangol_rules import tree
from dangol_rules.error import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

UNITS = ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (SECOND_MS, "s"), (1, "ms"))
MARKETING = "marketing."


def format_rule(rule: tree.Expression) -> str:
    """The rule's one text: single spaces, fewest parentheses, largest whole units of time."""
    return Formatter().text_of(rule)


def format_events(events: tree.Events) -> str:
    """An event type with its predicate."""
    return Formatter().text_of(events)


class Formatter:
    """Writes one rule. marks: (begin, end, node) of each node's text, inner ones first."""

    def __init__(self) -> None:
        self.marks: list[tuple[int, int, Any]] = []
        self._pieces: list[str] = []
        self._length = 0

    def text_of(self, node: Any) -> str:
        """The text of a node and of everything below it."""
        self.node(node)
        return "".join(self._pieces)

    def node(self, node: Any) -> None:
        """Writes a node and marks where it stands."""
        begin = self._length
        _WRITERS[type(node)](self, node)
        self.marks.append((begin, self._length, node))

    def write(self, text: str) -> None:
        """Writes a text as it is."""
        self._pieces.append(text)
        self._length += len(text)

    def inside(self, part: Any, kinds: tuple[type, ...]) -> None:
        """A part, in parentheses when it is of one of these kinds."""
        if isinstance(part, kinds):
            self.write("(")
            self.node(part)
            self.write(")")
        else:
            self.node(part)

    def joined(self, parts: tuple[Any, ...], word: str, kinds: tuple[type, ...]) -> None:
        """Parts with `and` or `or` between them."""
        for number, part in enumerate(parts):
            if number:
                self.write(word)
            self.inside(part, kinds)

    def prefixed(self, word: str, part: Any, kinds: tuple[type, ...]) -> None:
        """A word and the part that it is said of."""
        self.write(word)
        self.inside(part, kinds)

    def compare(self, node: tree.Compare) -> None:
        """`left comparator right`."""
        self.node(node.left)
        self.write(f" {node.comparator} ")
        self.node(node.right)

    def one_of(self, node: tree.OneOf) -> None:
        """`term in ("a", "b")`."""
        self.node(node.term)
        self.write(f" in ({', '.join(quote(one) for one in node.values)})")

    def unanswered(self, node: tree.Unanswered) -> None:
        """`unanswered(a, b by key, w, h)`."""
        self.write("unanswered(")
        self.node(node.asked)
        self.write(", ")
        self.node(node.answer)
        after, until = format_duration(node.after_ms), format_duration(node.until_ms)
        self.write(f" by {node.key}, {after}, {until})")

    def events(self, node: tree.Events, path: str = "") -> None:
        """An event type, a property of it, and a predicate."""
        self.write(node.event + path)
        if node.where is not None:
            self.write(" where ")
            self.node(node.where)

    def measure(self, function: str, node: Any, path: str = "") -> None:
        """`function(events, window)`; the events are marked with their property."""
        self.write(function + "(")
        begin = self._length
        self.events(node.events, path)
        self.marks.append((begin, self._length, node.events))
        self.write(format_window(node.window) + ")")

    def call(self, function: str, node: Any) -> None:
        """`function(node)`."""
        self.write(function + "(")
        self.node(node)
        self.write(")")

    def since(self, node: tree.Since) -> None:
        """`since(e)`, `since(first(e))`."""
        last = isinstance(node.instant, tree.Last)
        self.call("since", node.instant.events if last else node.instant)


_BINDING = (tree.And, tree.Or)
_WRITERS: dict[type, Callable[[Formatter, Any], None]] = {
    tree.And: lambda to, node: to.joined(node.parts, " and ", _BINDING),
    tree.Or: lambda to, node: to.joined(node.parts, " or ", (tree.Or,)),
    tree.Not: lambda to, node: to.prefixed("not ", node.part, _BINDING),
    tree.AnyItem: lambda to, node: to.prefixed("any ", node.predicate, (*_BINDING, tree.Not)),
    tree.Compare: Formatter.compare,
    tree.OneOf: Formatter.one_of,
    tree.Holds: lambda to, node: to.node(node.term),
    tree.HasTag: lambda to, node: to.write(f"{quote(node.tag)} in profile.tags"),
    tree.InSegment: lambda to, node: to.write(f"in segment({quote(node.segment_id)})"),
    tree.BirthdayWithin: lambda to, node: to.write(f"birthday within {node.days}d"),
    tree.AnniversaryWithin: lambda to, node: to.write(f"anniversary within {node.days}d"),
    tree.Unanswered: Formatter.unanswered,
    tree.Events: Formatter.events,
    tree.Count: lambda to, node: to.measure("count", node),
    tree.Distinct: lambda to, node: to.measure("distinct", node, "." + node.property),
    tree.Aggregate: lambda to, node: to.measure(node.function, node, "." + node.property),
    tree.First: lambda to, node: to.call("first", node.events),
    tree.Last: lambda to, node: to.call("last", node.events),
    tree.Since: Formatter.since,
    tree.Profile: lambda to, node: to.write(f"profile.{node.name}"),
    tree.Field: lambda to, node: to.write(f"field({quote(node.name)})"),
    tree.Property: lambda to, node: to.write(node.name),
    tree.Consent: lambda to, node: to.write(f"consent.{node.name.removeprefix(MARKETING)}"),
    tree.Number: lambda to, node: to.write(format_number(node.value)),
    tree.Text: lambda to, node: to.write(quote(node.value)),
    tree.Flag: lambda to, node: to.write("true" if node.value else "false"),
    tree.Span: lambda to, node: to.write(format_duration(node.duration_ms)),
}


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
