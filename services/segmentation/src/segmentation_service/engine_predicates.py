"""Reading events: where clauses and properties as closures over protobuf attributes.

Amounts are integers in the currency's minor units, own numbers integers in billionths: no floats.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from dangol_rules import tree
from dangol_rules.types import EVENT_TEXTS, ITEM_TEXTS

Predicate = Callable[[Any], bool]
Reader = Callable[[Any], Any]
Readers = Callable[[Any], Sequence[Any]]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CHANNEL_NAMES = {1: "web", 2: "app", 3: "store", 4: "call"}
MONEY = ("amount", "item.amount", "item.unit_price")
OWN_UNIT = 10**9
LONGEST_KEY = 9


def unit_of(name: str, currency_exponent: int) -> int:
    """How many steps one whole of the property has: 100 for dollars, 1 for stars."""
    if name in MONEY:
        return int(10**currency_exponent)
    return OWN_UNIT if name.startswith("properties.") else 1


def scaled(value: Decimal, unit: int) -> int | Fraction:
    """A rule's number in steps of the unit; a fraction when it lies between two steps."""
    fraction = Fraction(value) * unit
    return fraction.numerator if fraction.denominator == 1 else fraction


def reader(name: str) -> Reader:
    """Reads a property of an event, or an item.<name> of an item; None when there is none."""
    if name.startswith("properties."):
        return own_reader(name.partition(".")[2])
    if name == "amount":
        return lambda event: event.amount.minor_units if event.HasField("amount") else None
    if name == "channel":
        return lambda event: CHANNEL_NAMES.get(event.channel)
    if name == "item.quantity":
        return operator.attrgetter("quantity")
    if name in MONEY:
        return operator.attrgetter(name.partition(".")[2] + "_minor_units")
    plain = operator.attrgetter(name.rpartition(".")[2])
    return lambda source: plain(source) or None


def own_reader(name: str) -> Reader:
    """Reads an own property: text, a number in billionths, or a flag."""

    def read(event: Any) -> Any:
        properties = event.properties
        if name not in properties:
            return None
        value = properties[name]
        kind = value.WhichOneof("kind")
        if kind == "number":
            return int(Decimal(value.number).scaleb(9))
        return getattr(value, kind) if kind else None

    return read


def literal_value(literal: Any, unit: int) -> Any:
    """A literal as readers give values."""
    return scaled(literal.value, unit) if isinstance(literal, tree.Number) else literal.value


def same_kind(value: Any, wanted: Any) -> bool:
    """Whether a value and a literal can be compared: texts, flags and numbers are apart."""
    if isinstance(wanted, str | bool):
        return type(value) is type(wanted)
    return isinstance(value, int) and not isinstance(value, bool)


def compile_predicate(rule: tree.Expression, currency_exponent: int) -> Predicate:
    """What a where clause says of an event, or the inside of `any` of an item."""
    if isinstance(rule, tree.And | tree.Or):
        parts = tuple(compile_predicate(part, currency_exponent) for part in rule.parts)
        combine = all if isinstance(rule, tree.And) else any
        return lambda source: combine(part(source) for part in parts)
    if isinstance(rule, tree.Not):
        inner = compile_predicate(rule.part, currency_exponent)
        return lambda source: not inner(source)
    if isinstance(rule, tree.AnyItem):
        of_item = compile_predicate(rule.predicate, currency_exponent)
        return lambda event: any(of_item(item) for item in event.items)
    return compile_comparison(rule, currency_exponent)


def compile_comparison(rule: Any, currency_exponent: int) -> Predicate:
    """A comparison of one property with a literal; false when the event lacks it."""
    if isinstance(rule, tree.Holds):
        read = reader(rule.term.name)
        return lambda source: read(source) is True
    if isinstance(rule, tree.OneOf):
        read, values = reader(rule.term.name), frozenset(rule.values)
        return lambda source: read(source) in values
    name = rule.left.name
    read, compare = reader(name), OPERATORS[rule.comparator]
    wanted = literal_value(rule.right, unit_of(name, currency_exponent))
    if name == "rating":
        return lambda source: source.rating != 0 and compare(source.rating, wanted)
    if not name.startswith("properties."):
        if name in EVENT_TEXTS or name in ITEM_TEXTS or name == "amount":
            return lambda source: (value := read(source)) is not None and compare(value, wanted)
        return lambda source: compare(read(source), wanted)
    return lambda source: same_kind(value := read(source), wanted) and compare(value, wanted)


def all_readers(name: str, keep: Callable[[Any], Any]) -> Readers:
    """Reads every value an event has of a property: one, or one an item."""
    read = reader(name)
    if name.startswith("item."):
        return lambda event: [
            value for item in event.items if (value := keep(read(item))) is not None
        ]

    def one(event: Any) -> Sequence[Any]:
        value = keep(read(event))
        return () if value is None else (value,)

    return one


def number_readers(name: str) -> Readers:
    """Reads the numbers of a property."""
    return all_readers(name, keep_number)


def text_readers(name: str) -> Readers:
    """Reads the texts of a property in the short form in which states keep them."""
    return all_readers(name, keep_hash if name.startswith("properties.") else keep_text)


def keep_number(value: Any) -> int | None:
    """The value if it is a number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def keep_text(value: Any) -> str | bytes | None:
    """The text; a long one as 8 bytes of its hash, which bounds a state's size."""
    if isinstance(value, str) and 0 < len(value) <= LONGEST_KEY:
        return value
    return keep_hash(value)


def keep_hash(value: Any) -> bytes | None:
    """8 bytes of the text's hash. Own properties are sealed in profile: no state shows them."""
    if not isinstance(value, str) or not value:
        return None
    return blake2b(value.encode(), digest_size=8).digest()
