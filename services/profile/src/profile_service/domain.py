"""Who customers are and how they change. Pure: no I/O, no clock, no randomness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from profile_service.consents import Decision, newest

MEMBER: Final = "member"
CUSTOMER: Final = "customer"
# Stands where a merged customer names who took over. No id has such a form.
ERASED: Final = "!erased"
PURCHASE: Final = "purchase"
REQUESTS_KEPT_MAX: Final = 20

TEXT_FIELDS: Final = (
    *("display_name", "gender", "birth_date", "age_band", "tier", "region"),
    *("postal_address", "note"),
)
MAP_FIELDS: Final = ("fields", "personal_fields")
CHANGEABLE: Final = frozenset({*TEXT_FIELDS, "language", "tags", *MAP_FIELDS})


class FieldKind(StrEnum):
    """What a custom field or event property holds."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A custom field's value. Numbers are decimals in plain notation."""

    kind: FieldKind
    value: str | bool


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is known of a customer. Empty means unknown; birth_date is YYYY-MM-DD.

    Custom fields are what rules see; personal_fields are sealed. No name is in both.
    """

    display_name: str = ""
    gender: str = ""
    birth_date: str = ""
    age_band: str = ""
    tier: str = ""
    region: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    postal_address: str = ""
    note: str = ""
    personal_fields: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnsweredRequest:
    """A write that this customer has already seen: its keyed id and the hash of its content."""

    key: bytes
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer. Once merged_into names another, this one is a tombstone, since merged_ms of
    wall time.

    absorbed holds the ids of customers whose attributes this one has taken over. data_key is the
    customer's sealed key, opaque here; empty until something has to be sealed. consents holds the
    newest decision by purpose.channel; the log of consent has all of them.
    """

    tenant_id: str
    customer_id: str
    version: int
    created_ms: int
    member: bool
    attributes: Attributes = Attributes()
    merged_into: str = ""
    merged_ms: int = 0
    absorbed: tuple[str, ...] = ()
    requests: tuple[AnsweredRequest, ...] = ()
    data_key: bytes = b""
    consents: Mapping[str, Decision] = field(default_factory=dict)

    @property
    def erased(self) -> bool:
        """Whether this is what is left of somebody erased: to everybody else, nobody."""
        return self.merged_into == ERASED


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant and its clock; the clock's times are 0 under wall time.

    first_now_ms and first_horizon_ms are those that the tenant was created with.
    """

    tenant_id: str
    display_name: str
    time_zone: str
    currency_code: str
    language: str
    virtual: bool
    created_ms: int
    first_now_ms: int = 0
    first_horizon_ms: int = 0
    now_ms: int = 0
    horizon_ms: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the events say of a customer. Times are UTC milliseconds, None without such events.

    revenue is in minor units of the tenant's currency.
    """

    first_seen_ms: int | None = None
    last_seen_ms: int | None = None
    last_purchase_ms: int | None = None
    order_count: int = 0
    revenue_minor_units: int = 0


def evaluated_ms(occurred_ms: int, received_ms: int) -> int:
    """When an event counts: nothing happens after it was received."""
    return min(occurred_ms, received_ms)


def birthday(attributes: Attributes) -> str:
    """Month and day of the birth date as MM-DD; empty when unknown."""
    return attributes.birth_date[5:]


def same_tenant(one: Tenant, other: Tenant) -> bool:
    """Whether two creations ask for the same; time passing since the first does not matter."""
    return replace(one, created_ms=0, now_ms=0, horizon_ms=0) == replace(
        other, created_ms=0, now_ms=0, horizon_ms=0
    )


def birth_date_exists(text: str) -> bool:
    """Whether an ISO date is a day of the calendar; empty means unknown and is fine."""
    if not text:
        return True
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class UpdateOutcome(StrEnum):
    """What became of an update."""

    CHANGED = "changed"
    REPEATED = "repeated"
    VERSION_CONFLICT = "version_conflict"
    REQUEST_CONFLICT = "request_conflict"


@dataclass(frozen=True, slots=True)
class Update:
    """version is the one that was read; of changes only what paths name is taken."""

    version: int
    changes: Attributes
    paths: Sequence[str]
    request: AnsweredRequest


