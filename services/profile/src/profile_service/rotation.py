"""How far the data keys of a tenant have been sealed anew under a version of its key. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final


class Holder(StrEnum):
    """What has data keys, in the order in which they are gone through."""

    CUSTOMERS = "customers"
    IDENTIFIERS = "identifiers"
    CONSENTS = "consents"


_ORDER: Final = tuple(Holder)


@dataclass(frozen=True, slots=True)
class Rotation:
    """One tenant's way to one version. pass_began_ms: since when everything is gone through anew.

    cursor is the customer up to whom the present holder is done, in the order of ids. found says
    that this pass met keys under other versions.
    """

    tenant_id: str
    version: int
    started_ms: int
    pass_began_ms: int
    holder: Holder = Holder.CUSTOMERS
    cursor: str = ""
    found: bool = False
    renewed: Mapping[Holder, int] = field(default_factory=dict)
    broken: int = 0
    completed_ms: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What one page came to. last is where the next begins; None at the holder's end."""

    renewed: int
    broken: int
    last: str | None


def begin(tenant_id: str, version: int, now_ms: int) -> Rotation:
    """A rotation at its start."""
    return Rotation(tenant_id, version, now_ms, now_ms)


def advance(rotation: Rotation, step: Step, now_ms: int, settled_ms: int) -> Rotation:
    """The rotation after a page.

    It is complete when a whole pass that began at settled_ms or later met no other version: by
    then no writer is left who had chosen a key before the version came into use.
    """
    count = rotation.renewed.get(rotation.holder, 0) + step.renewed
    after = replace(
        rotation,
        renewed={**rotation.renewed, rotation.holder: count},
        broken=rotation.broken + step.broken,
        found=rotation.found or step.renewed > 0,
    )
    if step.last is not None:
        return replace(after, cursor=step.last)
    position = _ORDER.index(rotation.holder) + 1
    if position < len(_ORDER):
        return replace(after, holder=_ORDER[position], cursor="")
    if not after.found and rotation.pass_began_ms >= settled_ms:
        return replace(after, completed_ms=now_ms)
    # A broken key is met again in the next pass: it is counted there.
    return replace(after, holder=_ORDER[0], cursor="", found=False, broken=0, pass_began_ms=now_ms)
