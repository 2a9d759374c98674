"""What of a customer a reader asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit import read_masks

from profile_service.disclosure import PERSONAL

# What is not in the customer's own document.
FIGURES: Final = frozenset(
    {
        *("identifier_namespaces", "first_seen", "last_seen", "last_purchase"),
        *("order_count", "revenue"),
    }
)
_ALWAYS: Final = frozenset({"customer_id", "version"})
EVERY_FIELD: Final = frozenset(pb.Customer.DESCRIPTOR.fields_by_name)


def read_mask(paths: Sequence[str]) -> frozenset[str]:
    """The fields asked for, with those that always come; none named is all.

    Raises RpcFailure FIELD_INVALID for what is no field.
    """
    asked = read_masks.read_mask(paths, EVERY_FIELD)
    return asked | _ALWAYS if asked else EVERY_FIELD


def wants_sealed(mask: frozenset[str]) -> bool:
    """Whether anything has to be opened for it."""
    return not mask.isdisjoint(PERSONAL)


def wants_figures(mask: frozenset[str]) -> bool:
    """Whether more has to be read than the customers' own documents."""
    return not mask.isdisjoint(FIGURES)


def leave_out(found: Sequence[pb.Customer], names: frozenset[str]) -> None:
    """Takes these fields from each, in place."""
    for name in names:
        for customer in found:
            customer.ClearField(name)
