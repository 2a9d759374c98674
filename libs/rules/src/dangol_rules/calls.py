"""The calls of the rule language: measures, instants, since, unanswered and segment."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lark import Token

from dangol_rules import tree
from dangol_rules.error import MAX_NAME_LENGTH, RuleError, suggest
from dangol_rules.literals import UNITS_HINT, build_literal, build_span
from dangol_rules.types import (
    EVENT_NUMBERS,
    EVENT_TEXTS,
    ITEM_NUMBERS,
    ITEM_TEXTS,
)

Node = Any  # lark.Tree, whose children are untyped
Where = Callable[[Node], tree.Expression]

NAME = re.compile(r"[a-z][a-z0-9_]*")
SEGMENT_ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
OWN = "properties.<name> for a property of your own"
KEYS = ("session_id", "cart_id", "order_id", "item.product_id")


def fail(at: Node | Token, message: str, hint: str = "") -> RuleError:
    """The error at a node or token."""
    if isinstance(at, Token):
        return RuleError(at.line or 1, at.column or 1, message, hint)
    return RuleError(at.meta.line, at.meta.column, message, hint)


def arguments_of(node: Node) -> list[Node]:
    """The arguments of a call; lark leaves None where there are none."""
    return [argument for argument in node.children[2:] if argument is not None]


def check_name(token: Token) -> str:
    """A name in snake_case."""
    if not NAME.fullmatch(token):
        raise fail(token, f"{token[:MAX_NAME_LENGTH]} is not in snake_case", "use lower case")
    if len(token) > MAX_NAME_LENGTH:
        raise fail(token, f"a name of more than {MAX_NAME_LENGTH} characters", "shorten it")
    return str(token)


def build_event_path(path: Node, in_item: bool) -> str:
    """The name of a property inside a where clause."""
    name = ".".join(check_name(token) for token in path.children)
    known = (*ITEM_TEXTS, *ITEM_NUMBERS) if in_item else (*EVENT_TEXTS, *EVENT_NUMBERS)
    if name in known or (not in_item and is_own(name)):
        return name
    if not in_item and path.children[0] == "item":
        raise fail(path, f"{name} needs any before it", f'any {name} = "..."')
    otherwise = "items have " + ", ".join(known) if in_item else f"write {OWN}"
    short = [one.removeprefix("item.") for one in known]
    hint = suggest(name.removeprefix("item."), short, otherwise)
    raise fail(path, f"unknown property {name}", hint)


def is_own(name: str) -> bool:
    """Whether a property is one of the tenant's own."""
    return name.startswith("properties.") and name.count(".") == 1


def build_events(argument: Node, where: Where, with_property: bool) -> tuple[tree.Events, str]:
    """The events that an argument selects, and the property it takes of them ("" for none)."""
    if argument.data != "plain" or argument.children[0].data != "path":
        raise fail(argument, "an event type is missing", "for example count(purchase, 90d)")
    path, _, predicate, _, _ = argument.children
    event = check_name(path.children[0])
    name = ".".join(check_name(token) for token in path.children[1:])
    if name and not with_property:
        raise fail(path, f"{event} is counted as a whole", f"write {event} without .{name}")
    if with_property and not name:
        raise fail(path, "a property is missing", f"for example {event}.amount")
    return tree.Events(event, where(predicate) if predicate is not None else None), name


def build_window(argument: Node) -> tree.Window:
    """`90d` or `from 450d to 360d`."""
    if argument.data == "between":
        _, older_token, _, newer_token = argument.children
        older, newer = build_span(older_token), build_span(newer_token)
        if older.duration_ms <= newer.duration_ms:
            raise fail(argument, "the window ends before it begins", "from 450d to 360d")
        return tree.Window(older.duration_ms, newer.duration_ms)
    value = argument.children[0]
    if value.data != "literal" or value.children[0].type != "DURATION":
        raise fail(argument, "a window is a length of time", UNITS_HINT)
    span = build_span(value.children[0])
    if not span.duration_ms:
        raise fail(argument, "the window is empty", UNITS_HINT)
    return tree.Window(span.duration_ms)


