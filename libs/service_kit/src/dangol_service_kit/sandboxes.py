"""Sandboxes by their ids: `shop--3` is the third sandbox of the tenant `shop`. Pure.

That a tenant is a sandbox, and whose, follows from its id alone, so that every process knows it
without asking: no other tenant may have two dashes in a row in its id (ADR 0064).
"""

from __future__ import annotations

import re
from typing import Final

SEPARATOR: Final = "--"
NUMBER_MAX: Final = 9999
# What is left of the 40 characters of a tenant's id for the tenant itself.
PARENT_LENGTH_MAX: Final = 34
# What a sandbox may ask for, beside what its tenant may.
QUOTA_SHARE: Final = 0.1

_SANDBOX: Final = re.compile(r"([a-z][a-z0-9-]*[a-z0-9])--([1-9][0-9]{0,3})")


def sandbox_id(parent_id: str, number: int) -> str:
    """The id of a tenant's sandbox. Raises ValueError for one that could not be an id."""
    if not 1 <= number <= NUMBER_MAX or len(parent_id) > PARENT_LENGTH_MAX:
        raise ValueError("there is no such sandbox")
    return f"{parent_id}{SEPARATOR}{number}"


def parent_of(tenant_id: str) -> str:
    """The tenant whose sandbox this is; empty for a tenant that is no sandbox."""
    found = _SANDBOX.fullmatch(tenant_id)
    return found[1] if found is not None and SEPARATOR not in found[1] else ""


def number_of(tenant_id: str) -> int:
    """Which sandbox of its tenant this is, from 1; 0 for a tenant that is no sandbox."""
    return int(tenant_id.rpartition(SEPARATOR)[2]) if parent_of(tenant_id) else 0


def is_sandbox(tenant_id: str) -> bool:
    """Whether a tenant is a sandbox."""
    return bool(parent_of(tenant_id))


def is_reserved(tenant_id: str) -> bool:
    """Whether an id may only be a sandbox's."""
    return SEPARATOR in tenant_id
