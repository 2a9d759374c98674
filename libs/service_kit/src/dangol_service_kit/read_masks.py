"""What of a message a reader asks for: read masks as AIP-157 has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from google.protobuf.message import Message

from dangol_service_kit.errors import Code, RpcFailure

M = TypeVar("M", bound=Message)


def read_mask(paths: Sequence[str], fields: Collection[str]) -> frozenset[str]:
    """The fields asked for, of a message that has `fields`; none is all.

    Raises RpcFailure FIELD_INVALID for what is no field.
    """
    for position, path in enumerate(paths):
        if path not in fields:
            field = f"read_mask.paths[{position}]"
            fix = f"name one of {', '.join(sorted(fields))}"
            raise RpcFailure(Code.FIELD_INVALID, f"{field}: {fix}", violations=[(field, fix)])
    return frozenset(paths)


def masked(found: Sequence[M], mask: frozenset[str], always: Collection[str]) -> Sequence[M]:
    """Each with nothing but what was asked for, and what always comes; the same objects."""
    if mask:
        for message in found:
            for field, _ in message.ListFields():
                if field.name not in mask and field.name not in always:
                    message.ClearField(field.name)
    return found
