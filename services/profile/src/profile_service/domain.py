"""Who customers are and how they change. Pure: no I/O, no clock, no randomness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from profile_service import birthdays
from profile_service.consents import Decision, newest

MEMBER: Final = "member"
CUSTOMER: Final = "customer"
# Stands where a merged customer names who took over. No id has such a form.
ERASED: Final = "!erased"
PURCHASE: Final = "purchase"
REQUESTS_KEPT_MAX: Final = 20

TEXT_FIELDS: Final = (
    *("display_name", "gender", "birth_date", "lunar_birth_date", "age_band", "tier", "region"),
    *("postal_address", "note"),
)
MAP_FIELDS: Final = ("fields", "personal_fields", "preferences")
# How many entries each map of an update may come to.
MAP_SIZES: Final = {"fields": 64, "personal_fields": 64, "preferences": 32}
CHANGEABLE: Final = frozenset({*TEXT_FIELDS, "language", "tags", *MAP_FIELDS})


BIRTH: Final = ("birth_date", "lunar_birth_date")


class BirthDate(NamedTuple):
    """A date of birth, by the solar and the lunar calendar."""

    solar: str
    lunar: str


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

    lunar_birth_date is as `birthdays` writes it; birth_date is then its solar date. Custom fields
    are what rules see; personal_fields are sealed. No name is in both.
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
    lunar_birth_date: str = ""
    preferences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
    newest decision by purpose.channel; the log of consent has all of them. stamps says when
    attributes were set, by path; those that are not named were there from the creation.
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
    stamps: Mapping[str, int] = field(default_factory=dict)

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
    """What rules get of the birth date; empty when unknown."""
    return birthdays.birthday(attributes.birth_date, attributes.lunar_birth_date)


def settle_birth(attributes: Attributes) -> Attributes:
    """With the solar date of birth that follows from a lunar one."""
    if not attributes.lunar_birth_date:
        return attributes
    return replace(attributes, birth_date=birthdays.solar(attributes.lunar_birth_date))


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
    NAME_IS_PERSONAL = "name_is_personal"
    TOO_MANY_FIELDS = "too_many_fields"


@dataclass(frozen=True, slots=True)
class Update:
    """version is the one that was read; of changes only what paths name is taken."""

    version: int
    changes: Attributes
    paths: Sequence[str]
    request: AnsweredRequest
    now_ms: int = 0


def decide_update(customer: Customer, update: Update) -> tuple[Customer, UpdateOutcome]:
    """The customer after an update, and its outcome; unchanged unless the outcome is CHANGED."""
    for answered in customer.requests:
        if answered.key == update.request.key:
            same = answered.fingerprint == update.request.fingerprint
            outcome = UpdateOutcome.REPEATED if same else UpdateOutcome.REQUEST_CONFLICT
            return customer, outcome
    if customer.version != update.version:
        return customer, UpdateOutcome.VERSION_CONFLICT
    if personal_names(customer.attributes, update.changes, update.paths):
        return customer, UpdateOutcome.NAME_IS_PERSONAL
    attributes = apply_mask(customer.attributes, update.changes, update.paths)
    if overfull(customer.attributes, attributes):
        return customer, UpdateOutcome.TOO_MANY_FIELDS
    changed = replace(
        customer,
        version=customer.version + 1,
        attributes=attributes,
        stamps=_stamped(customer, attributes, update.now_ms),
        requests=(*customer.requests, update.request)[-REQUESTS_KEPT_MAX:],
    )
    return changed, UpdateOutcome.CHANGED


def personal_names(current: Attributes, changes: Attributes, paths: Iterable[str]) -> list[str]:
    """Fields that the update sets although the customer has them as personal ones, and keeps."""
    named = set(paths)
    kept = apply_mask(current, changes, [one for one in named if one.startswith("personal_fields")])
    return sorted(
        name
        for name in changes.fields
        if ("fields" in named or f"fields.{name}" in named) and name in kept.personal_fields
    )


def overfull(before: Attributes, after: Attributes) -> str:
    """The map that an update makes larger than one may be; empty when it does not."""
    for name, most in MAP_SIZES.items():
        size = len(getattr(after, name))
        if size > most and size > len(getattr(before, name)):
            return name
    return ""


def _stamped(customer: Customer, after: Attributes, now_ms: int) -> dict[str, int]:
    before = valued(customer.attributes)
    stamps = {}
    for path, value in valued(after).items():
        if before.get(path) != value:
            stamps[path] = now_ms
        elif path in customer.stamps:
            stamps[path] = customer.stamps[path]
    return stamps


def valued(attributes: Attributes) -> dict[str, Any]:
    """What is known, by path: texts, tags, and the entries of maps. A birth date is one value."""
    found: dict[str, Any] = {
        name: text
        for name in (*TEXT_FIELDS, "language")
        if name not in BIRTH and (text := getattr(attributes, name))
    }
    if attributes.birth_date or attributes.lunar_birth_date:
        found["birth_date"] = BirthDate(attributes.birth_date, attributes.lunar_birth_date)
    if attributes.tags:
        found["tags"] = attributes.tags
    for base in MAP_FIELDS:
        found |= {f"{base}.{name}": one for name, one in getattr(attributes, base).items()}
    return found


def with_values(values: Mapping[str, Any]) -> Attributes:
    """The attributes that `valued` took apart."""
    whole: dict[str, Any] = {base: {} for base in MAP_FIELDS}
    for path, value in values.items():
        base, _, key = path.partition(".")
        if key:
            whole[base][key] = value
        elif isinstance(value, BirthDate):
            whole |= dict(zip(BIRTH, value, strict=True))
        else:
            whole[base] = value
    return _apart(Attributes(**whole))


def check_mask(paths: Sequence[str]) -> list[tuple[str, str]]:
    """(field path, what to do) for each path that an update may not name."""
    wrong = []
    for position, path in enumerate(paths):
        base, _, key = path.partition(".")
        if base not in CHANGEABLE or (key and base not in MAP_FIELDS):
            allowed = ", ".join([*sorted(CHANGEABLE), *(f"{one}.<key>" for one in MAP_FIELDS)])
            wrong.append((f"update_mask.paths[{position}]", f"name one of {allowed}"))
    if set(BIRTH) <= set(paths):
        wrong.append(("update_mask.paths", "name birth_date or lunar_birth_date, not both"))
    return wrong


def apply_mask(current: Attributes, changes: Attributes, paths: Iterable[str]) -> Attributes:
    """The attributes with each named one taken from `changes`.

    fields.<key>, personal_fields.<key> and preferences.<key> set one entry, or remove it when
    `changes` lacks it. What is personal leaves the other fields. A birth date by one calendar
    takes the place of the other's.
    """
    result = current
    paths = list(paths)
    for path in paths:
        base, _, key = path.partition(".")
        if not key:
            result = replace(result, **{base: getattr(changes, base)})
            continue
        before: Mapping[str, Any] = getattr(result, base)
        given: Mapping[str, Any] = getattr(changes, base)
        entries = {name: value for name, value in before.items() if name != key}
        if key in given:
            entries[key] = given[key]
        changed: dict[str, Any] = {base: entries}
        result = replace(result, **changed)
    if "lunar_birth_date" in paths:
        result = settle_birth(replace(result, birth_date=""))
    elif "birth_date" in paths:
        result = replace(result, lunar_birth_date="")
    return _apart(result)


def _apart(attributes: Attributes) -> Attributes:
    """A name that is in both maps is personal: better unseen by a rule than seen by a thief."""
    personal = attributes.personal_fields
    if personal.keys().isdisjoint(attributes.fields):
        return attributes
    fields = {name: one for name, one in attributes.fields.items() if name not in personal}
    return replace(attributes, fields=fields)


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
