"""What a query may cost: one pass over the document.

Fragments are measured once and remembered, so nested spreads cost what they weigh.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from dangol_service_kit.query_codes import QueryCode
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
)

from gateway_service.connections import FIRST_DEFAULT, FIRST_MAX
from gateway_service.refusals import refusal

DEPTH_MAX = 15
ALIASES_MAX = 30
TOKENS_MAX = 2_000
COST_MAX = 20_000
QUERY_BYTES_MAX = 64 * 1024

# Numbers beyond this are all alike: far too much.
_SATURATED = 10**9


class Measure(NamedTuple):
    """depth in fields, number of aliases, cost in values that may be answered, and whether the
    schema itself is asked for."""

    depth: int
    aliases: int
    cost: int
    introspects: bool = False


def measure(document: DocumentNode) -> list[tuple[OperationDefinitionNode, Measure]]:
    """What each operation of the document comes to."""
    meter = _Meter(document)
    return [
        (definition, meter.measure(definition.selection_set))
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]


def check(measures: list[tuple[OperationDefinitionNode, Measure]]) -> list[GraphQLError]:
    """Errors for what each operation asks beyond the limits."""
    return [
        refusal(
            QueryCode.TOO_COMPLEX,
            f"the query's {name} is {value}, and at most {limit} is allowed",
            operation,
        )
        for operation, found in measures
        for name, value, limit in (
            ("depth", found.depth, DEPTH_MAX),
            ("aliases", found.aliases, ALIASES_MAX),
            ("cost", found.cost, COST_MAX),
        )
        if value > limit
    ]


class _Meter:
    """Measures selection sets; each fragment once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}

    def measure(self, selection_set: SelectionSetNode | None) -> Measure:
        """What the set comes to. Fragments that spread themselves count once: they are refused
        by validation."""
        depth = aliases = cost = 0
        introspects = False
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                part = self._field(selection)
            elif isinstance(selection, FragmentSpreadNode):
                part = self._fragment(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                part = self.measure(selection.selection_set)
            else:
                continue
            depth = max(depth, part.depth)
            aliases = min(aliases + part.aliases, _SATURATED)
            cost = min(cost + part.cost, _SATURATED)
            introspects = introspects or part.introspects
        return Measure(depth, aliases, cost, introspects)

    def _field(self, field: FieldNode) -> Measure:
        alias = 1 if field.alias else 0
        if field.name.value.startswith("__"):
            # Introspection has its own rule for depth, and answers from memory.
            return Measure(1, alias, 1, field.name.value != "__typename")
        inner = self.measure(field.selection_set)
        own = _EFFORTS.get(field.name.value, 1)
        cost = min(own + inner.cost * _multiplier(field), _SATURATED)
        return Measure(inner.depth + 1, inner.aliases + alias, cost, inner.introspects)

    def _fragment(self, name: str) -> Measure:
        if name not in self._measured:
            self._measured[name] = Measure(0, 0, 0)
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._measured[name] = self.measure(fragment.selection_set)
        return self._measured[name]


# Lists that are not pages: how many items one of them may reasonably have.
_LISTS = {
    **{"segments": 20, "edges": 1, "nodes": 1, "items": 10, "entries": 20, "parts": 20},
    **{"starterSegments": 30, "installed": 30, "pairs": 66, "sample": 100, "sizes": 30},
    **{"figures": 20, "missed": 20, "dueTasks": 50, "actions": 20, "questions": 10, "options": 5},
}
# Fields that cost the services more than the values they answer.
_EFFORTS = {
    **{"previewSegment": 4_000, "segmentOverlap": 500, "overlap": 500},
    **{"explain": 20, "ruleTree": 20, "funnel": 50, "surveyFor": 20},
    # Everybody's purchases are read, and segments' members.
    **{"storeFigures": 2_000, "today": 3_000},
}
_SIZES_MAX = 731
_PAGES = frozenset(
    {
        *("customers", "timeline", "wallet", "gifts", "members", "offers", "campaigns"),
        *("enrolments", "consentLog", "stores", "surveys"),
    }
)


def _multiplier(field: FieldNode) -> int:
    for argument in field.arguments or ():
        if argument.name.value == "first":
            if isinstance(argument.value, IntValueNode):
                return max(1, min(int(argument.value.value), FIRST_MAX))
            return FIRST_MAX
        if argument.name.value == "firstDate" and field.name.value not in _EFFORTS:
            return _days(field)
    if field.name.value in _PAGES:
        return FIRST_DEFAULT
    return _LISTS.get(field.name.value, 1)


def _days(field: FieldNode) -> int:
    """How many days are asked for; as many as can be where the text does not tell."""
    dates = [
        argument.value.value
        for argument in field.arguments or ()
        if isinstance(argument.value, StringValueNode)
    ]
    try:
        first, last = sorted(map(dt.date.fromisoformat, dates))
    except ValueError:
        return _SIZES_MAX
    return min((last - first).days + 1, _SIZES_MAX)
