"""Every outcome of docs/outcomes.md is met by a test, or stands here with the reason why not.

A test meets an outcome if it names it: by its constant in the contract, as a member of the
service's own enum, or as a string in a module that works with that part of the contract.
"""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path
from typing import NamedTuple

from tests.unit.offers.test_outcomes_page import FILES, contract

TESTS = Path(__file__).resolve().parents[2]
# What cannot be produced, and why it has a row all the same.
NEVER_PRODUCED = {
    ("EnrolmentOutcome", "REFUSED"): "a ledger of a later release may know outcomes that the "
    "enroller of this one does not; it records them as this one",
}
# What the service calls an enum of the contract, where the names differ.
OWN_NAMES = {"CouponVerdict": "Verdict"}
_ITSELF = {"test_outcomes_page.py", "test_outcomes_met.py"}


class Named(NamedTuple):
    """What one file of tests names. text: the file, for what it imports."""

    attributes: frozenset[str]
    members: frozenset[tuple[str, str]]
    strings: frozenset[str]
    text: str


@functools.cache
def _files() -> list[Named]:
    files = [path for path in sorted(TESTS.rglob("*.py")) if path.name not in _ITSELF]
    return [_named(path.read_text()) for path in files]


def _named(text: str) -> Named:
    nodes = list(ast.walk(ast.parse(text)))
    dotted = [node for node in nodes if isinstance(node, ast.Attribute)]
    texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return Named(
        frozenset(node.attr for node in dotted),
        frozenset((_last(node.value), node.attr) for node in dotted),
        frozenset(each for each in texts if isinstance(each, str)),
        text,
    )


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _meets(named: Named, enum: str, value: str, module: str) -> bool:
    constant = f"{re.sub('(?<!^)(?=[A-Z])', '_', enum).upper()}_{value}"
    own = OWN_NAMES.get(enum, enum)
    if constant in named.attributes | named.strings or (own, value) in named.members:
        return True
    works_with_it = any(name in named.text for name in (enum, constant[: -len(value)], module))
    return value in named.strings and works_with_it


def _unmet() -> set[tuple[str, str]]:
    modules = {
        enum.name: f"{Path(file.DESCRIPTOR.name).stem}_pb2"
        for file in FILES
        for enum in file.DESCRIPTOR.enum_types_by_name.values()
    }
    return {
        (enum, value)
        for enum, values in contract().items()
        for value in values
        if not any(_meets(named, enum, value, modules[enum]) for named in _files())
    }


def test_every_outcome_is_met_by_a_test_or_has_its_reason() -> None:
    """What is listed is unmet, and nothing else is."""
    assert set(NEVER_PRODUCED) == _unmet()


def test_an_outcome_that_nobody_names_is_found() -> None:
    """The check can fail: a value of another enum, or a bare word elsewhere, meets nothing."""
    other = _named('from dangol.offers.v1 import gift_service_pb2\nassert "NOT_FOUND"\n')
    assert _meets(other, "GiftOutcome", "NOT_FOUND", "gift_service_pb2")
    assert not _meets(other, "TaskOutcome", "NOT_FOUND", "task_service_pb2")
    assert not _meets(other, "GiftOutcome", "SELF_GIFT", "gift_service_pb2")
