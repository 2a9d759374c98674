"""Who is shown a customer's personal attributes as they are (ADR 0072). Pure.

attribute            admin, service, herself   staff    marketer, partner
display_name         as it is                  masked   masked
note                 as it is                  as it is left out
birth_date and lunar_birth_date, postal_address, personal_fields
                     as they are               left out left out
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dangol.profile.v1 import customer_service_pb2 as pb

from profile_service.search import mask_name

NAME: Final = "display_name"
PERSONAL: Final = (
    NAME,
    "birth_date",
    "lunar_birth_date",
    "postal_address",
    "note",
    "personal_fields",
)
PROPERTIES: Final = "properties"
EVERYTHING: Final = "everything"
# By the names of roles in tokens. Every other is shown nothing as it is. What staff should know is
# written for them.
_PLAIN: Final[Mapping[str, frozenset[str]]] = {
    "admin": frozenset(PERSONAL),
    "service": frozenset(PERSONAL),
    "customer": frozenset(PERSONAL),
    "staff": frozenset({"note"}),
}
# Services tell people nothing that they do not account for (ListReveals); a customer's own record
# is her own.
_UNRECORDED: Final = frozenset({"service", "customer"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer with personal data in plain, as the log keeps it: who, whose, which, not what."""

    at_ms: int
    caller: str
    method: str
    customer_ids: tuple[str, ...]
    fields: tuple[str, ...]


def is_recorded(role: str) -> bool:
    """Whether what this role is shown is written down."""
    return role not in _UNRECORDED


def may_name(role: str) -> bool:
    """Whether a role reads names as they are, and so may write one that it read."""
    return NAME in _PLAIN.get(role, frozenset())


def held(message: pb.Customer) -> list[str]:
    """The personal attributes that a customer has."""
    return [name for name in PERSONAL if _has(message, name)]


def _has(message: pb.Customer, name: str) -> bool:
    if name == "lunar_birth_date":
        return message.HasField("lunar_birth_date")
    return bool(getattr(message, name))


def mask(message: pb.Customer, role: str) -> list[str]:
    """Takes away what a role is not shown, in place; the attributes that it is shown."""
    plain = _PLAIN.get(role, frozenset())
    known = held(message)
    for name in known:
        if name in plain:
            continue
        message.masked.append(name)
        if name == NAME:
            message.display_name = mask_name(message.display_name)
        else:
            message.ClearField(name)
    return [name for name in known if name in plain]
