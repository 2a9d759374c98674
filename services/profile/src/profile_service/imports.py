"""What the rows of an imported batch come to, each as if it were sent alone, in order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

from profile_service.domain import CUSTOMER, MEMBER, Customer
from profile_service.identify import IdentifyOutcome, plan_identify, primary_identifier
from profile_service.judging import Rejection, RejectionCode

ROWS_MAX: Final = 1_000
NOBODY: Final = Rejection(
    RejectionCode.CUSTOMER_NOT_FOUND,
    "identifiers",
    "there is no such customer: send an id that Dangol answered, or other identifiers",
)


class Way(StrEnum):
    """How a row is carried out.

    SETTLED rows change nothing; NEW ones share no identifier with anybody and are written together;
    ALONE ones link or merge, or rest on an earlier row of the batch.
    """

    SETTLED = "settled"
    NEW = "new"
    ALONE = "alone"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RowPlan:
    """customer_id is set for SETTLED rows, if they are somebody's."""

    way: Way
    outcome: IdentifyOutcome
    customer_id: str = ""


class RowResult(NamedTuple):
    """What became of one row; rejection is set, and outcome None, when nothing did."""

    outcome: IdentifyOutcome | None
    customer_id: str = ""
    rejection: Rejection | None = None


class _Book:
    """Who owns which identifier, as the rows planned so far will have left it."""

    def __init__(self, owners: Mapping[bytes, Customer]) -> None:
        self._owners = dict(owners)
        self._held: dict[str, list[bytes]] = {}
        self._changed: set[str] = set()
        for identifier, owner in owners.items():
            self._held.setdefault(owner.customer_id, []).append(identifier)

    def owners(self, identifiers: Iterable[bytes]) -> dict[bytes, Customer]:
        return {one: self._owners[one] for one in identifiers if one in self._owners}

    def is_settled(self, customer: Customer) -> bool:
        """Whether the database already shows this customer as the plans have it."""
        return not customer.merged_into and customer.customer_id not in self._changed

    def give(
        self, identifiers: Iterable[bytes], target: Customer, sources: Sequence[Customer] = ()
    ) -> None:
        held = self._held.setdefault(target.customer_id, [])
        self._changed.add(target.customer_id)
        for source in sources:
            held += self._held.pop(source.customer_id, [])
            self._changed.add(source.customer_id)
        held += identifiers
        for one in held:
            self._owners[one] = target


def plan_rows(
    tenant_id: str,
    rows: Sequence[Mapping[bytes, str]],
    owners: Mapping[bytes, Customer],
    now_ms: int,
) -> list[RowPlan]:
    """Plans rows (hash -> namespace each) over who owns the identifiers now (hash -> customer).

    Later rows are planned over what the earlier ones will have done, so the outcomes are those of
    sending the rows one after the other.
    """
    book = _Book(owners)

    def fresh(position: int, is_member: bool) -> Customer:
        # No id of a customer has the form of these.
        return Customer(tenant_id, f"!{position}", 1, now_ms, is_member)

    return [_plan_row(row, partial(fresh, position), book) for position, row in enumerate(rows)]


def _plan_row(
    namespaces: Mapping[bytes, str], fresh: Callable[[bool], Customer], book: _Book
) -> RowPlan:
    owners = book.owners(namespaces)
    if any(name == CUSTOMER and one not in owners for one, name in namespaces.items()):
        return RowPlan(Way.REJECTED, IdentifyOutcome.CONFLICT)
    plan = plan_identify(namespaces, owners)
    if plan.target is None:
        is_member = namespaces[primary_identifier(namespaces)] == MEMBER
        book.give(namespaces, fresh(is_member))
        return RowPlan(Way.NEW, plan.outcome)
    settled = all(book.is_settled(one) for one in owners.values())
    if plan.outcome in (IdentifyOutcome.LINKED, IdentifyOutcome.MERGED):
        becomes_member = any(namespaces[one] == MEMBER for one in plan.link)
        target = replace(plan.target, member=plan.target.member or becomes_member)
        book.give(plan.link, target, plan.sources)
        return RowPlan(Way.ALONE, plan.outcome)
    if settled:
        return RowPlan(Way.SETTLED, plan.outcome, plan.target.customer_id)
    return RowPlan(Way.ALONE, plan.outcome)


def waves(rows: Sequence[tuple[int, frozenset[bytes]]]) -> list[list[int]]:
    """Positions of rows that may be carried out side by side, wave after wave, in order.

    What shares a name (an identifier, an owner's) with a row before it goes into a later wave.
    """
    ordered: list[list[int]] = []
    wave_of: dict[bytes, int] = {}
    for position, names in rows:
        wave = max((wave_of[name] + 1 for name in names if name in wave_of), default=0)
        wave_of.update(dict.fromkeys(names, wave))
        if wave == len(ordered):
            ordered.append([])
        ordered[wave].append(position)
    return ordered


_CODES: Final = tuple(IdentifyOutcome)


def to_codes(outcomes: Sequence[IdentifyOutcome | None]) -> bytes:
    """One byte a row: 0 for none, else one more than the outcome's place."""
    return bytes(0 if one is None else _CODES.index(one) + 1 for one in outcomes)


def from_codes(codes: bytes) -> list[IdentifyOutcome | None]:
    """The outcomes that `to_codes` wrote."""
    return [_CODES[code - 1] if code else None for code in codes]
