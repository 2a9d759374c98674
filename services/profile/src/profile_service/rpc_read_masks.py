"""What of a customer a reader asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

# What is not in the customer's own document.
_ELSEWHERE: Final = frozenset(
    {
        *("identifier_namespaces", "first_seen", "last_seen", "last_purchase"),
        *("order_count", "revenue"),
    }
)
_ALWAYS: Final = frozenset({"customer_id", "version"})
_FIELDS: Final = frozenset(pb.Customer.DESCRIPTOR.fields_by_name)


def read_mask(paths: Sequence[str]) -> frozenset[str]:
    """The fields asked for; none is all. Raises RpcFailure FIELD_INVALID for what is no field."""
    for position, path in enumerate(paths):
        if path not in _FIELDS:
            field = f"read_mask.paths[{position}]"
            fix = f"name one of {', '.join(sorted(_FIELDS))}"
            raise RpcFailure(Code.FIELD_INVALID, f"{field}: {fix}", violations=[(field, fix)])
    return frozenset(paths)


def needs_all(mask: frozenset[str]) -> bool:
    """Whether more has to be read than the customers' own documents."""
    return not mask or not mask.isdisjoint(_ELSEWHERE)


def masked(found: Sequence[pb.Customer], mask: frozenset[str]) -> Sequence[pb.Customer]:
    """Each with nothing but what was asked for, and who it is; the same objects."""
    if mask:
        passed = [name for name in _FIELDS if name not in mask and name not in _ALWAYS]
        for customer in found:
            for name in passed:
                customer.ClearField(name)
    return found
