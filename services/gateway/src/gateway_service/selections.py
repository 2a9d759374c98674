"""What a query selects beneath the field that is being answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

from gateway_service.context import AppInfo

Fragments = Mapping[str, FragmentDefinitionNode]


def selected(info: AppInfo, *path: str) -> frozenset[str]:
    """Names of the fields that are selected there, behind `path` where one is given.

    Fragments of every type and fields under a condition count: rather one too many.
    """
    raw = info._raw_info
    sets = [node.selection_set for node in raw.field_nodes]
    for name in path:
        fields = _fields(sets, raw.fragments)
        sets = [one.selection_set for one in fields if one.name.value == name]
    return frozenset(one.name.value for one in _fields(sets, raw.fragments))


def _fields(sets: Iterable[SelectionSetNode | None], fragments: Fragments) -> Iterator[FieldNode]:
    """Each fragment counts once, so one that is spread in many places costs no more."""
    waiting = [one for one in sets if one is not None]
    spread = set[str]()
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name not in spread:
                    spread.add(name)
                    waiting.append(fragments[name].selection_set)