def decide_update(customer: Customer, update: Update) -> tuple[Customer, UpdateOutcome]:
    """The customer after an update, and its outcome; unchanged unless the outcome is CHANGED."""
    for answered in customer.requests:
        if answered.key == update.request.key:
            same = answered.fingerprint == update.request.fingerprint
            outcome = UpdateOutcome.REPEATED if same else UpdateOutcome.REQUEST_CONFLICT
            return customer, outcome
    if customer.version != update.version:
        return customer, UpdateOutcome.VERSION_CONFLICT
    changed = replace(
        customer,
        version=customer.version + 1,
        attributes=apply_mask(customer.attributes, update.changes, update.paths),
        requests=(*customer.requests, update.request)[-REQUESTS_KEPT_MAX:],
    )
    return changed, UpdateOutcome.CHANGED


def check_mask(paths: Iterable[str]) -> list[tuple[str, str]]:
    """(field path, what to do) for each path that an update may not name."""
    wrong = []
    for position, path in enumerate(paths):
        base, _, key = path.partition(".")
        if base not in CHANGEABLE or (key and base not in MAP_FIELDS):
            allowed = ", ".join([*sorted(CHANGEABLE), *(f"{one}.<key>" for one in MAP_FIELDS)])
            wrong.append((f"update_mask.paths[{position}]", f"name one of {allowed}"))
    return wrong


def apply_mask(current: Attributes, changes: Attributes, paths: Iterable[str]) -> Attributes:
    """The attributes with each named one taken from `changes`.

    fields.<key> and personal_fields.<key> set one custom field, or remove it when `changes` lacks
    it. What is personal leaves the other fields.
    """
    result = current
    for path in paths:
        base, _, key = path.partition(".")
        if not key:
            result = replace(result, **{base: getattr(changes, base)})
            continue
        before: Mapping[str, FieldValue] = getattr(result, base)
        given: Mapping[str, FieldValue] = getattr(changes, base)
        fields = {name: value for name, value in before.items() if name != key}
        if key in given:
            fields[key] = given[key]
        if base == "fields":
            result = replace(result, fields=fields)
        else:
            result = replace(result, personal_fields=fields)
    return _apart(result)


def _apart(attributes: Attributes) -> Attributes:
    """A name that is in both maps is personal: better unseen by a rule than seen by a thief."""
    personal = attributes.personal_fields
    if personal.keys().isdisjoint(attributes.fields):
        return attributes
    fields = {name: one for name, one in attributes.fields.items() if name not in personal}
    return replace(attributes, fields=fields)


def survive(target: Attributes, source: Attributes) -> Attributes:
    """Attributes after a merge: the target's where it has them, the source's otherwise."""
    missing = {
        name: getattr(source, name)
        for name in (*TEXT_FIELDS, "language")
        if not getattr(target, name)
    }
    tags = tuple(dict.fromkeys((*target.tags, *source.tags)))
    fields = {**source.fields, **target.fields}
    personal = {**source.personal_fields, **target.personal_fields}
    merged = replace(target, **missing, tags=tags, fields=fields, personal_fields=personal)
    return _apart(merged)


def absorb(target: Customer, source: Customer) -> Customer:
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
        changed = replace(
            changed,
            member=target.member or source.member,
            attributes=survive(target.attributes, source.attributes),
            absorbed=(*target.absorbed, source.customer_id),
        )
    return target if changed == target else replace(changed, version=target.version + 1)


def take_consents(customer: Customer, decisions: Mapping[str, Decision]) -> Customer:
    """The customer with the newest of both; the same when it already holds them."""
    consents = newest(customer.consents, decisions)
    if consents == customer.consents:
        return customer
    return replace(customer, version=customer.version + 1, consents=consents)


def entomb(source: Customer, target_id: str, now_ms: int) -> Customer:
    """The source as a tombstone that points to the target. Its attributes stay until absorbed."""
    return replace(source, version=source.version + 1, merged_into=target_id, merged_ms=now_ms)


def combine_facts(parts: Iterable[Facts]) -> Facts:
    """What the events of several identifiers come to together."""
    parts = list(parts)
    firsts = [one.first_seen_ms for one in parts if one.first_seen_ms is not None]
    lasts = [one.last_seen_ms for one in parts if one.last_seen_ms is not None]
    purchases = [one.last_purchase_ms for one in parts if one.last_purchase_ms is not None]
    return Facts(
        min(firsts, default=None),
        max(lasts, default=None),
        max(purchases, default=None),
        sum(one.order_count for one in parts),
        sum(one.revenue_minor_units for one in parts),
    )
