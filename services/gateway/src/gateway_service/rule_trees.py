"""Rules as trees: the contract's messages as JSON that frontends can build, draw and send back.

The shape is that of dangol.segmentation.v1.RuleNode with short names: a message is an object, names
are in camelCase, enum values lose their prefix, and the parts of allOf and anyOf are plain lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NewType

import strawberry
from dangol.segmentation.v1 import rule_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from strawberry.types.scalar import ScalarDefinition

RuleTree = NewType("RuleTree", object)

# Deeper than any rule that segmentation takes.
_DEPTH_MAX = 64
_COMPARATOR = "RULE_COMPARATOR_"
_PARTS = pb.RuleParts.DESCRIPTOR
_TEXT = (FieldDescriptor.TYPE_STRING,)
_FLAG = (FieldDescriptor.TYPE_BOOL,)

_DESCRIPTION = """\
A rule as JSON, for programs that build or draw rules. docs/rules.md teaches the same as text.

Node, an object with one of: allOf, anyOf: [Node]; negation, anyItem: Node;
hasTag, inSegment: "name";
birthdayWithinDays, anniversaryWithinDays: 7; holds: Term;
comparison: {left: Term, comparator: "EQUAL" | "NOT_EQUAL" | "LESS" | "LESS_OR_EQUAL" |
"GREATER" | "GREATER_OR_EQUAL", right: Term};
oneOf: {term: Term, values: ["gold"]};
unanswered: {asked: Events, answer: Events, key: "cart_id", afterMs: 1800000, untilMs: 604800000}.

Term, an object with one of: number: "10.50"; text: "gold"; flag: true; durationMs: 86400000;
count, distinct, sum, average, minimum, maximum: Measure;
first, last, sinceFirst, sinceLast: Events;
profile: "tier"; field: "shoe_size"; property: "item.category"; consent: "email".

Measure: {events: Events, property: "amount", window: {olderMs: 7776000000, newerMs: 0}};
count has no property, and all time no window.
Events: {event: "purchase", where: Node}; where may be left out."""


def _parse(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError("write the rule as an object; its description tells the shape")
    return value


RULE_TREE_SCALAR: ScalarDefinition = strawberry.scalar(
    name="RuleTree", description=_DESCRIPTION, serialize=lambda tree: tree, parse_value=_parse
)


def to_tree(message: Message) -> dict[str, Any]:
    """A message as JSON; what is unset is left out."""
    tree: dict[str, Any] = {}
    for field, value in message.ListFields():
        tree[field.camelcase_name] = _to_json(field, value)
    return tree


def _to_json(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is _PARTS:
        return [to_tree(part) for part in value.parts]
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return to_tree(value)
    if field.type == FieldDescriptor.TYPE_ENUM:
        return pb.RuleComparator.Name(value).removeprefix(_COMPARATOR)
    return list(value) if field.is_repeated else value


def from_tree(tree: object) -> pb.RuleNode:
    """The message of a tree. Raises RpcFailure FIELD_INVALID with the path of what is wrong."""
    node = pb.RuleNode()
    _fill(node, tree, "ruleTree", 0)
    return node


def _fill(message: Message, value: object, path: str, depth: int) -> None:
    if depth > _DEPTH_MAX:
        raise _wrong("ruleTree", f"nest at most {_DEPTH_MAX} deep")
    if not isinstance(value, Mapping):
        raise _wrong(path, "write an object")
    fields = {field.camelcase_name: field for field in message.DESCRIPTOR.fields}
    for name, inner in value.items():
        field = fields.get(name)
        if field is None:
            raise _wrong(path, f"name one of {', '.join(sorted(fields))}")
        if inner is None:
            continue
        kind = field.containing_oneof
        if kind is not None and message.WhichOneof(kind.name):
            raise _wrong(path, "set exactly one")
        _set(message, field, inner, f"{path}.{name}", depth + 1)


def _set(message: Message, field: Any, value: Any, path: str, depth: int) -> None:
    held = getattr(message, field.name)
    if field.message_type is _PARTS:
        held.SetInParent()
        for number, part in enumerate(_list(value, path)):
            _fill(held.parts.add(), part, f"{path}[{number}]", depth + 1)
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        held.SetInParent()
        _fill(held, value, path, depth)
    elif field.is_repeated:
        held.extend(_scalar(field, one, f"{path}[{n}]") for n, one in enumerate(_list(value, path)))
    else:
        setattr(message, field.name, _scalar(field, value, path))


def _list(value: object, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(path, "write a list")
    return value


def _scalar(field: Any, value: Any, path: str) -> Any:
    if field.type in _TEXT:
        if not isinstance(value, str):
            raise _wrong(path, "write a text, numbers too")
        return value
    if field.type in _FLAG:
        if not isinstance(value, bool):
            raise _wrong(path, "write true or false")
        return value
    if field.type == FieldDescriptor.TYPE_ENUM:
        if f"{_COMPARATOR}{value}" not in pb.RuleComparator.keys():  # noqa: SIM118
            raise _wrong(path, "write EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER or so on")
        return pb.RuleComparator.Value(f"{_COMPARATOR}{value}")
    bits = 31 if field.type == FieldDescriptor.TYPE_INT32 else 63
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**bits:
        raise _wrong(path, "write a whole number, 0 or greater")
    return value


def _wrong(path: str, message: str) -> RpcFailure:
    return RpcFailure(Code.FIELD_INVALID, f"{path}: {message}", field=path)
