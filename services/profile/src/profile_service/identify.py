"""What an identify request comes to: create, link, merge or refuse. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from profile_service.domain import CUSTOMER, MEMBER, Customer


class IdentifyOutcome(StrEnum):
    """What became of an identify request."""

    CREATED = "created"
    LINKED = "linked"
    MERGED = "merged"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do. link holds the hashes that no customer has yet; None targets are new."""

    outcome: IdentifyOutcome
    target: Customer | None = None
    sources: tuple[Customer, ...] = ()
    link: tuple[bytes, ...] = ()


def plan_identify(
    namespaces: Mapping[bytes, str],
    owners: Mapping[bytes, Customer],
    own_customer_id: str | None = None,
) -> Plan:
    """Decides over the identifiers asked for (hash -> namespace) and who owns them now.

    Two members are never merged, and a member identifier that nobody has is not given to a
    member who was only found through, say, a shared device: both are CONFLICT.
    The target of a merge is the member if there is one, else the customer created first, so
    that concurrent requests choose the same one. A conflict names own_customer_id if that is one of
    the owners, so that a customer who asks learns of nobody else.
    """
    customers = {owner.customer_id: owner for owner in owners.values()}
    link = tuple(identifier for identifier in namespaces if identifier not in owners)
    if not customers:
        return Plan(IdentifyOutcome.CREATED, link=link)
    ranked = sorted(
        customers.values(), key=lambda one: (not one.member, one.created_ms, one.customer_id)
    )
    target, sources = ranked[0], tuple(ranked[1:])
    if any(source.member for source in sources) or _borrows_member(namespaces, owners, link):
        return Plan(IdentifyOutcome.CONFLICT, customers.get(own_customer_id or "", target))
    if sources:
        return Plan(IdentifyOutcome.MERGED, target, sources, link)
    return Plan(IdentifyOutcome.LINKED if link else IdentifyOutcome.UNCHANGED, target, (), link)


def _borrows_member(
    namespaces: Mapping[bytes, str], owners: Mapping[bytes, Customer], link: tuple[bytes, ...]
) -> bool:
    """Whether an unowned member identifier meets a member whom nothing strong points to."""
    if not any(namespaces[identifier] == MEMBER for identifier in link):
        return False
    members = {owner.customer_id for owner in owners.values() if owner.member}
    named = {
        owner.customer_id
        for identifier, owner in owners.items()
        if namespaces[identifier] in (MEMBER, CUSTOMER)
    }
    return bool(members - named)


def primary_identifier(namespaces: Mapping[bytes, str]) -> bytes:
    """The identifier after which a new customer is named: a member identifier if there is one."""
    for identifier, namespace in namespaces.items():
        if namespace == MEMBER:
            return identifier
    return next(iter(namespaces))
