"""What a merged customer has where both had a value, attribute by attribute. Pure.

An attribute is named by its path: tier, tags, preferences.style, fields.size. A birth date is one
attribute, by whichever calendar it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from profile_service.domain import (
    Attributes,
    Customer,
    FieldKind,
    FieldValue,
    take_consents,
    valued,
    with_values,
)

NUMBER_LIMIT: Final = Decimal(10) ** 18
_SETS: Final = ("tags", "preferences")


class Survivor(StrEnum):
    """Whose value stays. DEFAULT is the member's, and the union for tags and preferences."""

    DEFAULT = "default"
    NEWEST = "newest"
    OLDEST = "oldest"
    MEMBER = "member"
    SUM = "sum"
    UNION = "union"


class Choice(StrEnum):
    """What is done with two values."""

    KEEP = "keep"
    TAKE = "take"
    SUM = "sum"
    UNION = "union"


Survivors = Mapping[str, Survivor]
NONE_DECLARED: Final[Survivors] = {}


@dataclass(frozen=True, slots=True)
class MergeEntry:
    """What the log keeps of a merge: paths of attributes, and no values."""

    tenant_id: str
    customer_id: str
    merged_into: str
    merged_ms: int
    taken: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    combined: tuple[str, ...] = ()


def choose(target: Customer, source: Customer, survivors: Survivors) -> dict[str, Choice]:
    """What is done with each attribute of which both have a value."""
    theirs = valued(source.attributes)
    return {
        path: _choice(path, target, source, survivors)
        for path in valued(target.attributes)
        if path in theirs
    }


def _choice(path: str, target: Customer, source: Customer, survivors: Survivors) -> Choice:
    base = path.partition(".")[0]
    rule = survivors.get(path) or survivors.get(base) or Survivor.DEFAULT
    if rule is Survivor.DEFAULT:
        return Choice.UNION if base in _SETS else Choice.KEEP
    if rule is Survivor.SUM:
        return Choice.SUM
    if rule is Survivor.UNION:
        return Choice.UNION
    if rule is Survivor.MEMBER:
        return Choice.TAKE if source.member and not target.member else Choice.KEEP
    ours, theirs = set_ms(target, path), set_ms(source, path)
    newer = theirs > ours if rule is Survivor.NEWEST else theirs < ours
    return Choice.TAKE if newer else Choice.KEEP


def set_ms(customer: Customer, path: str) -> int:
    """When an attribute got its value, by the tenant's clock."""
    return customer.stamps.get(path, customer.created_ms)


def survive(
    target: Attributes, source: Attributes, choices: Mapping[str, Choice] | None = None
) -> Attributes:
    """Attributes after a merge: what only one has, and of both what the choices say.

    Without a choice the target's value stays, and tags and preferences are united.
    """
    ours, theirs = valued(target), valued(source)
    result = {**theirs, **ours}
    for path in ours.keys() & theirs.keys():
        default = Choice.UNION if path.partition(".")[0] in _SETS else Choice.KEEP
        choice = (choices or {}).get(path, default)
        result[path] = _combine(choice, ours[path], theirs[path])
    return with_values(result)


def _combine(choice: Choice, ours: Any, theirs: Any) -> Any:
    if choice is Choice.TAKE:
        return theirs
    if choice is Choice.UNION and isinstance(ours, tuple):
        return tuple(dict.fromkeys((*ours, *theirs)))
    if choice is Choice.SUM and _both_numbers(ours, theirs):
        total = Decimal(str(ours.value)) + Decimal(str(theirs.value))
        if abs(total) < NUMBER_LIMIT:
            return FieldValue(FieldKind.NUMBER, f"{total:f}")
    return ours


def _both_numbers(ours: Any, theirs: Any) -> bool:
    return all(
        isinstance(one, FieldValue) and one.kind is FieldKind.NUMBER for one in (ours, theirs)
    )


def absorb(target: Customer, source: Customer, survivors: Survivors = NONE_DECLARED) -> Customer:
    """The target after taking over what the source has; the same when it already has.

    Attributes are taken over once. The earliest creation and the newest consents are whenever the
    source has come to hold others, which a merge into the source during its own merge brings about.
    """
    changed = replace(
        take_consents(target, source.consents),
        version=target.version,
        created_ms=min(target.created_ms, source.created_ms),
    )
    if source.customer_id not in target.absorbed:
        choices = choose(target, source, survivors)
        attributes = survive(target.attributes, source.attributes, choices)
        changed = replace(
            changed,
            member=target.member or source.member,
            attributes=attributes,
            stamps=_stamps(target, source, attributes, choices),
            absorbed=(*target.absorbed, source.customer_id),
        )
    return target if changed == target else replace(changed, version=target.version + 1)


def _stamps(
    target: Customer, source: Customer, merged: Attributes, choices: Mapping[str, Choice]
) -> dict[str, int]:
    """When each value that survived was set; of what is made of both, the later."""
    ours, theirs = valued(target.attributes), valued(source.attributes)
    stamps = {}
    for path in valued(merged):
        if path not in theirs:
            stamps[path] = set_ms(target, path)
        elif path not in ours or choices.get(path) is Choice.TAKE:
            stamps[path] = set_ms(source, path)
        elif choices.get(path) in (Choice.SUM, Choice.UNION):
            stamps[path] = max(set_ms(target, path), set_ms(source, path))
        else:
            stamps[path] = set_ms(target, path)
    return stamps


def entry(target: Customer, source: Customer, survivors: Survivors) -> MergeEntry:
    """What the log is to say of this merge."""
    ours, theirs = valued(target.attributes), valued(source.attributes)
    choices = choose(target, source, survivors)
    by_choice: dict[Choice, list[str]] = {one: [] for one in Choice}
    for path, choice in sorted(choices.items()):
        by_choice[choice].append(path)
    only_theirs = [path for path in theirs if path not in ours]
    return MergeEntry(
        target.tenant_id,
        source.customer_id,
        target.customer_id,
        source.merged_ms,
        taken=tuple(sorted((*by_choice[Choice.TAKE], *only_theirs))),
        kept=tuple(by_choice[Choice.KEEP]),
        combined=tuple(sorted((*by_choice[Choice.SUM], *by_choice[Choice.UNION]))),
    )