def build_measure(node: Node, where: Where) -> tree.Measure:
    """count, distinct, sum, avg, min, max."""
    function = str(node.children[0])
    arguments = arguments_of(node)
    if not 1 <= len(arguments) <= 2:
        raise fail(node, f"{function} takes events and a window", f"{function}(... , 90d)")
    refuse_by(arguments)
    events, name = build_events(arguments[0], where, with_property=function != "count")
    window = build_window(arguments[1]) if len(arguments) == 2 else None
    if function == "count":
        return tree.Count(events, window)
    texts = function == "distinct"
    known = (*EVENT_TEXTS, *ITEM_TEXTS) if texts else (*EVENT_NUMBERS, *ITEM_NUMBERS)
    if name not in known and not is_own(name):
        kind = "texts" if texts else "numbers"
        hint = suggest(name, known, f"{kind} are {', '.join(known)}, or {OWN}")
        raise fail(arguments[0], f"{function} cannot use {name}", hint)
    if texts:
        return tree.Distinct(events, name, window)
    return tree.Aggregate(function, events, name, window)  # type: ignore[arg-type]


def build_instant(node: Node, where: Where) -> tree.First | tree.Last:
    """first(event) and last(event)."""
    function = str(node.children[0])
    arguments = arguments_of(node)
    if len(arguments) != 1:
        raise fail(node, f"{function} takes one event type", f"{function}(purchase)")
    refuse_by(arguments)
    events, _ = build_events(arguments[0], where, with_property=False)
    return tree.First(events) if function == "first" else tree.Last(events)


def build_since(node: Node, where: Where) -> tree.Since:
    """since(event), since(first(event)), since(last(event))."""
    arguments = arguments_of(node)
    if len(arguments) != 1:
        raise fail(node, "since takes one event type or instant", "since(login) >= 365d")
    refuse_by(arguments)
    inner = arguments[0].children[0] if arguments[0].data == "plain" else None
    if inner is None or inner.data != "call":
        return tree.Since(tree.Last(build_events(arguments[0], where, with_property=False)[0]))
    if inner.children[0] not in ("first", "last"):
        raise fail(inner, "since takes an event type, first(...) or last(...)")
    return tree.Since(build_instant(inner, where))


def build_unanswered(node: Node, where: Where) -> tree.Unanswered:
    """unanswered(asked, answer by key, after, until)."""
    arguments = arguments_of(node)
    example = "unanswered(cart_add, purchase by cart_id, 30m, 7d)"
    if len(arguments) != 4:
        raise fail(node, "unanswered takes two events and two lengths of time", example)
    refuse_by([arguments[0], *arguments[2:]])
    asked, _ = build_events(arguments[0], where, with_property=False)
    answer, _ = build_events(arguments[1], where, with_property=False)
    by = arguments[1].children[4]
    if by is None:
        raise fail(arguments[1], "by and a key are missing", example)
    key = ".".join(check_name(token) for token in by.children)
    if key not in KEYS and not is_own(key):
        raise fail(by, f"unknown key {key}", suggest(key, KEYS, f"{', '.join(KEYS)}, or {OWN}"))
    after, until = build_window(arguments[2]), build_window(arguments[3])
    if after.newer_ms or until.newer_ms or after.older_ms >= until.older_ms:
        raise fail(arguments[3], "the second length must exceed the first", example)
    return tree.Unanswered(asked, answer, key, after.older_ms, until.older_ms)


def build_segment(node: Node) -> tree.InSegment:
    """in segment("vip")."""
    name, arguments = node.children[0], arguments_of(node)
    if name != "segment":
        raise fail(node, "in needs segment(...) after it", 'in segment("vip")')
    value = arguments[0].children[0] if len(arguments) == 1 else None
    if value is None or value.data != "literal" or value.children[0].type != "STRING":
        raise fail(node, "segment takes an id in quotes", 'in segment("vip")')
    text = build_literal(value.children[0])
    if not isinstance(text, tree.Text) or not SEGMENT_ID.fullmatch(text.value):
        raise fail(value, "a segment id is lower case letters, digits and hyphens", "")
    return tree.InSegment(text.value)


def refuse_by(arguments: list[Node]) -> None:
    """Only the answer in unanswered has a key."""
    for argument in arguments:
        if argument.data == "plain" and argument.children[4] is not None:
            raise fail(argument, "by belongs to unanswered's second event", "leave it out")
