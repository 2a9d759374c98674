"""Walking over a rule's tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def nodes(node: Any) -> Iterator[Any]:
    """The node and everything below it."""
    if isinstance(node, tuple):
        for part in node:
            yield from nodes(part)
    elif hasattr(node, "__struct_fields__"):
        yield node
        for name in node.__struct_fields__:
            yield from nodes(getattr(node, name))
