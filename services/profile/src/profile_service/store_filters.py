"""Filters as MongoDB queries over a customer's terms (`filters`).

A comparison with what does not exist is false, whatever the comparator, and `not` of it is true, as
the rule language has it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from bson.decimal128 import Decimal128
from dangol_rules import tree

from profile_service.filters import LIVE, flag

TERMS: Final = "terms"
# Made faster, and shorter, than a decimal.
_WHOLE_MAX: Final = 2**63 - 1
NUMBERS: Final = "numbers"
_OPERATORS: Final = {
    "=": "$eq",
    "!=": "$ne",
    "<": "$lt",
    "<=": "$lte",
    ">": "$gt",
    ">=": "$gte",
}
# Comes right behind the colon that ends a term's name.
_BEHIND: Final = ";"


def to_condition(tenant_id: str, rule: tree.Rule | None, tag: str = "") -> dict[str, Any]:
    """The customers of a tenant who were not merged away and satisfy the filter."""
    parts = [] if rule is None else [_query(rule)]
    if tag:
        parts.append({TERMS: f"tag:{tag}"})
    # Whoever has any term is live; without one, that has to be asked for.
    if not tag and (rule is None or not _finds_terms(rule)):
        parts.append({TERMS: LIVE})
    condition: dict[str, Any] = {"_id.t": tenant_id}
    if len(parts) == 1:
        return condition | parts[0]
    return condition | {"$and": parts}


def in_order(rule: tree.Rule | None, tag: str = "") -> bool:
    """Whether an index has those who satisfy a filter in order of id: all, or by a term."""
    return bool(tag) or rule is None or _in_order(rule)


def _in_order(rule: Any) -> bool:
    if isinstance(rule, tree.And):
        return any(_in_order(part) for part in rule.parts)
    if isinstance(rule, tree.Or):
        return all(_in_order(part) for part in rule.parts)
    if isinstance(rule, tree.Compare):
        return rule.comparator == "=" and not isinstance(rule.right, tree.Number)
    # What is not so is looked for among all.
    return True


def _finds_terms(rule: Any) -> bool:
    """Whether only those who have some term or number can satisfy it."""
    if isinstance(rule, tree.And):
        return any(_finds_terms(part) for part in rule.parts)
    if isinstance(rule, tree.Or):
        return all(_finds_terms(part) for part in rule.parts)
    return not isinstance(rule, tree.Not)


def _query(rule: Any) -> dict[str, Any]:
    return _QUERIES[type(rule)](rule)


def _compare(rule: tree.Compare) -> dict[str, Any]:
    name, right = getattr(rule.left, "name", ""), rule.right
    if isinstance(right, tree.Number):
        compared = {_OPERATORS[rule.comparator]: to_number(right.value)}
        return {NUMBERS: {"$elemMatch": {"k": name, "v": compared}}}
    is_flag = isinstance(right, tree.Flag)
    prefix = _prefix(rule.left, is_flag=is_flag)
    term = prefix + (flag(right.value) if isinstance(right, tree.Flag) else _text(right))
    if rule.comparator == "=":
        return {TERMS: term}
    between = {"$gte": prefix, "$lt": prefix[:-1] + _BEHIND}
    return {TERMS: {"$elemMatch": {**between, "$ne": term}}}


def _text(right: Any) -> str:
    return str(right.value)


def _one_of(rule: tree.OneOf) -> dict[str, Any]:
    prefix = _prefix(rule.term, is_flag=False)
    return {TERMS: {"$in": [f"{prefix}{value}" for value in rule.values]}}


def _holds(rule: tree.Holds) -> dict[str, Any]:
    if isinstance(rule.term, tree.Consent):
        return {TERMS: f"consent:{rule.term.name}"}
    return {TERMS: f"{_prefix(rule.term, is_flag=True)}true"}


def _prefix(term: Any, *, is_flag: bool) -> str:
    """What the terms of an attribute begin with, the colon included."""
    if isinstance(term, tree.Profile):
        return f"{term.name}:"
    return f"{'flag' if is_flag else 'text'}:{term.name}:"


_QUERIES: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {
    tree.And: lambda rule: {"$and": [_query(part) for part in rule.parts]},
    tree.Or: lambda rule: {"$or": [_query(part) for part in rule.parts]},
    tree.Not: lambda rule: {"$nor": [_query(rule.part)]},
    tree.Compare: _compare,
    tree.OneOf: _one_of,
    tree.Holds: _holds,
    tree.HasTag: lambda rule: {TERMS: f"tag:{rule.tag}"},
}


def to_number(value: Decimal) -> int | Decimal128:
    """As the database compares numbers, whole or not: exact up to 34 digits, more than any has."""
    if abs(value) <= _WHOLE_MAX and value == (whole := int(value)):
        return whole
    return Decimal128(value)
